"""Writes the addresses of pictures."""

from dataclasses import dataclass
from datetime import datetime

from app.shared.signatures import PictureSigner, Variant
from app.shared.tables import Picture, now_utc


@dataclass(frozen=True)
class PictureAddresses:
    """Writes the signed address of a picture as the present client can use it."""

    signer: PictureSigner
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
