"""Series that are to be shared with albums."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "album_share",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("album", sa.Text(), nullable=False),
        sa.Column("study_instance_uid", sa.Text(), nullable=False),
        sa.Column("series_instance_uid", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("shared_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_album_share")),
        sa.UniqueConstraint(
            "destination_id",
            "album",
            "study_instance_uid",
            "series_instance_uid",
            name=op.f("uq_album_share_series"),
        ),
    )
    waits = sa.text("shared_at IS NULL")
    op.create_index("ix_album_share_waiting", "album_share", ["not_before"], sqlite_where=waits, postgresql_where=waits)
    op.create_index("ix_album_share_shared", "album_share", ["shared_at"])


def downgrade() -> None:
    op.drop_index("ix_album_share_shared", table_name="album_share")
    op.drop_index("ix_album_share_waiting", table_name="album_share")
    op.drop_table("album_share")
