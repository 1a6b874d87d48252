"""Table of the documents that are to be written to, or removed from, WeChat's cloud database.

An entry is created in the transaction that finishes a stylization and exists until its document is
removed from the cloud. It has no foreign key, because it outlives the stylization. While no cloud
environment is set, entries wait; nothing else depends on them.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, String, func, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import ID_LENGTH, Base, now_utc
from core.db.stylizations import Stylization
from core.settings import Settings

MAX_FILE_ID_LENGTH: Final = 500
MAX_ERROR_LENGTH: Final = 200


class MirrorEntry(Base):
    """One document of the mirror. Nothing is left to do when `due_at` is None."""

    __tablename__ = "mirror_outbox"
    __table_args__ = (Index(None, "due_at"),)

    stylization_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    due_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # consecutive
    file_id: Mapped[str | None] = mapped_column(String(MAX_FILE_ID_LENGTH))  # of the thumbnail
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_error: Mapped[str | None] = mapped_column(String(MAX_ERROR_LENGTH))

    def schedule(self, due_at: datetime) -> None:
        """Set when the entry is due. A later time also leases it: no worker claims it earlier."""
        self.due_at = due_at

    def record_success(self, now: datetime) -> None:
        """Record that the document is in the cloud."""
        self.sent_at = self.sent_at or now
        self.due_at = None
        self.failures = 0
        self.last_error = None

    def record_failure(self, reason: str, *, retry_at: datetime | None) -> None:
        """Record a failed attempt. None for `retry_at` abandons the entry."""
        self.failures += 1
        self.last_error = reason[:MAX_ERROR_LENGTH]
        self.due_at = retry_at


def count_documents(session: Session) -> int:
    """Return how many documents, or files of documents, are in the cloud."""
    is_in_cloud = or_(MirrorEntry.sent_at.is_not(None), MirrorEntry.file_id.is_not(None))
    return session.scalar(select(func.count()).select_from(MirrorEntry).where(is_in_cloud)) or 0


def schedule_mirroring(session: Session, row: Stylization, settings: Settings) -> None:
    """Schedule a copy of a finished row to the cloud, if one is configured.

    Call this in the transaction that finishes the row.
    """
    if settings.wechat_cloud_env is not None:
        session.add(MirrorEntry(stylization_id=row.id, due_at=now_utc()))
