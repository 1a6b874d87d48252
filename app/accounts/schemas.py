"""What the accounts room takes and gives over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field


class DevelopmentLogin(BaseModel):
    """A name is all it takes; the same name is the same user."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")] = (
        "developer"
    )


class UserRead(BaseModel):
    """Who one is."""

    id: str = Field(examples=["usr_Xb2m5o3wQ1aZs8Kd0fPqLg"])


class TokenRead(BaseModel):
    """A session; send `token` as `Authorization: Bearer …` until it expires, then log in again."""

    token: str
    expires_at: datetime
    user: UserRead
