"""Signed picture URLs as a client can open them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from pydantic import Field

from core.db.base import now_utc
from core.db.pictures import Picture
from core.picture_urls import PictureURLSigner, Variant
from imaging.encode import THUMB_SIDE_PX

ThumbnailURL = Annotated[
    str, Field(description=f"WebP with a long side of at most {THUMB_SIDE_PX} px.")
]
"""A field of a response: the URL of a thumbnail."""


@dataclass(frozen=True)
class PictureURLs:
    """Builds signed picture URLs for one client."""

    signer: PictureURLSigner
    client_url: str

    @property
    def now(self) -> datetime:
        """The current time, read at each call: a long poll can outlast the lifetime of a URL."""
        return now_utc()

    def signed_url(self, picture: Picture, variant: Variant = Variant.FULL) -> str:
        """Return the absolute URL of a picture or of one of its variants."""
        path = self.signer.path(
            picture.id,
            picture.file_format,
            now=self.now,
            expires_at=picture.expires_at,
            variant=variant,
        )
        return self.client_url + path
