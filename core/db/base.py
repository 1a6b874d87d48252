"""What all tables share: ids, UTC times, and the names of constraints."""

import secrets
from datetime import MINYEAR, UTC, datetime, timedelta
from typing import Any, ClassVar, Final, TypeVar

from sqlalchemy import JSON, DateTime, Dialect, LargeBinary, MetaData, String
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column
from sqlalchemy.types import TypeDecorator

ID_RANDOM_BYTES: Final = 16  # 22 URL-safe characters, which cannot be guessed
ID_LENGTH: Final = 40
ID_PATTERN: Final = rf"^[A-Za-z0-9_-]{{1,{ID_LENGTH}}}$"
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)
LATEST: Final = datetime.max.replace(tzinfo=UTC)
UNDO_PERIOD: Final = timedelta(minutes=10)
"""How long a deletion can be undone. The bytes are removed by the first sweep afterwards."""


def now_utc() -> datetime:
    """Return the current aware UTC time.

    The clocks of machines that share a database must agree within a few seconds.
    """
    return datetime.now(UTC)


def new_id(prefix: str) -> str:
    """Return a random id such as `stl_Zk3…`.

    Prefixes: usr, key, pic, sty, stl, wrk, whk, ntc; shr for share links and tkn for claims.
    """
    return f"{prefix}_{secrets.token_urlsafe(ID_RANDOM_BYTES)}"


class UtcDateTime(TypeDecorator[datetime]):
    """Aware UTC times on every database. SQLite itself stores no time zone.

    A time zone can move a time out of the years 1 to 9999. It becomes the nearest time inside, so
    that it sorts before, or after, all other times.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC. Raises ValueError for a naive time."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a naive time cannot be stored: {value!r}")
        utc = _in_utc(value)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002  # SQLAlchemy's signature
    ) -> datetime | None:
        """Return an aware UTC time."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _in_utc(time: datetime) -> datetime:
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return EARLIEST if time.year == MINYEAR else LATEST


class Base(DeclarativeBase):
    """The base class of all tables. Constraints have names, so that SQLite can migrate them."""

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


Row = TypeVar("Row", bound=Base)


def id_column(prefix: str) -> Mapped[str]:
    """Return a primary key column whose default is `new_id(prefix)`."""
    return mapped_column(String(ID_LENGTH), primary_key=True, default=lambda: new_id(prefix))


def find_by_id(
    session: Session, table: type[Row], row_id: str, *, lock: bool = False
) -> Row | None:
    """Return the row with an id that a client has sent, or None; `lock` locks and reloads it.

    No id contains the character NUL, and PostgreSQL raises an error for it.
    """
    if "\0" in row_id:
        return None
    return session.get(table, row_id, with_for_update=lock or None, populate_existing=lock)


def upsert(session: Session, table: type[Base]) -> Any:  # noqa: ANN401  # two unrelated classes
    """Return an `INSERT` that supports `ON CONFLICT`, in the dialect of the session."""
    is_postgresql = session.get_bind().dialect.name == "postgresql"
    return (postgresql.insert if is_postgresql else sqlite.insert)(table)
