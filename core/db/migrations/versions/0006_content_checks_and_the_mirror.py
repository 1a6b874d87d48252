"""Content checks, and the outbox of the mirror in WeChat's cloud."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Apply the revision. The new column is nullable; older results count as passed."""
    op.add_column("stylizations", sa.Column("check_state", sa.String(8), nullable=True))

    op.create_table(
        "content_checks",
        sa.Column("stylization_id", sa.String(40), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_error", sa.String(200), nullable=True),
        sa.ForeignKeyConstraint(
            ["stylization_id"],
            ["stylizations.id"],
            name="fk_content_checks_stylization_id_stylizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("stylization_id", name="pk_content_checks"),
    )
    op.create_index("ix_content_checks_due_at", "content_checks", ["due_at"])

    op.create_table(
        "check_traces",
        sa.Column("trace_id", sa.String(100), nullable=False),
        sa.Column("stylization_id", sa.String(40), nullable=True),
        sa.Column("verdict", sa.String(8), nullable=True),
        sa.Column("label", sa.Integer(), nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("heard_at", TIME, nullable=True),
        sa.ForeignKeyConstraint(
            ["stylization_id"],
            ["stylizations.id"],
            name="fk_check_traces_stylization_id_stylizations",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("trace_id", name="pk_check_traces"),
    )
    op.create_index("ix_check_traces_created_at", "check_traces", ["created_at"])
    op.create_index("ix_check_traces_stylization_id", "check_traces", ["stylization_id"])

    op.create_table(
        "mirror_outbox",
        sa.Column("stylization_id", sa.String(40), nullable=False),
        sa.Column("due_at", TIME, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("file_id", sa.String(500), nullable=True),
        sa.Column("sent_at", TIME, nullable=True),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("last_error", sa.String(200), nullable=True),
        sa.PrimaryKeyConstraint("stylization_id", name="pk_mirror_outbox"),
    )
    op.create_index("ix_mirror_outbox_due_at", "mirror_outbox", ["due_at"])


def downgrade() -> None:
    """Revert the revision."""
    for table in ("mirror_outbox", "check_traces", "content_checks"):
        op.drop_table(table)
    op.drop_column("stylizations", "check_state")
