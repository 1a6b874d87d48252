"""The settings decide which WeChat tasks a worker runs, and a failed call does not end a task."""

import threading
import time

import pytest
from sqlalchemy.exc import OperationalError

from core.wechat.client import WeChat, open_wechat
from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.conftest import WorkerStack
from worker.periodic.content_checks import ContentChecker
from worker.periodic.runner import running
from worker.periodic.wechat_tasks import wechat_tasks


@pytest.mark.parametrize(
    "error", [OperationalError("SELECT 1", {}, Exception("unreachable")), KeyError("unexpected")]
)
def test_a_task_continues_after_an_error(
    stack: WorkerStack,
    wechat_services: FakeServices,
    wechat: WeChat,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
) -> None:
    errors, has_continued = [error], threading.Event()

    def fail_once(_: ContentChecker) -> None:
        if errors:
            raise errors.pop()
        has_continued.set()

    monkeypatch.setattr(ContentChecker, "request_due", fail_once)
    changed = {**wechat_services.settings(), "heartbeat_seconds": 0.01}
    settings = stack.settings.model_copy(update=changed)

    with running(wechat_tasks(settings, stack.database, stack.storage, wechat)):
        assert has_continued.wait(5)


def test_without_a_mini_program_there_is_no_task(stack: WorkerStack) -> None:
    assert wechat_tasks(stack.settings, stack.database, stack.storage, None) == []


@pytest.mark.parametrize(
    ("changed", "names"),
    [
        ({"moderation": "off"}, []),
        ({"moderation": "wechat"}, ["content checks", "unmatched check results"]),
        (
            {"moderation": "off", "wechat_cloud_env": CLOUD_ENV},
            ["cloud mirror", "cloud mirror removals"],
        ),
    ],
)
def test_only_configured_tasks_run(
    stack: WorkerStack, wechat: WeChat, changed: dict[str, str], names: list[str]
) -> None:
    settings = stack.settings.model_copy(update=changed)

    tasks = wechat_tasks(settings, stack.database, stack.storage, wechat)

    assert [task.name for task in tasks] == names


def test_a_worker_runs_the_tasks_that_the_settings_enable(
    stack: WorkerStack, wechat_services: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = {**wechat_services.settings(), "moderation": "off", "wechat_cloud_env": CLOUD_ENV}
    settings = stack.settings.model_copy(update=changed)
    monkeypatch.setattr(stack.renderer, "_settings", settings)
    row_id = stack.queue_row()
    stack.renderer.render_next_batch()

    with (
        open_wechat(settings) as wechat,
        running(wechat_tasks(settings, stack.database, stack.storage, wechat)),
    ):
        deadline = time.monotonic() + 10
        while row_id not in wechat_services.documents.get("stylizations", {}):
            assert time.monotonic() < deadline
            time.sleep(0.02)

    assert wechat_services.checks == {}
