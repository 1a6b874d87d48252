"""The id of the request that created a row, for the logs of the worker."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

TABLES = ("stylizations", "styles")


def upgrade() -> None:
    """Apply the revision. The new columns are nullable, so no table is rewritten."""
    for table in TABLES:
        op.add_column(table, sa.Column("request_id", sa.String(64), nullable=True))


def downgrade() -> None:
    """Revert the revision."""
    for name in TABLES:
        op.drop_column(name, "request_id")
