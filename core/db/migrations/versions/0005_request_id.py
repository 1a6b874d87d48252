"""The id of the request that brought a row, so that a worker's log says whose work it was."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("stylizations", "styles")


def upgrade() -> None:
    """Go forward. The new columns are empty: no table is written anew."""
    for table in TABLES:
        op.add_column(table, sa.Column("request_id", sa.String(64), nullable=True))


def downgrade() -> None:
    """Go back."""
    for name in TABLES:
        op.drop_column(name, "request_id")
