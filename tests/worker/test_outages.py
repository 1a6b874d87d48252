"""Storage or database are away for a while: nothing fails for it, everything is tried again."""

import time

import pytest
from obstore.exceptions import GenericError
from sqlalchemy.exc import OperationalError

from core.storage import Storage
from tests.worker.conftest import WorkerStack
from tests.worker.test_pipeline import expire_lease


@pytest.fixture
def storage_away(monkeypatch: pytest.MonkeyPatch):
    """Makes one verb of the storage fail until the test ends or `back` is called."""

    def take_away(verb: str) -> pytest.MonkeyPatch:
        def fail(*_: object) -> None:
            raise GenericError("the bucket does not answer")

        monkeypatch.setattr(Storage, verb, fail)
        return monkeypatch

    return take_away


@pytest.mark.parametrize("verb", ["read", "put"])
def test_a_row_is_left_to_its_lease_while_storage_is_away(
    stack: WorkerStack, storage_away, verb: str
) -> None:
    row_id = stack.queue_row()
    away = storage_away(verb)
    stack.renderer.render_next_batch()
    assert stack.row(row_id).status == "running"

    away.undo()
    stack.change(row_id, expire_lease)
    stack.reconciler.repair()
    stack.renderer.render_next_batch()

    assert (stack.row(row_id).status, stack.row(row_id).attempts) == ("done", 2)


def test_a_style_is_left_to_its_lease_while_storage_is_away(
    stack: WorkerStack, storage_away
) -> None:
    style_id = stack.new_style()
    storage_away("read")

    stack.renderer.prepare_next_style()

    assert stack.style(style_id).status == "preparing"
    assert stack.style(style_id).token is not None


def test_a_heart_misses_a_beat_and_goes_on(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("no answer"))

    with monkeypatch.context() as patch:
        patch.setattr(stack.heartbeat, "send", fail)
        stack.heartbeat.start()

    time.sleep(0.3)
    stack.heartbeat.stop()

    assert "a heartbeat was missed" in caplog.text
    assert stack.heartbeat._thread.is_alive() is False


def test_a_round_of_repairs_that_breaks_off_is_not_the_last(
    stack: WorkerStack, storage_away, caplog: pytest.LogCaptureFixture
) -> None:
    stack.queue_row()
    storage_away("remove")
    with stack.database.transaction() as session:
        from core.db.base import UNDO_PERIOD, now_utc
        from tests.factories import make_picture

        make_picture(session, stack.storage, deleted_at=now_utc() - 2 * UNDO_PERIOD)

    stack.reconciler.start()
    time.sleep(0.5)
    stack.reconciler.stop()

    assert "broke off" in caplog.text
    assert stack.queue.count_pending() == 1
