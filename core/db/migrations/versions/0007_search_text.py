"""The text that a search of the history compares, also for the existing stylizations."""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from core.db.search_text import search_text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

ROWS_PER_STEP: Final = 1000
STYLIZATIONS: Final = sa.table(
    "stylizations",
    sa.column("id", sa.String()),
    sa.column("title", sa.String()),
    sa.column("style_name", sa.JSON()),
    sa.column("search_text", sa.Text()),
)


def upgrade() -> None:
    """Apply the revision: add the nullable column and fill it.

    PostgreSQL locks the table until the end of the migration: about ten seconds for 100,000
    rows.
    """
    op.add_column("stylizations", sa.Column("search_text", sa.Text(), nullable=True))
    connection = op.get_bind()
    fill = (
        sa.update(STYLIZATIONS)
        .where(STYLIZATIONS.c.id == sa.bindparam("row_id"))
        .values(search_text=sa.bindparam("text"))
    )
    for rows in _existing_rows(connection):
        texts = [{"row_id": row.id, "text": search_text(row.title, row.style_name)} for row in rows]
        connection.execute(fill, texts)


def _existing_rows(connection: sa.Connection) -> Iterator[list[Any]]:
    query = sa.select(STYLIZATIONS).order_by(STYLIZATIONS.c.id).limit(ROWS_PER_STEP)
    rows = list(connection.execute(query))
    while rows:
        yield rows
        rows = list(connection.execute(query.where(STYLIZATIONS.c.id > rows[-1].id)))


def downgrade() -> None:
    """Revert the revision."""
    op.drop_column("stylizations", "search_text")
