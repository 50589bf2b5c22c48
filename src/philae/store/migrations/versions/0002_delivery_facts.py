"""What left under which names, why deliveries stopped, which destinations are out of reach; indices to find them by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_COLUMNS = ("code", "sent_series_instance_uid", "sent_patient_id", "sent_accession_number")
_ORIGINAL = {"study": "study_instance_uid", "series": "series_instance_uid", "patient": "patient_id"}
_SENT = ("sop_instance_uid", "study_instance_uid", "series_instance_uid", "patient_id")


def upgrade() -> None:
    for name in _COLUMNS:
        op.add_column("delivery", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("tally", sa.Column("forgotten", sa.BigInteger(), server_default="0", nullable=False))
    op.create_table(
        "contact",
        sa.Column("destination_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("destination_id", name=op.f("pk_contact")),
    )
    _mark_what_nobody_noted()
    for name, column in _ORIGINAL.items():
        op.create_index(f"ix_instance_{name}", "instance", [column, "id"])
    _index_delivery("ix_delivery_ended", ["destination_id", "state", "instance_id"], "state >= 2")
    for name in _SENT:
        column = f"sent_{name}"
        _index_delivery(f"ix_delivery_{column}", [column, "instance_id", "destination_id"], f"{column} IS NOT NULL")


def downgrade() -> None:
    for name in ("ended", *(f"sent_{name}" for name in _SENT)):
        op.drop_index(f"ix_delivery_{name}", "delivery")
    for name in _ORIGINAL:
        op.drop_index(f"ix_instance_{name}", "instance")
    op.drop_table("contact")
    op.drop_column("tally", "forgotten")
    for name in _COLUMNS:
        op.drop_column("delivery", name)


def _mark_what_nobody_noted() -> None:
    """NULL means from now on that an identifier left as it came; of earlier deliveries nobody knows."""
    op.execute(
        "UPDATE delivery SET sent_series_instance_uid = '', sent_patient_id = '', sent_accession_number = '' "
        "WHERE state IN (2, 3, 4)"
    )
    op.execute("UPDATE delivery SET sent_sop_instance_uid = NULL WHERE sent_sop_instance_uid = ''")
    op.execute("UPDATE delivery SET sent_study_instance_uid = NULL WHERE sent_study_instance_uid = ''")


def _index_delivery(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "delivery", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
