"""Storage or database are away for a while: nothing fails for it, everything is tried again."""

import time

import pytest
from obstore.exceptions import GenericError
from sqlalchemy.exc import OperationalError

from core.storage import Storage
from tests.worker.conftest import Workshop
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
    workshop: Workshop, storage_away, verb: str
) -> None:
    row_id = workshop.queue_row()
    away = storage_away(verb)
    workshop.renderer.render_next_batch()
    assert workshop.row(row_id).status == "running"

    away.undo()
    workshop.change(row_id, expire_lease)
    workshop.reconciler.repair()
    workshop.renderer.render_next_batch()

    assert (workshop.row(row_id).status, workshop.row(row_id).attempts) == ("done", 2)


def test_a_style_is_left_to_its_lease_while_storage_is_away(
    workshop: Workshop, storage_away
) -> None:
    style_id = workshop.new_style()
    storage_away("read")

    workshop.renderer.prepare_next_style()

    assert workshop.style(style_id).status == "preparing"
    assert workshop.style(style_id).token is not None


def test_a_heart_misses_a_beat_and_goes_on(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise OperationalError("SELECT", {}, Exception("no answer"))

    with monkeypatch.context() as patch:
        patch.setattr(workshop.heartbeat, "send", fail)
        workshop.heartbeat.start()

    time.sleep(0.3)
    workshop.heartbeat.stop()

    assert "a heartbeat was missed" in caplog.text
    assert workshop.heartbeat._thread.is_alive() is False


def test_a_round_of_repairs_that_breaks_off_is_not_the_last(
    workshop: Workshop, storage_away, caplog: pytest.LogCaptureFixture
) -> None:
    workshop.queue_row()
    storage_away("remove")
    with workshop.database.transaction() as session:
        from core.db.base import UNDO_PERIOD, now_utc
        from tests.factories import make_picture

        make_picture(session, workshop.storage, deleted_at=now_utc() - 2 * UNDO_PERIOD)

    workshop.reconciler.start()
    time.sleep(0.5)
    workshop.reconciler.stop()

    assert "broke off" in caplog.text
    assert workshop.queue.count_pending() == 1
