"""While the storage or the database is unreachable, rows do not fail and tasks are retried."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.exc import OperationalError

from core.db.base import UNDO_PERIOD, now_utc
from core.metrics import WorkerMetrics
from core.storage import Storage, StorageError
from tests.factories import make_picture
from tests.worker.conftest import WorkerStack, wait_until
from tests.worker.test_heartbeat import has_heartbeat
from tests.worker.test_pipeline import expire_lease
from worker.periodic.runner import running


@pytest.fixture
def break_storage(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], pytest.MonkeyPatch]:
    """Make one method of the storage fail until the test ends or `undo` is called."""

    def break_method(name: str) -> pytest.MonkeyPatch:
        def fail(*_: object) -> None:
            raise StorageError("the bucket is unreachable")

        monkeypatch.setattr(Storage, name, fail)
        return monkeypatch

    return break_method


@pytest.mark.parametrize("method", ["read", "put"])
def test_a_row_keeps_its_lease_while_the_storage_is_unreachable_and_is_then_tried_again(
    stack: WorkerStack, break_storage: Callable[[str], pytest.MonkeyPatch], method: str
) -> None:
    row_id = stack.queue_row()
    broken = break_storage(method)
    stack.renderer.render_next_batch()
    assert stack.row(row_id).status == "running"

    broken.undo()
    stack.change(row_id, expire_lease)
    stack.reconciler.repair()
    stack.renderer.render_next_batch()

    assert (stack.row(row_id).status, stack.row(row_id).attempts) == ("done", 2)


def test_a_style_keeps_its_lease_while_the_storage_is_unreachable(
    stack: WorkerStack, break_storage: Callable[[str], pytest.MonkeyPatch]
) -> None:
    style_id = stack.new_style()
    break_storage("read")

    stack.renderer.prepare_next_style()

    assert stack.style(style_id).status == "preparing"
    assert stack.style(style_id).token is not None


def test_heartbeats_continue_after_one_could_not_be_sent(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("unreachable"))

    task = stack.heartbeat._task
    with monkeypatch.context() as patch:
        patch.setattr(task, "_run", fail)
        task.run_once()
    with running([task]):
        wait_until(lambda: has_heartbeat(stack))

    assert "the periodic task heartbeat failed" in caplog.text
    assert task.is_running() is False


def test_reconciliation_and_retention_continue_after_an_outage(
    stack: WorkerStack,
    break_storage: Callable[[str], pytest.MonkeyPatch],
    caplog: pytest.LogCaptureFixture,
) -> None:
    stack.queue_row()
    with stack.database.transaction() as session:
        deleted = now_utc() - 2 * UNDO_PERIOD
        picture = make_picture(session, stack.storage, deleted_at=deleted)
    broken = break_storage("remove")
    metrics = WorkerMetrics()
    (retention,) = stack.retention.tasks()
    retention._interval_seconds = timedelta(seconds=0.1).total_seconds()

    with running([*stack.reconciler.tasks(), retention], metrics.task_failures):
        wait_until(lambda: "the periodic task retention failed" in caplog.text)
        broken.undo()
        wait_until(lambda: not stack.storage.exists(picture.storage_key))

    assert stack.queue.count_pending() == 1
