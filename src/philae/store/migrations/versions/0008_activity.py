"""How much ended when, for charts."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.Column("shard", sa.SmallInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("delivered", "excluded", "stopped")),
        sa.PrimaryKeyConstraint("period", "destination_id", "shard", name=op.f("pk_activity")),
    )


def downgrade() -> None:
    op.drop_table("activity")
