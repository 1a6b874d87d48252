"""The refinement of own styles, and which workers can refine."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STYLES = "styles"
INDEXES = {
    "ix_styles_refinement_created_at": ["refinement", "created_at"],
    "ix_styles_refinement_lease_until": ["refinement_lease_until"],
}
COUNTERS = ("refinement_steps", "refinement_attempts")


def upgrade() -> None:
    """Apply the revision. New columns are nullable or have a constant default."""
    op.add_column(
        STYLES, sa.Column("refinement", sa.String(16), server_default="pending", nullable=False)
    )
    op.add_column(STYLES, sa.Column("refined_code", sa.LargeBinary(), nullable=True))
    for name in COUNTERS:
        op.add_column(
            STYLES, sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
        )
    op.add_column(
        STYLES, sa.Column("refinement_lease_until", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column(STYLES, sa.Column("refinement_token", sa.String(40), nullable=True))
    for index, columns in INDEXES.items():
        op.create_index(index, STYLES, columns)
    op.add_column(
        "worker_heartbeats",
        sa.Column("refines_styles", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def downgrade() -> None:
    """Revert the revision."""
    op.drop_column("worker_heartbeats", "refines_styles")
    for index in INDEXES:
        op.drop_index(index, STYLES)
    for name in ("refinement_token", "refinement_lease_until", *COUNTERS):
        op.drop_column(STYLES, name)
    for name in ("refined_code", "refinement"):
        op.drop_column(STYLES, name)
