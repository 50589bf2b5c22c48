"""Address books: DICOM nodes and DICOMweb endpoints that people want to test."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dicom_node",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("description", "ae_title", "hostname")),
        sa.Column("port", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("kind", "book_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dicom_node")),
        sa.UniqueConstraint(
            "book_group",
            "ae_title",
            "hostname",
            "port",
            name=op.f("uq_dicom_node_book_group_ae_title_hostname_port"),
        ),
    )
    op.create_table(
        "web_endpoint",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("description", "url", "services", "book_group")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_web_endpoint")),
        sa.UniqueConstraint("book_group", "url", name=op.f("uq_web_endpoint_book_group_url")),
    )


def downgrade() -> None:
    op.drop_table("web_endpoint")
    op.drop_table("dicom_node")
