"""Copies finished stylizations to WeChat's cloud database and removes them when they are deleted.

No user waits for the mirror. Several workers can run it: an entry is leased for a minute before it
is processed. The id of a document is the id of its stylization, so a repeated write leaves one
document.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, or_, select

from core.db.base import UNDO_PERIOD, now_utc
from core.db.cloud_mirror import MirrorEntry
from core.db.engine import Database
from core.db.moderation import CheckState
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.moderation import effective_check_state
from core.storage import Storage, StorageError
from core.wechat.client import WeChat
from core.wechat.cloud_database import CloudDatabase
from core.wechat.cloud_queries import Value
from core.wechat.errors import WeChatRefused, WeChatUnavailable
from core.wechat.openids import find_openid

log = logging.getLogger(__name__)

BATCH_SIZE: Final = 20
REMOVAL_BATCH_SIZE: Final = 200
LEASE: Final = timedelta(minutes=1)
PENDING_CHECK_RETRY: Final = timedelta(minutes=1)
FIRST_RETRY: Final = timedelta(seconds=30)
MAX_RETRY: Final = timedelta(hours=6)
MAX_FAILURES: Final = 20  # 30 s, 1 min … 4.3 h, then every 6 h: 2.6 days in total


@dataclass(frozen=True)
class MirrorTask:
    """A leased entry: its row is to be written, or to be removed if `row` is None."""

    entry: MirrorEntry
    row: Stylization | None
    thumb: Picture | None


class CloudMirror:
    """Processes the entries that are due, one after the other."""

    def __init__(
        self, *, database: Database, storage: Storage, wechat: WeChat, cloud: CloudDatabase
    ) -> None:
        self._database = database
        self._storage = storage
        self._wechat = wechat
        self._cloud = cloud

    def sync_due(self) -> int:
        """Write and remove what is due. Returns the number of due entries in this batch."""
        due = select(MirrorEntry.stylization_id).where(MirrorEntry.due_at <= now_utc())
        with self._database.reading() as session:
            ids = session.scalars(due.order_by(MirrorEntry.due_at).limit(BATCH_SIZE)).all()
        for stylization_id in ids:
            task = self._lease(stylization_id)
            if task is not None:
                self._run(task)
        return len(ids)

    def schedule_removals(self) -> int:
        """Schedule the removal of stylizations that were deleted, erased or found risky.

        Returns the number of scheduled removals.
        """
        now = now_utc()
        to_remove = (
            select(MirrorEntry)
            .outerjoin(Stylization, Stylization.id == MirrorEntry.stylization_id)
            .where(MirrorEntry.due_at.is_(None), _must_be_removed_sql(now))
            .limit(REMOVAL_BATCH_SIZE)
            .with_for_update(of=MirrorEntry, skip_locked=True)
        )
        with self._database.transaction() as session:
            entries = session.scalars(to_remove).all()
            for entry in entries:
                entry.schedule(now)
        return len(entries)

    def _lease(self, stylization_id: str) -> MirrorTask | None:
        now = now_utc()
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, stylization_id, with_for_update=True)
            if entry is None or entry.due_at is None or entry.due_at > now:
                return None
            entry.schedule(now + LEASE)
            row = session.get(Stylization, stylization_id)
            if row is None or _must_be_removed(row, now):
                return MirrorTask(entry, None, None)
            if row.deleted_at is not None or effective_check_state(row) is not CheckState.PASS:
                entry.schedule(now + PENDING_CHECK_RETRY)
                return None
            return MirrorTask(entry, row, session.get(Picture, row.thumb_picture_id))

    def _run(self, task: MirrorTask) -> None:
        entry_id = task.entry.stylization_id
        try:
            if task.row is None:
                self._remove(task.entry)
            else:
                self._write(task.row, task.thumb)
        except (WeChatUnavailable, WeChatRefused) as error:
            self._record_failure(entry_id, error.reason, is_removal=task.row is None)
        except StorageError as error:
            self._record_failure(entry_id, str(error), is_removal=task.row is None)

    def _write(self, row: Stylization, thumb: Picture | None) -> None:
        file_id = self._upload(row, thumb)
        self._cloud.add(self._document(row, file_id))
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, row.id, with_for_update=True)
            if entry is not None:
                entry.record_success(now_utc())

    def _remove(self, entry: MirrorEntry) -> None:
        self._cloud.remove(entry.stylization_id)
        if entry.file_id is not None:
            self._cloud.delete_file(entry.file_id)
        with self._database.transaction() as session:
            current = session.get(MirrorEntry, entry.stylization_id, with_for_update=True)
            if current is not None:
                session.delete(current)

    def _document(self, row: Stylization, file_id: str | None) -> dict[str, Value]:
        document: dict[str, Value] = {
            "_id": row.id,
            "owner_id": row.owner_id,
            "title": row.title,
            "style_id": row.style_id,
            "style_zh": row.style_name["zh"],
            "style_en": row.style_name["en"],
            "tau": row.tau,
            "brush": row.brush,
            "width": row.result_width,
            "height": row.result_height,
            "thumb_file_id": file_id,
            "model_version": row.model_version,
            "created_at": row.created_at.isoformat(),
            "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        }
        openid = find_openid(self._database, self._wechat.appid, row.owner_id)
        if openid is not None:  # the access rules of the cloud identify the owner by it
            document["_openid"] = openid
        return document

    def _upload(self, row: Stylization, thumb: Picture | None) -> str | None:
        """Upload the thumbnail and return its file id, or None if there is no thumbnail.

        A repeated upload replaces the same file with the same bytes.
        """
        if thumb is None or not thumb.is_available(now_utc()):
            return None
        try:
            data = self._storage.read(thumb.storage_key)
        except FileNotFoundError:
            return None
        name = f"{row.id}.webp"
        upload = self._cloud.request_upload(name)
        # The file id is recorded before the upload, so that no uploaded file is ever unknown.
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, row.id, with_for_update=True)
            if entry is not None:
                entry.file_id = upload.file_id
        self._cloud.upload(upload, name, data, media_type="image/webp")
        return upload.file_id

    def _record_failure(self, entry_id: str, reason: str, *, is_removal: bool) -> None:
        """Schedule the next attempt. Writing is abandoned after 2.6 days, removing never."""
        now = now_utc()
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, entry_id, with_for_update=True)
            if entry is None:
                return
            is_abandoned = not is_removal and entry.failures + 1 >= MAX_FAILURES
            delay = min(FIRST_RETRY * 2 ** min(entry.failures, 16), MAX_RETRY)
            entry.record_failure(reason, retry_at=None if is_abandoned else now + delay)
            log.warning("mirroring %s failed (failure %d): %s", entry_id, entry.failures, reason)


def _must_be_removed(row: Stylization, now: datetime) -> bool:
    is_deleted = row.deleted_at is not None and row.deleted_at < now - UNDO_PERIOD
    return is_deleted or row.check_state == CheckState.RISKY


def _must_be_removed_sql(now: datetime) -> ColumnElement[bool]:
    """Return the same condition for a query. It also matches entries whose row is deleted."""
    return or_(
        Stylization.id.is_(None),
        Stylization.deleted_at < now - UNDO_PERIOD,
        Stylization.check_state == CheckState.RISKY,
    )
