"""What the pictures room gives over HTTP."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.pictures.urls import PictureURLs
from core.db.pictures import Picture
from core.picture_urls import Variant


class PictureRead(BaseModel):
    """A photograph as it was taken in: upright, sRGB, at the render size, without metadata."""

    id: str = Field(
        examples=["pic_Xb2m5o3wQ1aZs8Kd0fPqLg"], description="For `picture_id` of an order."
    )
    url: str = Field(description="Signed; works without a header until it expires.")
    thumb_url: str = Field(description="At most 480 px on the long side; WebP.")
    width: int
    height: int
    expires_at: datetime | None = Field(description="When it is forgotten; each use moves it on.")

    @classmethod
    def of(cls, picture: Picture, urls: PictureURLs) -> "PictureRead":
        """The picture as its owner sees it."""
        return cls(
            id=picture.id,
            url=urls.signed_url(picture),
            thumb_url=urls.signed_url(picture, Variant.THUMB),
            width=picture.width,
            height=picture.height,
            expires_at=picture.expires_at,
        )
