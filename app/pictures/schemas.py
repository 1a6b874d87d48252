"""Response schemas of the picture routes."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.pictures.urls import PictureURLs, ThumbnailURL
from core.db.pictures import Picture
from core.picture_urls import Variant


class PictureRead(BaseModel):
    """A photo as stored: upright, sRGB, at the render size, without metadata."""

    id: str = Field(
        examples=["pic_Xb2m5o3wQ1aZs8Kd0fPqLg"], description="Send it as `picture_id` in a request."
    )
    url: str = Field(description="Signed; needs no header until it expires.")
    thumb_url: ThumbnailURL
    width: int
    height: int
    expires_at: datetime | None = Field(
        description="When its retention ends. Every use extends it."
    )

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
