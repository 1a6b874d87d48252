"""WeChat users, scopes and limits of API keys, revocable tokens, erasure of users.

All new columns are nullable or have a constant default: no row is rewritten and no existing table
gets an index, so the previous version keeps running during the upgrade.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "wechat_identities",
        sa.Column("appid", sa.String(length=64), nullable=False),
        sa.Column("openid", sa.String(length=128), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_login_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_wechat_identities_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("appid", "openid", name=op.f("pk_wechat_identities")),
    )
    op.create_index(op.f("ix_wechat_identities_user_id"), "wechat_identities", ["user_id"])

    op.add_column(
        "users",
        sa.Column("token_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
    )
    op.add_column("users", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))

    op.add_column(
        "api_keys",
        sa.Column(
            "scope_names", sa.String(length=100), server_default="read stylize", nullable=False
        ),
    )
    op.add_column("api_keys", sa.Column("uploads_per_minute", sa.Integer(), nullable=True))
    op.add_column("api_keys", sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Revert the revision."""
    op.drop_column("api_keys", "expires_at")
    op.drop_column("api_keys", "uploads_per_minute")
    op.drop_column("api_keys", "scope_names")

    op.drop_column("users", "erased_at")
    op.drop_column("users", "token_version")

    op.drop_index(op.f("ix_wechat_identities_user_id"), table_name="wechat_identities")
    op.drop_table("wechat_identities")
