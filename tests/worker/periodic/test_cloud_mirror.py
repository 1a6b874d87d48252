"""The mirror in WeChat's cloud: documents are written once and removed with their rows."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.db.base import UNDO_PERIOD, now_utc
from core.db.cloud_mirror import MirrorEntry, count_documents
from core.db.moderation import CheckState
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.settings import Settings
from core.wechat.client import WeChat
from core.wechat.cloud_database import CloudDatabase
from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.conftest import WorkerStack
from tests.worker.periodic.conftest import delete_openids
from worker.periodic.cloud_mirror import MAX_FAILURES, CloudMirror

ADD = "/tcb/databaseadd"


@pytest.fixture
def worker_settings(worker_settings: Settings, wechat_services: FakeServices) -> Settings:
    changed = {**wechat_services.settings(), "moderation": "off", "wechat_cloud_env": CLOUD_ENV}
    return worker_settings.model_copy(update=changed)


@pytest.fixture
def mirror(stack: WorkerStack, wechat: WeChat) -> CloudMirror:
    return CloudMirror(
        database=stack.database,
        storage=stack.storage,
        wechat=wechat,
        cloud=CloudDatabase(wechat, environment=CLOUD_ENV, collection="stylizations"),
    )


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


# Writing documents


def test_a_finished_row_is_mirrored_with_its_thumbnail(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render(title="海边", brush="fine")

    mirror.sync_due()

    row, document = stack.row(row_id), documents(wechat_services)[row_id]
    with stack.database.reading() as session:
        thumb = session.get_one(Picture, row.thumb_picture_id)
    assert (document["title"], document["_openid"]) == ("海边", "o-li")
    assert (document["owner_id"], document["style_zh"]) == (row.owner_id, "尼西黑陶")
    assert document["brush"] == "fine"
    stored = stack.storage.read(thumb.storage_key)
    assert wechat_services.files == {document["thumb_file_id"]: stored}


def test_the_entry_is_written_in_the_transaction_that_finishes_the_row(
    stack: WorkerStack, render, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ConnectionError

    monkeypatch.setattr("worker.pipeline.schedule_mirroring", fail)
    row_id = stack.queue_row()

    with pytest.raises(ConnectionError):
        stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "running"


def test_no_entry_is_created_without_a_cloud(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    off = stack.settings.model_copy(update={"wechat_cloud_env": None})
    monkeypatch.setattr(stack.renderer, "_settings", off)
    row_id = stack.queue_row()

    stack.renderer.render_next_batch()

    assert entry_of(stack, row_id) is None


def test_a_document_without_an_openid_has_no_owner_in_the_cloud(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    delete_openids(stack)
    row_id = render()

    mirror.sync_due()

    assert "_openid" not in documents(wechat_services)[row_id]


@pytest.mark.parametrize(
    "title", ['"}]}).remove(); db.collection("x").where({}).remove() //', "\u2028", "a\\", "${x}`"]
)
def test_a_title_with_code_is_stored_as_text(
    render, mirror: CloudMirror, wechat_services: FakeServices, title: str
) -> None:
    row_id = render(title=title)

    mirror.sync_due()

    assert documents(wechat_services)[row_id]["title"] == title
    assert list(wechat_services.documents) == ["stylizations"]


def test_a_row_is_mirrored_once(render, mirror: CloudMirror, wechat_services: FakeServices) -> None:
    render()

    due_counts = [mirror.sync_due() for _ in range(3)]

    assert due_counts == [1, 0, 0]
    assert wechat_services.calls.count(ADD) == 1


def test_a_row_is_not_mirrored_before_its_check_has_passed(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    stack.change(row_id, lambda row: setattr(row, "check_state", CheckState.PENDING))
    mirror.sync_due()
    assert documents(wechat_services) == {}

    stack.change(row_id, lambda row: setattr(row, "check_state", CheckState.PASS))
    make_due(stack, row_id)
    mirror.sync_due()

    assert list(documents(wechat_services)) == [row_id]


# Failures


@pytest.mark.parametrize("failures", [(-1,), (0, "html"), (0, -1000), (85088,), (0, 40097)])
def test_a_failed_write_is_repeated_and_leaves_one_document(
    stack: WorkerStack,
    render,
    mirror: CloudMirror,
    wechat_services: FakeServices,
    failures: tuple[int | str, ...],
) -> None:
    row_id = render()
    wechat_services.fail_with(*failures)
    mirror.sync_due()
    entry = entry_of(stack, row_id)
    assert entry is not None
    assert entry.due_at is not None
    wechat_services.failures.clear()

    make_due(stack, row_id)
    mirror.sync_due()

    assert list(documents(wechat_services)) == [row_id]


def test_a_lost_response_leaves_one_document(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    wechat_services.fail_with(0, "lost")
    mirror.sync_due()
    assert list(documents(wechat_services)) == [row_id]

    make_due(stack, row_id)
    mirror.sync_due()

    entry = entry_of(stack, row_id)
    assert entry is not None
    assert (entry.due_at, entry.failures) == (None, 0)
    assert entry.sent_at is not None


def test_writing_is_abandoned_after_repeated_refusals(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    with stack.database.transaction() as session:
        session.get_one(MirrorEntry, row_id).failures = MAX_FAILURES - 1
    wechat_services.fail_with(85088)

    mirror.sync_due()

    entry = entry_of(stack, row_id)
    assert entry is not None
    assert entry.due_at is None
    assert "85088" in str(entry.last_error)


# Removing documents


def delete_row(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        session.delete(session.get_one(Stylization, row_id))


@pytest.mark.parametrize(
    "end",
    [
        lambda stack, row_id: stack.change(
            row_id, lambda row: setattr(row, "deleted_at", now_utc() - 2 * UNDO_PERIOD)
        ),
        lambda stack, row_id: stack.change(
            row_id, lambda row: setattr(row, "check_state", CheckState.RISKY)
        ),
        delete_row,
    ],
    ids=["deleted", "risky", "erased"],
)
def test_a_deleted_risky_or_erased_row_is_removed_from_the_cloud(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices, end
) -> None:
    row_id, other_id = render(), render()
    mirror.sync_due()
    end(stack, row_id)

    mirror.schedule_removals()
    mirror.sync_due()

    assert list(documents(wechat_services)) == [other_id]
    assert len(wechat_services.files) == 1
    assert entry_of(stack, row_id) is None


def test_a_deletion_that_can_be_undone_keeps_the_document(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.sync_due()
    stack.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))

    mirror.schedule_removals()
    mirror.sync_due()

    assert list(documents(wechat_services)) == [row_id]


def test_removing_is_never_abandoned(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.sync_due()
    delete_row(stack, row_id)
    mirror.schedule_removals()
    with stack.database.transaction() as session:
        session.get_one(MirrorEntry, row_id).failures = 10 * MAX_FAILURES
    wechat_services.fail_with(85088)
    mirror.sync_due()

    make_due(stack, row_id)
    mirror.sync_due()

    assert documents(wechat_services) == {}


def test_a_missing_file_does_not_block_the_removal(
    stack: WorkerStack, render, mirror: CloudMirror, wechat_services: FakeServices
) -> None:
    row_id = render()
    mirror.sync_due()
    wechat_services.files.clear()
    delete_row(stack, row_id)

    mirror.schedule_removals()
    mirror.sync_due()

    assert entry_of(stack, row_id) is None


# The cloud environment is unset later


def test_without_a_cloud_jobs_finish_and_earlier_documents_wait_for_their_removal(
    stack: WorkerStack,
    render,
    mirror: CloudMirror,
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent_id = render()
    mirror.sync_due()
    waiting_id = render()
    without_cloud = stack.settings.model_copy(update={"wechat_cloud_env": None})
    monkeypatch.setattr(stack.renderer, "_settings", without_cloud)

    later_id = render()
    delete_row(stack, sent_id)

    assert (stack.row(later_id).status, entry_of(stack, later_id)) == ("done", None)
    assert list(documents(wechat_services)) == [sent_id]
    with stack.database.reading() as session:
        assert count_documents(session) == 1
    mirror.schedule_removals()  # the cloud is set again
    mirror.sync_due()
    assert list(documents(wechat_services)) == [waiting_id]
    assert entry_of(stack, sent_id) is None
