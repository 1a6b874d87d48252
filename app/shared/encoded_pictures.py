"""A picture as it is stored, and the row that says what is known of it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from app.shared.storage import picture_key
from app.shared.tables import Picture, new_id


@dataclass(frozen=True)
class EncodedPicture:
    """The bytes of a file, and what they hold."""

    data: bytes
    width: int
    height: int
    format: str = "JPEG"  # as Pillow names it

    @cached_property
    def sha256(self) -> str:
        """The hash of the stored bytes."""
        return hashlib.sha256(self.data).hexdigest()

    @property
    def extension(self) -> str:
        """Of the file's name."""
        return "jpg" if self.format == "JPEG" else self.format.lower()

    def row(self, *, owner_id: str, expires_at: datetime | None) -> Picture:
        """Its row under a new id, not yet added; `expires_at` None keeps it until it is deleted."""
        picture_id = new_id("pic")
        return Picture(
            id=picture_id,
            owner_id=owner_id,
            sha256=self.sha256,
            bytes=len(self.data),
            width=self.width,
            height=self.height,
            format=self.format,
            storage_key=picture_key(picture_id, self.extension),
            expires_at=expires_at,
        )
