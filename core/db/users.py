"""Users, their WeChat identities and their API keys."""

from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, now_utc


class UserKind(StrEnum):
    """Where a user comes from."""

    LOCAL = "local"  # the single user of an installation without login
    API = "api"  # owns API keys
    DEV = "dev"  # logged in through the development login
    WECHAT = "wechat"
    ERASED = "erased"  # requested erasure; the row remains until all data is deleted


class User(Base):
    """The owner of pictures, styles and stylizations."""

    __tablename__ = "users"

    id: Mapped[str] = id_column("usr")
    kind: Mapped[str] = mapped_column(String(16), index=True)  # a UserKind
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    token_version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    erased_at: Mapped[datetime | None]  # when erasure was requested

    def revoke_tokens(self) -> None:
        """Invalidate every login token issued so far."""
        self.token_version += 1

    def erase(self, *, now: datetime) -> None:
        """Lock this user out and delete the name; `core.db.erasure` deletes what the user owns."""
        self.revoke_tokens()
        self.kind = UserKind.ERASED
        self.name = ""
        self.erased_at = self.erased_at or now


class WeChatIdentity(Base):
    """The user of an openid. An openid is specific to an appid and is never sent to clients."""

    __tablename__ = "wechat_identities"

    appid: Mapped[str] = mapped_column(String(64), primary_key=True)
    openid: Mapped[str] = mapped_column(String(128), primary_key=True)
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_login_at: Mapped[datetime] = mapped_column(default=now_utc)


class Scope(StrEnum):
    """What an API key permits. A login token has every scope."""

    READ = "read"  # see and export styles, pictures and the history
    STYLIZE = "stylize"  # upload, rename, share, cancel, delete; manage webhooks
    ACCOUNT = "account"  # revoke all tokens, erase the user


ALL_SCOPES: Final = frozenset(Scope)
DEFAULT_SCOPES: Final = frozenset({Scope.READ, Scope.STYLIZE})


class ApiKey(Base):
    """A key to the API. Only its hash is stored; the full text is shown once."""

    __tablename__ = "api_keys"

    id: Mapped[str] = id_column("key")
    user_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(200))
    prefix: Mapped[str] = mapped_column(String(32))  # the part that lists show
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the full text
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    scope_names: Mapped[str] = mapped_column(  # sorted, separated by spaces
        String(100), default="read stylize", server_default="read stylize"
    )
    uploads_per_minute: Mapped[int | None]  # None: the limit of the settings applies
    expires_at: Mapped[datetime | None]  # None: never

    @property
    def scopes(self) -> frozenset[Scope]:
        """The scopes of this key. Names that this version does not know are ignored."""
        known = {scope.value: scope for scope in Scope}
        return frozenset(known[name] for name in self.scope_names.split() if name in known)

    def state(self, now: datetime) -> str:
        """Return `active`, `expired` or `revoked`."""
        if self.revoked_at is not None:
            return "revoked"
        is_expired = self.expires_at is not None and self.expires_at <= now
        return "expired" if is_expired else "active"
