"""Response schemas of the sharing routes."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.languages import LocalizedTextRead
from app.pictures.urls import ThumbnailURL


class ShareRead(BaseModel):
    """A link to one stylization. Anyone who has it can see the result until sharing ends."""

    token: str = Field(examples=["shr_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    url: str = Field(description="Needs no key; returns the public view.")


class SharedRead(BaseModel):
    """The public view of a shared stylization: the result and its style, no data of the owner."""

    title: str | None
    style: LocalizedTextRead = Field(
        description="Name of the style, or of all styles of a mixture."
    )
    tau: float
    result_url: str = Field(description="Signed; needs no header until it expires.")
    thumb_url: ThumbnailURL
    width: int
    height: int
    created_at: datetime
