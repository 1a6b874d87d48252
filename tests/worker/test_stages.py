"""The stage and the expected duration that a worker writes to its rows."""

from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from core.db.base import now_utc
from core.db.stylizations import Stage
from tests.worker.conftest import WorkerStack
from worker.pace import MEASURED_BATCHES, Pace


@pytest.fixture
def stages(stack: WorkerStack, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[Stage | None]]:
    """The stages of all rows while the worker reads, paints and writes."""
    found: dict[str, set[Stage | None]] = {"read": set(), "paint": set(), "put": set()}
    read, put = stack.storage.read, stack.storage.put

    def all_stages() -> set[Stage | None]:
        return {stack.row(row_id).stage for row_id in row_ids}

    def watched_read(key: str) -> bytes:
        found["read"] |= all_stages()
        return read(key)

    def watched_put(key: str, data: bytes) -> None:
        found["put"] |= all_stages()
        put(key, data)

    row_ids = stack.queue_rows(2)
    monkeypatch.setattr(stack.storage, "read", watched_read)
    monkeypatch.setattr(stack.storage, "put", watched_put)
    stack.painter.before_forward = lambda _: found["paint"].update(all_stages())
    return found


def test_a_batch_is_loaded_painted_and_stored(
    stack: WorkerStack, stages: dict[str, set[Stage | None]]
) -> None:
    stack.renderer.render_next_batch()

    assert stages["read"] == {Stage.LOADING}
    assert stages["paint"] == {Stage.PAINTING}
    assert stages["put"] == {Stage.STORING, None}  # None: the first row is done already


def test_a_batch_needs_two_statements_for_its_stages(stack: WorkerStack) -> None:
    stack.queue_rows(8)
    statements: list[str] = []
    event.listen(
        stack.database.engine,
        "before_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )

    stack.renderer.render_next_batch()

    assert sum("SET running_stage=" in statement for statement in statements) == 2


def test_rows_that_are_rendered_alone_are_painted_until_their_own_result_is_stored(
    stack: WorkerStack, stages: dict[str, set[Stage | None]]
) -> None:
    def refuse_batches(pictures: Any) -> None:
        if len(pictures) > 1:
            raise ValueError("not together")

    stack.painter.before_forward = refuse_batches

    stack.renderer.render_next_batch()

    assert {Stage.STORING, Stage.PAINTING} <= stages["put"]


def test_the_stage_of_a_row_that_another_worker_has_claimed_is_not_changed(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    row_id = stack.queue_row()
    read = stack.storage.read

    def lose_the_claim(key: str) -> bytes:
        stack.change(row_id, lambda row: row.release(token=row.token or ""))
        stack.change(
            row_id, lambda row: row.claim(token="other", now=now_utc(), lease_until=now_utc())
        )
        return read(key)

    monkeypatch.setattr(stack.storage, "read", lose_the_claim)

    stack.renderer.render_next_batch()

    assert (stack.row(row_id).token, stack.row(row_id).stage) == ("other", Stage.LOADING)


def test_a_stage_that_cannot_be_written_does_not_stop_the_batch(stack: WorkerStack) -> None:
    def refuse(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "SET running_stage=" in statement:
            raise OperationalError(statement, {}, Exception("connection lost"))

    row_id = stack.queue_row()
    event.listen(stack.database.engine, "before_cursor_execute", refuse)

    stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "done"


def test_the_first_batch_has_no_expected_duration_and_the_next_has(stack: WorkerStack) -> None:
    expected: list[float | None] = []
    row_ids = [
        stack.queue_row(size=(96, 64)),
        stack.queue_row(size=(192, 128), brush="broad"),
    ]
    stack.painter.forward_seconds = 0.2
    stack.painter.before_forward = lambda _: expected.extend(
        row.expected_seconds for row in map(stack.row, row_ids) if row.status == "running"
    )

    stack.renderer.render_next_batch()
    stack.renderer.render_next_batch()

    assert expected[0] is None
    assert expected[1] is not None
    # The second photo has four times as many pixels, of which the fake renders 1.6 times as many.
    assert expected[1] >= 4 * 1.6 * 0.2


def test_the_pace_is_the_duration_of_the_last_batches_by_their_pixels() -> None:
    pace = Pace()
    assert pace.expected_seconds(1000) is None

    pace.record(1000, 1.0)
    pace.record(9000, 4.0)
    assert pace.expected_seconds(20_000) == 10

    for _ in range(MEASURED_BATCHES):
        pace.record(1000, 2.0)
    assert pace.expected_seconds(1000) == 2
