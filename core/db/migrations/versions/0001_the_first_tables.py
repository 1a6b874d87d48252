"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply the revision."""
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
    )
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_users_kind"), ["kind"], unique=False)

    op.create_table(
        "worker_heartbeats",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("device", sa.String(length=40), nullable=True),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_worker_heartbeats")),
    )
    with op.batch_alter_table("worker_heartbeats", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_worker_heartbeats_seen_at"), ["seen_at"], unique=False)

    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("user_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("prefix", sa.String(length=32), nullable=False),
        sa.Column("secret_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_api_keys_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_api_keys_user_id"), ["user_id"], unique=False)

    op.create_table(
        "pictures",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("format", sa.String(length=8), nullable=False),
        sa.Column("storage_key", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_pictures_owner_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pictures")),
    )
    with op.batch_alter_table("pictures", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pictures_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pictures_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pictures_storage_key"), ["storage_key"], unique=False)

    op.create_table(
        "styles",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("client_key", sa.String(length=200), nullable=True),
        sa.Column("request_hash", sa.String(length=64), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("picture_id", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=True),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["users.id"], name=op.f("fk_styles_owner_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_styles_picture_id_pictures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_styles")),
        sa.UniqueConstraint("owner_id", "client_key", name=op.f("uq_styles_owner_id_client_key")),
    )
    with op.batch_alter_table("styles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_styles_owner_id_created_at"), ["owner_id", "created_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_styles_picture_id"), ["picture_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_styles_status_created_at"), ["status", "created_at"], unique=False
        )

    op.create_table(
        "stylizations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.String(length=40), nullable=False),
        sa.Column("client_key", sa.String(length=200), nullable=True),
        sa.Column("request_hash", sa.String(length=64), nullable=True),
        sa.Column("style_id", sa.String(length=100), nullable=False),
        sa.Column("style_name", sa.JSON(), nullable=False),
        sa.Column("tau", sa.Double(), nullable=False),
        sa.Column("keep_color", sa.Boolean(), nullable=False),
        sa.Column("picture_id", sa.String(length=40), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("error_message", sa.JSON(), nullable=True),
        sa.Column("result_picture_id", sa.String(length=40), nullable=True),
        sa.Column("thumb_picture_id", sa.String(length=40), nullable=True),
        sa.Column("result_width", sa.Integer(), nullable=True),
        sa.Column("result_height", sa.Integer(), nullable=True),
        sa.Column("model_version", sa.String(length=100), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["owner_id"],
            ["users.id"],
            name=op.f("fk_stylizations_owner_id_users"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["picture_id"], ["pictures.id"], name=op.f("fk_stylizations_picture_id_pictures")
        ),
        sa.ForeignKeyConstraint(
            ["result_picture_id"],
            ["pictures.id"],
            name=op.f("fk_stylizations_result_picture_id_pictures"),
        ),
        sa.ForeignKeyConstraint(
            ["thumb_picture_id"],
            ["pictures.id"],
            name=op.f("fk_stylizations_thumb_picture_id_pictures"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stylizations")),
        sa.UniqueConstraint(
            "owner_id", "client_key", name=op.f("uq_stylizations_owner_id_client_key")
        ),
    )
    with op.batch_alter_table("stylizations", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_stylizations_owner_id_created_at_id"),
            ["owner_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_stylizations_picture_id"), ["picture_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_stylizations_status_created_at_id"),
            ["status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_stylizations_style_id"), ["style_id"], unique=False)


def downgrade() -> None:
    """Revert the revision."""
    with op.batch_alter_table("stylizations", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_stylizations_style_id"))
        batch_op.drop_index(batch_op.f("ix_stylizations_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_stylizations_picture_id"))
        batch_op.drop_index(batch_op.f("ix_stylizations_owner_id_created_at_id"))

    op.drop_table("stylizations")
    with op.batch_alter_table("styles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_styles_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_styles_picture_id"))
        batch_op.drop_index(batch_op.f("ix_styles_owner_id_created_at"))

    op.drop_table("styles")
    with op.batch_alter_table("pictures", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pictures_storage_key"))
        batch_op.drop_index(batch_op.f("ix_pictures_owner_id"))
        batch_op.drop_index(batch_op.f("ix_pictures_expires_at"))

    op.drop_table("pictures")
    with op.batch_alter_table("api_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_api_keys_user_id"))

    op.drop_table("api_keys")
    with op.batch_alter_table("worker_heartbeats", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_worker_heartbeats_seen_at"))

    op.drop_table("worker_heartbeats")
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_users_kind"))

    op.drop_table("users")
