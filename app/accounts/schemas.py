"""Request and response bodies of accounts."""

from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from app.accounts.tokens import Token
from app.client_text import VISIBLE_ASCII
from app.request_bodies import RequestBody
from core.db.users import Scope, User

MAX_DEVELOPMENT_NAME: Final = 64  # characters


class DevelopmentLogin(RequestBody):
    """The name of a development user; the same name logs in the same user."""

    model_config = ConfigDict(extra="ignore")

    name: str = Field(
        default="developer", description=f"At most {MAX_DEVELOPMENT_NAME} characters."
    )


class WeChatLogin(RequestBody):
    """The login code from `wx.login` of the mini program."""

    model_config = ConfigDict(extra="ignore")  # the result of `wx.login` has further fields

    code: str = Field(
        min_length=1,
        max_length=200,
        pattern=VISIBLE_ASCII,
        description="Valid for 5 minutes and for one login.",
        examples=["0c3Xk1000vW1sR1Q7e300Rk2Xk0"],
    )


class UserRead(BaseModel):
    """A user."""

    id: str = Field(examples=["usr_Xb2m5o3wQ1aZs8Kd0fPqLg"])


class TokenRead(BaseModel):
    """A session. Send `token` as `Authorization: Bearer …` until it expires, then log in again."""

    token: str
    expires_at: datetime
    user: UserRead

    @classmethod
    def of(cls, user: User, token: Token) -> "TokenRead":
        """The response of a login."""
        return cls(token=token.text, expires_at=token.expires_at, user=UserRead(id=user.id))


class MeRead(UserRead):
    """The caller, and what the key or token of this request may do."""

    kind: str = Field(examples=["wechat"], description="`wechat`, `api`, `dev` or `local`.")
    created_at: datetime
    scopes: list[Scope] = Field(description="The scopes of this key; a token has all of them.")
    uploads_per_minute: int = Field(
        description="The limit of this key, or of all tokens of this user together."
    )


class ErasureRead(BaseModel):
    """The user is erased. Files are deleted within minutes, rows within about an hour."""

    erased_at: datetime
