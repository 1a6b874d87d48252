"""Hands the signer of picture addresses to those who write or check them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from app.media.signatures import PictureSigner, Variant
from app.resources import OpenResources, client_url
from app.shared.tables import Picture, now_utc


def picture_signer(request: Request) -> PictureSigner:
    """The signer that `main` made."""
    signer: PictureSigner = request.app.state.picture_signer
    return signer


Signer = Annotated[PictureSigner, Depends(picture_signer)]


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


def picture_addresses(
    request: Request, resources: OpenResources, signer: Signer
) -> PictureAddresses:
    """Addresses for this request's client, as of now."""
    return PictureAddresses(signer, client_url(request, resources.settings))


Addresses = Annotated[PictureAddresses, Depends(picture_addresses)]
