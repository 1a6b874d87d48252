"""Stored photos, titles, favourites, mixtures of styles, levels, output formats, share links."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision.

    New columns are nullable or have a constant default, so no table is rewritten.
    """
    op.add_column(
        "pictures",
        sa.Column("stands_alone", sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_index("ix_pictures_owner_id_sha256", "pictures", ["owner_id", "sha256"])

    for column in (
        sa.Column("levels", sa.JSON(), nullable=True),
        sa.Column("output_format", sa.String(8), server_default="jpeg", nullable=False),
        sa.Column("title", sa.String(200), nullable=True),
        sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("share_token", sa.String(40), nullable=True),
    ):
        op.add_column("stylizations", column)
    op.create_index("ix_stylizations_share_token", "stylizations", ["share_token"], unique=True)

    op.create_table(
        "style_shares",
        sa.Column("stylization_id", sa.String(40), nullable=False),
        sa.Column("style_id", sa.String(100), nullable=False),
        sa.Column("weight", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["stylization_id"],
            ["stylizations.id"],
            name="fk_style_shares_stylization_id_stylizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("stylization_id", "style_id", name="pk_style_shares"),
    )
    op.create_index("ix_style_shares_style_id", "style_shares", ["style_id"])


def downgrade() -> None:
    """Revert the revision."""
    op.drop_table("style_shares")
    op.drop_index("ix_stylizations_share_token", "stylizations")
    for column in ("share_token", "favourite", "title", "output_format", "levels"):
        op.drop_column("stylizations", column)
    op.drop_index("ix_pictures_owner_id_sha256", "pictures")
    op.drop_column("pictures", "stands_alone")
