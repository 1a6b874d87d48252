"""Alembic's entry point: runs the revisions on the connection that `upgrade.py` provides."""

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext

from core.db.base import Base, UtcDateTime


def _plain_time(_kind: str, item: object, _autogenerate: AutogenContext) -> str | Literal[False]:
    # A revision must not change when UtcDateTime does.
    return "sa.DateTime(timezone=True)" if isinstance(item, UtcDateTime) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,  # complete: core.db.engine imports all tables
    render_as_batch=True,  # SQLite cannot change a table in place
    render_item=_plain_time,
    compare_type=True,
    transactional_ddl=True,  # a revision is applied completely or not at all, on SQLite too
)
with context.begin_transaction():
    context.run_migrations()
