"""What every table shares: ids, UTC times, and names for constraints."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

ID_RANDOM_BYTES = 16  # 22 url-safe characters: an id cannot be guessed

ID_LENGTH = 40

UNDO_PERIOD = timedelta(minutes=10)
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


def id_column(prefix: str) -> Mapped[str]:
    return mapped_column(String(ID_LENGTH), primary_key=True, default=lambda: new_id(prefix))


def upsert(session: Session, table: type[Base]) -> Any:
    """An `INSERT` into `table` that takes an `ON CONFLICT` clause, for this session's database."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgresql else sqlite.insert)(table)
