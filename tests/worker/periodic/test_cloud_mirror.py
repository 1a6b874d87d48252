"""The mirror in WeChat's cloud: written once whatever fails, taken out with what it mirrors."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from core.db.base import UNDO_PERIOD, now_utc
from core.db.cloud_mirror import MirrorEntry
from core.db.moderation import CheckState
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.settings import Settings
from core.wechat.worker_client import WeChatCalls
from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.conftest import Account, WorkerStack
from worker.periodic.cloud_mirror import MOST_FAILURES, CloudMirror

ADD = "/tcb/databaseadd"


@pytest.fixture
def worker_settings(worker_settings: Settings, wechat_services: FakeServices) -> Settings:
    changed = {**wechat_services.settings(), "moderation": "off", "wechat_cloud_env": CLOUD_ENV}
    return worker_settings.model_copy(update=changed)


@pytest.fixture
def mirror(stack: WorkerStack, account: Account) -> Iterator[CloudMirror]:
    calls = WeChatCalls(account, stack.settings)
    yield CloudMirror(
        database=stack.database,
        storage=stack.storage,
        account=account,
        calls=calls,
        settings=stack.settings,
    )
    calls.close()


@pytest.fixture
def render(stack: WorkerStack) -> Callable[..., str]:
    def render_one(**given: object) -> str:
        row_id = stack.queue_row(**given)
        stack.renderer.render_next_batch()
        return row_id

    return render_one


def entry_of(stack: WorkerStack, row_id: str) -> MirrorEntry | None:
    with stack.database.reading() as session:
        return session.get(MirrorEntry, row_id)


def make_due(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        session.get_one(MirrorEntry, row_id).due_at = now_utc() - timedelta(seconds=1)


def documents(fake: FakeServices) -> dict[str, dict]:
    return fake.documents.get("stylizations", {})


# Writing


def test_a_work_that_is_done_is_mirrored_with_its_thumbnail(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render(title="海边")

    mirror.send_due()

    row, document = stack.row(row_id), documents(wechat_services)[row_id]
    with stack.database.reading() as session:
        thumb = session.get_one(Picture, row.thumb_picture_id)
    assert (document["title"], document["_openid"]) == ("海边", "o-li")
    assert (document["owner_id"], document["style_zh"]) == (row.owner_id, "尼西黑陶")
    stored = stack.storage.read(thumb.storage_key)
    assert wechat_services.files == {document["thumb_file_id"]: stored}


def test_the_entry_is_written_in_the_transaction_that_finishes_the_row(
    stack: WorkerStack, render, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_off(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("worker.pipeline.schedule_mirroring", break_off)
    row_id = stack.queue_row()

    with pytest.raises(ConnectionError):
        stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "running"


def test_without_a_cloud_nothing_is_noted(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = stack.settings.model_copy(update={"wechat_cloud_env": None})
    monkeypatch.setattr(stack.renderer, "_settings", off)
    row_id = stack.queue_row()

    stack.renderer.render_next_batch()

    assert entry_of(stack, row_id) is None


def test_a_work_without_an_openid_is_nobodys_in_the_cloud(
    render, mirror: CloudMirror, wechat_services: FakeServices, account: Account
) -> None:
    account.openid = None
    row_id = render()

    mirror.send_due()

    assert "_openid" not in documents(wechat_services)[row_id]


@pytest.mark.parametrize(
    "title", ['"}]}).remove(); db.collection("x").where({}).remove() //', "\u2028", "a\\", "${x}`"]
)
def test_a_hostile_title_reaches_the_cloud_as_a_title(
    render, mirror: CloudMirror, wechat_services: FakeServices, title: str
) -> None:
    row_id = render(title=title)

    mirror.send_due()

    assert documents(wechat_services)[row_id]["title"] == title
    assert list(wechat_services.documents) == ["stylizations"]


def test_a_work_is_mirrored_once(
    render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    render()

    looked_at = [mirror.send_due() for _ in range(3)]

    assert looked_at == [1, 0, 0]
    assert wechat_services.calls.count(ADD) == 1


def test_a_work_waits_until_its_check_has_passed(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    stack.change(row_id, lambda row: setattr(row, "check_state", CheckState.PENDING))
    mirror.send_due()
    assert documents(wechat_services) == {}

    stack.change(row_id, lambda row: setattr(row, "check_state", CheckState.PASS))
    make_due(stack, row_id)
    mirror.send_due()

    assert list(documents(wechat_services)) == [row_id]


# When it fails


@pytest.mark.parametrize("failures", [(-1,), (0, "html"), (0, -1000), (85088,), (0, 40097)])
def test_what_fails_is_tried_again_and_written_once(
    stack: WorkerStack,
    render,
    mirror: CloudMirror,
    wechat_services: FakeServices,
    failures: tuple[int | str, ...],
) -> None:
    row_id = render()
    wechat_services.fail_with(*failures)
    mirror.send_due()
    entry = entry_of(stack, row_id)
    assert entry is not None
    assert entry.due_at is not None
    wechat_services.failures.clear()

    make_due(stack, row_id)
    mirror.send_due()

    assert list(documents(wechat_services)) == [row_id]


def test_an_answer_that_was_lost_leaves_one_document(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    wechat_services.fail_with(0, "lost")
    mirror.send_due()
    assert list(documents(wechat_services)) == [row_id]

    make_due(stack, row_id)
    mirror.send_due()

    entry = entry_of(stack, row_id)
    assert entry is not None
    assert (entry.due_at, entry.failures) == (None, 0)
    assert entry.sent_at is not None


def test_a_cloud_that_refuses_for_days_is_given_up(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    with stack.database.transaction() as session:
        session.get_one(MirrorEntry, row_id).failures = MOST_FAILURES - 1
    wechat_services.fail_with(85088)

    mirror.send_due()

    entry = entry_of(stack, row_id)
    assert entry is not None
    assert entry.due_at is None
    assert "85088" in str(entry.last_error)


# Taking out


def delete_row(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        session.delete(session.get_one(Stylization, row_id))


@pytest.mark.parametrize(
    "end",
    [
        lambda shop, row_id: shop.change(
            row_id, lambda row: setattr(row, "deleted_at", now_utc() - 2 * UNDO_PERIOD)
        ),
        lambda shop, row_id: shop.change(
            row_id, lambda row: setattr(row, "check_state", CheckState.RISKY)
        ),
        delete_row,
    ],
    ids=["deleted", "risky", "erased"],
)
def test_what_is_gone_here_is_taken_out_there(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices, end
) -> None:
    row_id, other_id = render(), render()
    mirror.send_due()
    end(stack, row_id)

    mirror.find_gone()
    mirror.send_due()

    assert list(documents(wechat_services)) == [other_id]
    assert len(wechat_services.files) == 1
    assert entry_of(stack, row_id) is None


def test_a_deletion_that_can_be_undone_leaves_the_document(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.send_due()
    stack.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))

    mirror.find_gone()
    mirror.send_due()

    assert list(documents(wechat_services)) == [row_id]


def test_taking_out_is_tried_for_ever(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.send_due()
    delete_row(stack, row_id)
    mirror.find_gone()
    with stack.database.transaction() as session:
        session.get_one(MirrorEntry, row_id).failures = 10 * MOST_FAILURES
    wechat_services.fail_with(85088)
    mirror.send_due()

    make_due(stack, row_id)
    mirror.send_due()

    assert documents(wechat_services) == {}


def test_a_file_that_is_gone_already_holds_nothing_up(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.send_due()
    wechat_services.files.clear()
    delete_row(stack, row_id)

    mirror.find_gone()
    mirror.send_due()

    assert entry_of(stack, row_id) is None
