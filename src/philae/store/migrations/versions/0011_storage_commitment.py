"""Instances that archives have not committed themselves to keep."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "commitment",
        sa.Column(
            "instance_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("destination_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sop_class_uid", sa.Text(), nullable=False),
        sa.Column("sop_instance_uid", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("transaction_uid", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("instance_id", "destination_id", name=op.f("pk_commitment")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_commitment_due", "commitment", ["destination_id", "not_before"])
    op.create_index("ix_commitment_sop_instance", "commitment", ["destination_id", "sop_instance_uid"])
    op.create_table(
        "commitment_request",
        sa.Column("transaction_uid", sa.Text(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("transaction_uid", name=op.f("pk_commitment_request")),
    )
    op.create_index("ix_commitment_request_asked", "commitment_request", ["asked_at"])


def downgrade() -> None:
    op.drop_index("ix_commitment_request_asked", table_name="commitment_request")
    op.drop_table("commitment_request")
    op.drop_index("ix_commitment_sop_instance", table_name="commitment")
    op.drop_index("ix_commitment_due", table_name="commitment")
    op.drop_table("commitment")
