"""The stage and the expected duration of a running row, and when a row was queued again."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

TABLE = "stylizations"


def upgrade() -> None:
    """Apply the revision. The new columns are nullable, so no table is rewritten."""
    op.add_column(TABLE, sa.Column("running_stage", sa.String(8), nullable=True))
    op.add_column(TABLE, sa.Column("expected_seconds", sa.Double(), nullable=True))
    op.add_column(TABLE, sa.Column("requeued_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Revert the revision."""
    for name in ("requeued_at", "expected_seconds", "running_stage"):
        op.drop_column(TABLE, name)
