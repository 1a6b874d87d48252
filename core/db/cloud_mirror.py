"""What is still to be written to WeChat's cloud database, or to be taken out of it again.

An entry is written in the transaction that finishes a row, and lives until the document is gone
from the cloud: it names its stylization without a foreign key, for it outlives it.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from core.db.base import ID_LENGTH, Base, now_utc
from core.db.stylizations import Stylization
from core.settings import Settings

MAX_FILE_ID: Final = 500  # characters
MAX_REASON: Final = 200


class MirrorEntry(Base):
    """One document of the mirror. Without `due_at` there is nothing to do."""

    __tablename__ = "mirror_outbox"
    __table_args__ = (Index(None, "due_at"),)

    stylization_id: Mapped[str] = mapped_column(String(ID_LENGTH), primary_key=True)
    due_at: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    file_id: Mapped[str | None] = mapped_column(String(MAX_FILE_ID))  # of the thumbnail, there
    sent_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_error: Mapped[str | None] = mapped_column(String(MAX_REASON))

    def put_off(self, *, until: datetime) -> None:
        """Look at it again then; also what a worker says that takes it now."""
        self.due_at = until

    def succeed(self, now: datetime) -> None:
        """The document is there."""
        self.sent_at = self.sent_at or now
        self.due_at = None
        self.failures = 0
        self.last_error = None

    def fail(self, reason: str, *, until: datetime | None) -> None:
        """It could not be done; tried again at `until`, or no more."""
        self.failures += 1
        self.last_error = reason[:MAX_REASON]
        self.due_at = until


def schedule_mirroring(session: Session, row: Stylization, settings: Settings) -> None:
    """Note that this row is to be mirrored, if there is a mirror; call it where it is finished."""
    if settings.wechat_cloud_env is not None:
        session.add(MirrorEntry(stylization_id=row.id, due_at=now_utc()))
