"""A PostgreSQL server of our own: on a Unix socket, gone with its data unless those are to be kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

UNPRIVILEGED = "nobody"


@contextmanager
def postgres_server(kept: Path | None = None) -> Iterator[str]:
    """The URL of a database: an empty one, or what was left in the folder ``kept``.

    An empty one is analysed by nobody but the test, or plans would depend on when. A missing server is an error, not a
    reason to skip.
    """
    programs = _programs()
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        data = kept or Path(folder, "data")
        for each in (Path(folder), data):
            each.mkdir(parents=True, exist_ok=True)
            shutil.chown(each, UNPRIVILEGED) if os.getuid() == 0 else None
        if not (data / "PG_VERSION").exists():
            made = "--username=philae", "--auth=trust", "--no-sync", "--encoding=UTF8"
            _run(programs / "initdb", "--pgdata", data, *made)
        autovacuum = "on" if kept else "off"
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c autovacuum={autovacuum}"
        _run(programs / "pg_ctl", "--pgdata", data, "--wait", "--log", f"{folder}/log", "--options", options, "start")
        try:
            yield f"postgresql://philae@/postgres?host={folder}"
        finally:
            _run(programs / "pg_ctl", "--pgdata", data, "--wait", f"--mode={'fast' if kept else 'immediate'}", "stop")


def empty_tables(url: str, metadata: sa.MetaData) -> None:
    """Forget all rows."""
    engine = sa.create_engine(url.replace("postgresql:", "postgresql+psycopg:"))
    with engine.begin() as connection:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connection.exec_driver_sql(f"TRUNCATE {names}")
    engine.dispose()


def _programs() -> Path:
    found = shutil.which("initdb")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if not found and not installed:
        raise FileNotFoundError("PostgreSQL is not installed; make test installs it (apt: postgresql)")
    return Path(found).parent if found else installed[-1].parent


def _run(*command: str | Path) -> None:
    """The server refuses to run as root."""
    prefix = ["runuser", "-u", UNPRIVILEGED, "--"] if os.getuid() == 0 else []
    done = subprocess.run([*prefix, *map(str, command)], cwd="/", check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
