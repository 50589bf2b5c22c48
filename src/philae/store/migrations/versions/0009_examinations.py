"""What the doctor found out about destinations."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "examination",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("healthy", sa.SmallInteger(), nullable=False),
        sa.Column("findings", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_examination")),
    )
    op.create_index("ix_examination_destination_id_id", "examination", ["destination_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_examination_destination_id_id", table_name="examination")
    op.drop_table("examination")
