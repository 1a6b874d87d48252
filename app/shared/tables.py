"""The tables. A stylization's row is the job, and only its own methods change its status."""

import secrets
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import (
    JSON,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.shared.errors import AlreadyFinished, AppError, ClaimLost, IllegalStep

ID_RANDOM_BYTES = 16  # 22 url-safe characters: an id cannot be guessed
ID_LENGTH = 40


class Status(StrEnum):
    """Where a stylization stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class StyleStatus(StrEnum):
    """Where an own style stands: a worker computes its code before it can be used."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class WorkerState(StrEnum):
    """What a worker says of itself."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"


ERASED_KIND = "erased"
OPEN_STATUSES = (Status.QUEUED, Status.RUNNING)
UNDO = timedelta(minutes=10)
"""For so long what was deleted can be brought back; its bytes go with the first sweep after it."""


def now_utc() -> datetime:
    """This moment, aware. Machines that share a database must agree within a few seconds."""
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """A fresh id such as `stl_Zk3…`; prefixes: usr, key, pic, sty, stl, wrk."""
    return f"{prefix}_{secrets.token_urlsafe(ID_RANDOM_BYTES)}"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times on every database; SQLite itself keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time; store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value!r}")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
    ) -> datetime | None:
        """Give an aware time back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Common ground; constraints are named so that migrations can change them on SQLite too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UtcDateTime(),
        dict[str, str]: JSON(),
        dict[str, float]: JSON(),
        bytes: LargeBinary(),
    }


def _id_column(prefix: str) -> Mapped[str]:
    return mapped_column(String(ID_LENGTH), primary_key=True, default=lambda: new_id(prefix))


class User(Base):
    """Somebody who owns pictures: the one local user, the holder of keys, a WeChat user."""

    __tablename__ = "users"

    id: Mapped[str] = _id_column("usr")
    kind: Mapped[str] = mapped_column(String(16), index=True)  # local | api | dev | wechat | erased
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    token_version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    erased_at: Mapped[datetime | None]  # when it asked to be; the row goes when all else is gone

    def end_tokens(self) -> None:
        """No token that was given out until now holds any longer."""
        self.token_version += 1

    def erase(self, *, now: datetime) -> None:
        """Nobody comes in as this user again; what it owns is `app.shared.erasure`'s work."""
        self.end_tokens()
        self.kind = ERASED_KIND
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

    id: Mapped[str] = _id_column("key")
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


class Picture(Base):
    """What is known of stored bytes: normalised uploads, results and thumbnails."""

    __tablename__ = "pictures"
    __table_args__ = (
        Index(None, "expires_at"),
        Index(None, "storage_key"),
        Index(None, "owner_id", "sha256"),  # equal bytes are stored once
    )

    id: Mapped[str] = _id_column("pic")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    sha256: Mapped[str] = mapped_column(String(64))  # of the stored bytes
    bytes: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]
    format: Mapped[str] = mapped_column(String(8))  # JPEG | PNG | WEBP, as Pillow names them
    storage_key: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    expires_at: Mapped[datetime | None]  # None: kept until deleted
    stands_alone: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Uploaded for itself: it outlives the stylizations that are made of it."""
    deleted_at: Mapped[datetime | None]  # the owner deleted it; its bytes go when UNDO is over
    removed_at: Mapped[datetime | None]  # its bytes are gone from storage; set by the sweep alone

    def is_available(self, now: datetime) -> bool:
        """Whether it may still be shown."""
        gone = self.deleted_at is not None or self.removed_at is not None
        return not gone and (self.expires_at is None or self.expires_at > now)


class Style(Base):
    """A user's own style; a worker computes its code from the picture. Presets are not rows."""

    __tablename__ = "styles"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at"),
        Index(None, "owner_id", "created_at"),
        Index(None, "picture_id"),
    )

    id: Mapped[str] = _id_column("sty")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(String(64))  # tells a replay from a conflict
    name: Mapped[str] = mapped_column(String(200))
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    status: Mapped[str] = mapped_column(String(16), default=StyleStatus.PREPARING)
    code: Mapped[bytes | None]  # a few kB
    model_version: Mapped[str | None] = mapped_column(String(100))
    error_code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))
    request_id: Mapped[str | None] = mapped_column(String(64))  # what brought it, for the logs
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    deleted_at: Mapped[datetime | None]

    def claim(self, *, token: str, lease_until: datetime) -> None:
        """Take it for preparing, a ready one again when the model has changed."""
        if self.status == StyleStatus.FAILED:
            raise IllegalStep(f"style {self.id} is {self.status} and cannot be prepared")
        if self.status == StyleStatus.READY:
            self.attempts = 0
        self.status = StyleStatus.PREPARING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until

    def finish(self, *, token: str, code: bytes, model_version: str) -> None:
        """Preparing to ready. Raises ClaimLost when it is no longer this worker's."""
        self._must_be_held(token)
        self.status = StyleStatus.READY
        self.code = code
        self.model_version = model_version
        self._let_go()

    def fail(self, *, token: str, error: AppError) -> None:
        """Preparing to failed. Raises ClaimLost when it is no longer this worker's."""
        self._must_be_held(token)
        self.status = StyleStatus.FAILED
        self.error_code = error.code
        self._let_go()

    def release(self, *, token: str) -> None:
        """Give it back to be prepared again."""
        self._must_be_held(token)
        self._let_go()

    def _must_be_held(self, token: str) -> None:
        if self.status != StyleStatus.PREPARING or self.token != token:
            raise ClaimLost(f"style {self.id} is {self.status} and not held by this worker")

    def _let_go(self) -> None:
        self.token = None
        self.lease_until = None


class Stylization(Base):
    """One upload, one picture back. The row is the job.

    queued -> running -> done | failed; running -> queued when its worker died;
    queued | running -> cancelled; failed -> queued when an operator says so.
    """

    __tablename__ = "stylizations"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at", "id"),  # the queue, and one's position in it
        Index(None, "owner_id", "created_at", "id"),  # the history
        Index(None, "style_id"),
        Index(None, "picture_id"),
        Index(None, "share_token", unique=True),
    )

    id: Mapped[str] = _id_column("stl")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(String(64))  # tells a replay from a conflict
    style_id: Mapped[str] = mapped_column(String(100))  # a preset's, or `sty_…`; a mixture's first
    style_name: Mapped[dict[str, str]]  # {"zh", "en"} as it was at the time
    tau: Mapped[float]  # 0..1.5
    levels: Mapped[dict[str, float] | None]  # shares of tau: colour, texture, structure; None: all
    keep_color: Mapped[bool] = mapped_column(default=False)
    output_format: Mapped[str] = mapped_column(String(8), default="jpeg", server_default="jpeg")
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    width: Mapped[int]  # render size, px: rows of one size share a forward
    height: Mapped[int]
    status: Mapped[str] = mapped_column(String(16), default=Status.QUEUED)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # changes with every claim
    error_code: Mapped[str | None] = mapped_column(String(40))
    error_message: Mapped[dict[str, str] | None]  # {"zh", "en"}
    result_picture_id: Mapped[str | None] = mapped_column(ForeignKey("pictures.id"))
    thumb_picture_id: Mapped[str | None] = mapped_column(ForeignKey("pictures.id"))
    result_width: Mapped[int | None]
    result_height: Mapped[int | None]
    model_version: Mapped[str | None] = mapped_column(String(100))
    title: Mapped[str | None] = mapped_column(String(200))
    favourite: Mapped[bool] = mapped_column(default=False, server_default=false())
    share_token: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # who knows it may look
    request_id: Mapped[str | None] = mapped_column(String(64))  # what brought it, for the logs
    check_state: Mapped[str | None] = mapped_column(String(8))  # see app.shared.moderation
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    deleted_at: Mapped[datetime | None]

    @property
    def is_open(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in OPEN_STATUSES

    def claim(self, *, token: str, now: datetime, lease_until: datetime) -> None:
        """Queued to running; the attempt counts before the work, which bounds a deadly picture."""
        if self.status != Status.QUEUED:
            raise IllegalStep(f"stylization {self.id} is {self.status} and cannot be claimed")
        self.status = Status.RUNNING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until
        self.started_at = self.started_at or now

    def finish(
        self, *, token: str, result: Picture, thumb: Picture, model_version: str, now: datetime
    ) -> None:
        """Running to done. Raises ClaimLost when no longer this worker's (drop the result)."""
        self._must_be_held(token)
        self.result_picture_id = result.id
        self.thumb_picture_id = thumb.id
        self.result_width = result.width
        self.result_height = result.height
        self.model_version = model_version
        self._end(Status.DONE, now)

    def fail(self, *, token: str | None, error: AppError, now: datetime) -> None:
        """To failed, with the code and words of `error`.

        A worker passes its token (ClaimLost when the row is no longer its own); `token=None` fails
        a row that only waits, or whose lease has run out.
        """
        if token is not None:
            self._must_be_held(token)
        elif not self.is_open:
            raise IllegalStep(f"stylization {self.id} is {self.status} and cannot fail")
        self.error_code = error.code
        self.error_message = error.messages()
        self._end(Status.FAILED, now)

    def cancel(self, *, now: datetime) -> None:
        """Queued or running to cancelled; a later result is dropped. Raises AlreadyFinished."""
        if not self.is_open:
            raise AlreadyFinished(state=self.status)
        self._end(Status.CANCELLED, now)

    def release(self, *, token: str) -> None:
        """Running back to queued, to be tried again. Raises ClaimLost when it is not held so."""
        self._must_be_held(token)
        self.status = Status.QUEUED
        self.token = None
        self.lease_until = None

    def requeue(self) -> None:
        """Failed to queued, as if it were new but for its place; by an operator's hand."""
        if self.status != Status.FAILED or self.deleted_at is not None:
            state = self.status if self.deleted_at is None else "deleted"
            raise IllegalStep(f"stylization {self.id} is {state} and cannot be queued again")
        self.status = Status.QUEUED
        self.attempts = 0
        self.error_code = None
        self.error_message = None
        self.started_at = None
        self.finished_at = None

    def _must_be_held(self, token: str) -> None:
        if self.status != Status.RUNNING or self.token != token:
            raise ClaimLost(f"stylization {self.id} is {self.status} and not held by this worker")

    def _end(self, status: Status, now: datetime) -> None:
        self.status = status
        self.finished_at = now
        self.token = None
        self.lease_until = None


class StyleShare(Base):
    """One style of a mixture. A stylization in one style has none: its row says it."""

    __tablename__ = "style_shares"

    stylization_id: Mapped[str] = mapped_column(
        ForeignKey("stylizations.id", ondelete="CASCADE"), primary_key=True
    )
    style_id: Mapped[str] = mapped_column(String(100), primary_key=True, index=True)
    weight: Mapped[float]  # over 0; divided by the sum of all


class WorkerHeartbeat(Base):
    """A worker's sign of life, for readiness and the operator."""

    __tablename__ = "worker_heartbeats"

    id: Mapped[str] = _id_column("wrk")
    started_at: Mapped[datetime] = mapped_column(default=now_utc)
    seen_at: Mapped[datetime] = mapped_column(default=now_utc, index=True)
    state: Mapped[str] = mapped_column(String(16), default=WorkerState.STARTING)
    device: Mapped[str | None] = mapped_column(String(40))
    model_version: Mapped[str | None] = mapped_column(String(100))
