"""Mirrors works in WeChat's cloud database, and takes them out when their owner deletes them.

No user waits for it. Safe with several workers: an entry is taken for a minute before it is sent.
A document goes by the id of its stylization, so that sending it twice leaves one.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, or_, select

from core.db.base import UNDO_PERIOD, now_utc
from core.db.cloud_mirror import MirrorEntry
from core.db.engine import Database
from core.db.moderation import CheckState, state_of
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.settings import Settings
from core.storage import Storage, StorageError
from core.wechat import cloud_database
from core.wechat.worker_client import NotReached, Refused, WeChatAccount, WeChatCalls

log = logging.getLogger(__name__)

ADD: Final = "/tcb/databaseadd"
COUNT: Final = "/tcb/databasecount"
DELETE: Final = "/tcb/databasedelete"
UPLOAD: Final = "/tcb/uploadfile"
DELETE_FILES: Final = "/tcb/batchdeletefile"
FILE_NOT_THERE: Final = -503003  # of the cloud's storage

COLLECTION: Final = "stylizations"
AT_ONCE: Final = 20
GONE_AT_ONCE: Final = 200
TAKEN_FOR: Final = timedelta(minutes=1)
LOOK_AGAIN: Final = timedelta(minutes=1)  # at a work whose check is under way
FIRST_RETRY: Final = timedelta(seconds=30)
LONGEST_RETRY: Final = timedelta(hours=6)
MOST_FAILURES: Final = 20  # 30 s, 1 min … 4.3 h, then every 6 h: 2.6 days in all


@dataclass(frozen=True)
class Errand:
    """An entry that was taken: a work to be written, or one to be taken out (`row` is None)."""

    entry: MirrorEntry
    row: Stylization | None
    thumb: Picture | None


class CloudMirror:
    """Does what is due, one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        storage: Storage,
        account: WeChatAccount,
        calls: WeChatCalls,
        settings: Settings,
    ) -> None:
        """The cloud environment and the collection are those of the settings."""
        self._database = database
        self._storage = storage
        self._account = account
        self._calls = calls
        self._env = settings.wechat_cloud_env
        self._collection = COLLECTION

    def send_due(self) -> int:
        """Write and take out what is due now. Returns how many entries were looked at."""
        due = select(MirrorEntry.stylization_id).where(MirrorEntry.due_at <= now_utc())
        with self._database.reading() as session:
            ids = session.scalars(due.order_by(MirrorEntry.due_at).limit(AT_ONCE)).all()
        for stylization_id in ids:
            errand = self._take(stylization_id)
            if errand is not None:
                self._run(errand)
        return len(ids)

    def find_gone(self) -> int:
        """Make due what has to be taken out: works deleted, found risky, erased with their owner.

        Returns how many.
        """
        now = now_utc()
        gone = (
            select(MirrorEntry)
            .outerjoin(Stylization, Stylization.id == MirrorEntry.stylization_id)
            .where(MirrorEntry.due_at.is_(None), _is_gone(now))
            .limit(GONE_AT_ONCE)
            .with_for_update(of=MirrorEntry, skip_locked=True)
        )
        with self._database.transaction() as session:
            entries = session.scalars(gone).all()
            for entry in entries:
                entry.put_off(until=now)
        return len(entries)

    # Taking

    def _take(self, stylization_id: str) -> Errand | None:
        now = now_utc()
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, stylization_id, with_for_update=True)
            if entry is None or entry.due_at is None or entry.due_at > now:
                return None
            entry.put_off(until=now + TAKEN_FOR)
            row = session.get(Stylization, stylization_id)
            if row is None or _has_gone(row, now):
                return Errand(entry, None, None)
            if row.deleted_at is not None or state_of(row) is not CheckState.PASS:
                entry.put_off(until=now + LOOK_AGAIN)
                return None
            return Errand(entry, row, session.get(Picture, row.thumb_picture_id))

    # Doing

    def _run(self, errand: Errand) -> None:
        entry_id = errand.entry.stylization_id
        try:
            if errand.row is None:
                self._take_out(errand.entry)
            else:
                self._write(errand, errand.row)
        except (NotReached, Refused, StorageError) as error:
            self._note_failure(entry_id, str(error), is_removal=errand.row is None)

    def _write(self, errand: Errand, row: Stylization) -> None:
        file_id = self._upload(row, errand.thumb)
        query = cloud_database.add(self._collection, self._document(row, file_id))
        try:
            self._post(ADD, query=query)
        except Refused:
            if not self._is_there(row.id):
                raise
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, row.id, with_for_update=True)
            if entry is not None:
                entry.succeed(now_utc())

    def _take_out(self, entry: MirrorEntry) -> None:
        document_id = entry.stylization_id
        self._post(DELETE, query=cloud_database.remove(self._collection, document_id))
        if entry.file_id is not None:
            answer = self._post(DELETE_FILES, fileid_list=[entry.file_id])
            for file in answer.get("delete_list", []):
                if file.get("status") not in (0, FILE_NOT_THERE):
                    raise NotReached(f"a file stays ({file.get('status')})")
        with self._database.transaction() as session:
            kept = session.get(MirrorEntry, document_id, with_for_update=True)
            if kept is not None:
                session.delete(kept)

    def _is_there(self, document_id: str) -> bool:
        """WeChat refuses a second document of one id by a number that it does not document."""
        answer = self._post(COUNT, query=cloud_database.count(self._collection, document_id))
        return bool(answer.get("count"))

    def _document(self, row: Stylization, file_id: str | None) -> dict[str, cloud_database.Value]:
        document: dict[str, cloud_database.Value] = {
            "_id": row.id,
            "owner_id": row.owner_id,
            "title": row.title,
            "style_id": row.style_id,
            "style_zh": row.style_name["zh"],
            "style_en": row.style_name["en"],
            "tau": row.tau,
            "width": row.result_width,
            "height": row.result_height,
            "thumb_file_id": file_id,
            "model_version": row.model_version,
            "created_at": row.created_at.isoformat(),
            "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        }
        openid = self._account.openid_of_user(row.owner_id)
        if openid is not None:  # by it the cloud's own rules let a user see what is his
            document["_openid"] = openid
        return document

    def _upload(self, row: Stylization, thumb: Picture | None) -> str | None:
        """Put the thumbnail there; doing it again puts the same bytes in the same place."""
        if thumb is None or not thumb.is_available(now_utc()):
            return None
        try:
            data = self._storage.read(thumb.storage_key)
        except FileNotFoundError:
            return None
        path = f"{self._collection}/{row.id}.webp"
        place = self._post(UPLOAD, path=path)
        fields = {
            "key": path,
            "Signature": str(place.get("authorization", "")),
            "x-cos-security-token": str(place.get("token", "")),
            "x-cos-meta-fileid": str(place.get("cos_file_id", "")),
        }
        file_id = str(place.get("file_id", ""))
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, row.id, with_for_update=True)
            if entry is not None:  # before the bytes are there: what may be there is known
                entry.file_id = file_id
        file = (f"{row.id}.webp", data, "image/webp")
        self._calls.send_file(str(place.get("url", "")), fields, file)
        return file_id

    def _post(self, interface: str, **content: object) -> dict[str, Any]:
        return self._calls.post(interface, {"env": self._env, **content})

    def _note_failure(self, entry_id: str, reason: str, *, is_removal: bool) -> None:
        """What is to be taken out is tried for ever."""
        now = now_utc()
        with self._database.transaction() as session:
            entry = session.get(MirrorEntry, entry_id, with_for_update=True)
            if entry is None:
                return
            is_over = not is_removal and entry.failures + 1 >= MOST_FAILURES
            pause = min(FIRST_RETRY * 2 ** min(entry.failures, 16), LONGEST_RETRY)
            entry.fail(reason, until=None if is_over else now + pause)
            log.warning("mirror of %s, failure %d: %s", entry_id, entry.failures, reason)


def _has_gone(row: Stylization, now: datetime) -> bool:
    is_deleted = row.deleted_at is not None and row.deleted_at < now - UNDO_PERIOD
    return is_deleted or row.check_state == CheckState.RISKY


def _is_gone(now: datetime) -> ColumnElement[bool]:
    """The same of all entries, and of those whose row is no more."""
    return or_(
        Stylization.id.is_(None),
        Stylization.deleted_at < now - UNDO_PERIOD,
        Stylization.check_state == CheckState.RISKY,
    )
