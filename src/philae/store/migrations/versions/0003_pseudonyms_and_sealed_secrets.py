"""A table of pseudonyms, the history of project secrets, and every secret sealed."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_CONFIGURATIONS = sa.table(
    "config_version", sa.column("number"), sa.column("document"), sa.column("applied_at", sa.BigInteger())
)
_SECRETS = sa.table(
    "project_secret", sa.column("project"), sa.column("sealed"), sa.column("first_used_at", sa.BigInteger())
)


def upgrade() -> None:
    _create_pseudonym()
    op.create_table(
        "project_secret",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("project", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("first_used_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_project_secret")),
    )
    op.create_index("ix_project_secret_project", "project_secret", ["project"])
    _seal_configurations()


def downgrade() -> None:
    """The sealed documents stay as they are: what was sealed is not written in clear again."""
    op.drop_table("project_secret")
    op.drop_table("pseudonym")


def _create_pseudonym() -> None:
    texts = ("project", "patient_id", "issuer_of_patient_id", "pseudonym", "last_name", "first_name")
    op.create_table(
        "pseudonym",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in texts),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pseudonym")),
        sa.UniqueConstraint(
            "project",
            "patient_id",
            "issuer_of_patient_id",
            name=op.f("uq_pseudonym_project_patient_id_issuer_of_patient_id"),
        ),
        sa.UniqueConstraint("project", "pseudonym", name=op.f("uq_pseudonym_project_pseudonym")),
    )
    expires = sa.text("expires_at IS NOT NULL")
    op.create_index(
        "ix_pseudonym_expiring", "pseudonym", ["expires_at"], sqlite_where=expires, postgresql_where=expires
    )


def _seal_configurations() -> None:
    connection = op.get_bind()
    rows = connection.execute(sa.select(_CONFIGURATIONS).order_by(_CONFIGURATIONS.c.number)).all()
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
    vault = _database().vault
    known: set[tuple[str, str]] = set()
    for number, document, applied_at in rows:
        for project, secret in _secrets_in(document):
            if (project, secret) not in known:
                known.add((project, secret))
                row = {"project": project, "sealed": vault.seal(secret), "first_used_at": applied_at}
                connection.execute(sa.insert(_SECRETS), row)
        at_number = _CONFIGURATIONS.c.number == number
        connection.execute(sa.update(_CONFIGURATIONS).where(at_number).values(document=vault.seal(document)))


def _database() -> Any:
    found = op.get_context().config
    return found.attributes["database"] if found is not None else None


def _secrets_in(document: str) -> list[tuple[str, str]]:
    projects = json.loads(document).get("projects", [])
    return [(project["name"], project["secret"]) for project in projects if project.get("secret")]
