"""What the sharing room gives over HTTP."""

from datetime import datetime

from pydantic import BaseModel, Field

from app.styles.presets import Words


class ShareRead(BaseModel):
    """A link to one work; who has it may look, until it is taken back."""

    token: str = Field(examples=["shr_Xb2m5o3wQ1aZs8Kd0fPqLg"])
    url: str = Field(description="`GET` it without a key for the work as strangers see it.")


class SharedRead(BaseModel):
    """A work as strangers see it: the picture and how it was made, nothing of its owner."""

    title: str | None
    style: Words = Field(description="The name of the style, or of all in a mixture.")
    tau: float
    result_url: str = Field(description="Signed; works without a header until it expires.")
    thumb_url: str = Field(description="At most 480 px on the long side; WebP.")
    width: int
    height: int
    created_at: datetime
