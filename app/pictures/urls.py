"""Writes the addresses of pictures."""

from dataclasses import dataclass
from datetime import datetime

from core.db.base import now_utc
from core.db.pictures import Picture
from core.picture_urls import PictureURLSigner, Variant


@dataclass(frozen=True)
class PictureAddresses:
    """Writes the signed address of a picture as the present client can use it."""

    signer: PictureURLSigner
    client_url: str

    @property
    def now(self) -> datetime:
        """This moment: an answer may have been waited for longer than an address lives."""
        return now_utc()

    def of(self, picture: Picture, variant: Variant = Variant.FULL) -> str:
        """The whole address, host included."""
        path = self.signer.path(
            picture.id, now=self.now, expires_at=picture.expires_at, variant=variant
        )
        return self.client_url + path
