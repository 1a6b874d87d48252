"""Stored pictures: uploads, results and thumbnails."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, new_id, now_utc
from core.storage import picture_key
from imaging.encode import EncodedPicture
from imaging.formats import PictureFormat


class Picture(Base):
    """The metadata of stored bytes: a normalised upload, a result or a thumbnail."""

    __tablename__ = "pictures"
    __table_args__ = (
        Index(None, "expires_at"),
        Index(None, "storage_key"),
        Index(None, "owner_id", "sha256"),  # to store equal uploads of an owner once
    )

    id: Mapped[str] = id_column("pic")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))  # of the stored bytes
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))  # JPEG | PNG | WEBP, as Pillow names them
    storage_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    expires_at: Mapped[datetime | None]  # None: kept until deleted
    stands_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Uploaded on its own, so it outlives the stylizations that use it."""
    deleted_at: Mapped[datetime | None]  # by the owner; the bytes stay for UNDO_PERIOD
    removed_at: Mapped[datetime | None]  # the bytes were removed; set by the retention sweep only

    @property
    def file_format(self) -> PictureFormat:
        """The format of the stored bytes."""
        return PictureFormat(self.format.lower())

    def is_available(self, now: datetime) -> bool:
        """Return whether the picture can be shown at this time."""
        is_gone = self.deleted_at is not None or self.removed_at is not None
        return not is_gone and (self.expires_at is None or self.expires_at > now)


def new_picture_row(
    encoded: EncodedPicture, *, owner_id: str, expires_at: datetime | None
) -> Picture:
    """Return a row with a new id for an encoded picture; the caller adds it to a session.

    Args:
        encoded: the bytes that are stored under the row's `storage_key`.
        owner_id: the user who owns it.
        expires_at: the end of retention; None keeps it until it is deleted.
    """
    picture_id = new_id("pic")
    return Picture(
        id=picture_id,
        owner_id=owner_id,
        sha256=encoded.sha256,
        bytes=len(encoded.data),
        width=encoded.width,
        height=encoded.height,
        format=encoded.format,
        storage_key=picture_key(picture_id, encoded.extension),
        expires_at=expires_at,
    )
