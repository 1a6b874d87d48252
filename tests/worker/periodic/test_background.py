"""The thread of errands goes on whatever WeChat answers, and there is none where none is needed."""

import threading
import time
from typing import Any, cast

import pytest
from sqlalchemy.exc import OperationalError

from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.conftest import Account, WorkerStack
from worker.periodic.background import Errands, open_errands


class Checker:
    """Breaks once, then counts its rounds."""

    def __init__(self, error: Exception) -> None:
        self.rounds = 0
        self._error: Exception | None = error
        self.has_gone_on = threading.Event()

    def ask_due(self) -> None:
        self.rounds += 1
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        self.has_gone_on.set()

    def forget(self) -> None:
        pass


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT 1", {}, Exception("away")), KeyError("unforeseen")]
)
def test_a_round_that_breaks_off_is_not_the_last(error: Exception) -> None:
    checker = Checker(error)
    errands = Errands(checker=cast("Any", checker), mirror=None, seconds=0.01)

    errands.start()
    has_gone_on = checker.has_gone_on.wait(5)
    errands.stop()

    assert has_gone_on


def test_where_nothing_is_set_up_there_is_no_thread(stack: WorkerStack) -> None:
    errands = open_errands(stack.settings, stack.database, stack.storage, None)
    before = threading.active_count()

    errands.start()
    after = threading.active_count()
    errands.stop()

    assert after == before


def test_a_worker_runs_the_errands_that_the_settings_ask_for(
    stack: WorkerStack, wechat_services: FakeServices, account: Account
) -> None:
    changed = {**wechat_services.settings(), "moderation": "off", "wechat_cloud_env": CLOUD_ENV}
    settings = stack.settings.model_copy(update=changed)
    stack.renderer._settings = settings
    row_id = stack.queue_row()
    stack.renderer.render_next_batch()
    errands = open_errands(settings, stack.database, stack.storage, account)

    errands.start()
    give_up = time.monotonic() + 10
    while row_id not in wechat_services.documents.get("stylizations", {}):
        assert time.monotonic() < give_up
        time.sleep(0.02)
    errands.stop()

    assert wechat_services.asked == {}
