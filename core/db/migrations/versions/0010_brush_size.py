"""The brush size of stylizations; existing rows get medium."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLE = "stylizations"


def upgrade() -> None:
    """Apply the revision. The new column has a constant default, so no table is rewritten."""
    op.add_column(TABLE, sa.Column("brush", sa.String(8), server_default="medium", nullable=False))


def downgrade() -> None:
    """Revert the revision."""
    op.drop_column(TABLE, "brush")
