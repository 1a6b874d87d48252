"""What the accounts room takes and gives over HTTP."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.accounts.tokens import Token
from core.db.users import Scope, User


class DevelopmentLogin(BaseModel):
    """A name is all it takes; the same name is the same user."""

    name: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f]+$")] = (
        "developer"
    )


class WeChatLogin(BaseModel):
    """What `wx.login` gives in the mini program."""

    code: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[!-~]+$")] = Field(
        description="Holds for 5 minutes and for one login.",
        examples=["0c3Xk1000vW1sR1Q7e300Rk2Xk0"],
    )


class UserRead(BaseModel):
    """Who one is."""

    id: str = Field(examples=["usr_Xb2m5o3wQ1aZs8Kd0fPqLg"])


class TokenRead(BaseModel):
    """A session; send `token` as `Authorization: Bearer …` until it expires, then log in again."""

    token: str
    expires_at: datetime
    user: UserRead

    @classmethod
    def of(cls, user: User, token: Token) -> "TokenRead":
        """What a login answers."""
        return cls(token=token.text, expires_at=token.expires_at, user=UserRead(id=user.id))


class MeRead(UserRead):
    """Who asks, and what the key or token at hand may do."""

    kind: str = Field(examples=["wechat"], description="`wechat`, `api`, `dev` or `local`.")
    created_at: datetime
    scopes: list[Scope] = Field(description="Of this key; a token has all of them.")
    uploads_per_minute: int = Field(description="Of this key, or of this user's tokens together.")


class ErasureRead(BaseModel):
    """The user is gone for everybody; the files go within minutes, the rows in about an hour."""

    erased_at: datetime
