"""Users, their WeChat identities and their API keys."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, now_utc


class UserKind(StrEnum):
    """Where a user comes from."""

    LOCAL = "local"  # the one user of an embedded service
    API = "api"  # holds API keys
    DEV = "dev"  # of the development login
    WECHAT = "wechat"
    ERASED = "erased"  # asked for erasure; rows remain until all data is gone


class User(Base):
    """Somebody who owns pictures: the one local user, the holder of keys, a WeChat user."""

    __tablename__ = "users"

    id: Mapped[str] = id_column("usr")
    kind: Mapped[str] = mapped_column(String(16), index=True)  # local | api | dev | wechat | erased
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    token_version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    erased_at: Mapped[datetime | None]  # when it asked to be; the row goes when all else is gone

    def end_tokens(self) -> None:
        """No token that was given out until now holds any longer."""
        self.token_version += 1

    def erase(self, *, now: datetime) -> None:
        """Nobody comes in as this user again; what it owns is `core.db.erasure`'s work."""
        self.end_tokens()
        self.kind = UserKind.ERASED
        self.name = ""
        self.erased_at = self.erased_at or now


class WeChatIdentity(Base):
    """Which user an openid stands for. It stays on the server; WeChat gives one for each app."""

    __tablename__ = "wechat_identities"

    appid: Mapped[str] = mapped_column(String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(String(128), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_login_at: Mapped[datetime] = mapped_column(default=now_utc)


class Scope(StrEnum):
    """What a key may be used for; a login may do all of it.

    Three, for three kinds of holder: one that shows, one that makes, one that may end it all.
    """

    READ = "read"  # see styles, pictures and history, export them
    STYLIZE = "stylize"  # upload, name, share, cancel, delete; webhooks
    ACCOUNT = "account"  # end all tokens, erase the user and everything of theirs


ALL_SCOPES = frozenset(Scope)

USUAL_SCOPES = frozenset({Scope.READ, Scope.STYLIZE})  # of a key for which none is named


class ApiKey(Base):
    """A key to the API; only its hash is kept, the text is shown once."""

    __tablename__ = "api_keys"

    id: Mapped[str] = id_column("key")
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(32))  # the shown part
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # sha256 of the whole text
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    scope_names: Mapped[str] = mapped_column(  # sorted, separated by blanks
        String(100), default="read stylize", server_default="read stylize"
    )
    uploads_per_minute: Mapped[int | None]  # None: as the setting says
    expires_at: Mapped[datetime | None]  # None: holds until it is revoked

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it may be used for; a scope of a later version counts as none."""
        known = {scope.value: scope for scope in Scope}
        return frozenset(known[name] for name in self.scope_names.split() if name in known)

    def state(self, now: datetime) -> str:
        """`active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_over = self.expires_at is not None and self.expires_at <= now
        return "expired" if is_over else "active"
