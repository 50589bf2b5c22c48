"""Where the database is and how to read and write it; SQLite and PostgreSQL alike."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url

from philae.pipeline.ports import LedgerUnavailable
from philae.store.writelock import WriteLock

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from sqlalchemy.engine import URL, Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
    from sqlalchemy.pool import PoolProxiedConnection

    from philae.store.secrets import Vault

BUSY_TIMEOUT_MS: Final = 10_000
CONNECT_TIMEOUT_S: Final = 10
CACHE_KIB: Final = 8 * 1024
CHECKPOINT_PAGES: Final = 4096


class Statement:
    """A statement compiled once. It runs on the driver's cursor: per-execution work would cost more than SQLite does."""

    def __init__(self, clause: sa.ClauseElement, dialect: sa.Dialect) -> None:
        compiled = clause.compile(dialect=dialect)
        self.text = str(compiled)
        self._constants = {name: value for name, value in compiled.params.items() if value is not None}

    def bind(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """The parameters of one run."""
        return {**self._constants, **row} if self._constants else row


class Transaction:
    """What has been written since the last commit, by one thread."""

    def __init__(self, cursor: DBAPICursor) -> None:
        self._cursor = cursor
        self.undone = False

    def undo(self) -> None:
        """Nothing of this is to be committed."""
        self.undone = True

    def rows(self, statement: Statement, row: Mapping[str, Any]) -> Sequence[Any]:
        """Every row of the answer."""
        self._cursor.execute(statement.text, statement.bind(row))
        return self._cursor.fetchall()

    def run(self, statement: Statement, rows: Sequence[Mapping[str, Any]]) -> int:
        """Run for each row and return how many rows were changed."""
        if not rows:
            return 0
        if len(rows) == 1:
            self._cursor.execute(statement.text, statement.bind(rows[0]))
        else:
            self._cursor.executemany(statement.text, [statement.bind(row) for row in rows])
        return self._cursor.rowcount


class Database:
    """Connections of one process. Open it after a fork, never before."""

    def __init__(self, url: str, *, durable: bool = True, vault: Vault | None = None) -> None:
        """``durable``: commits that are acknowledged survive a power cut, not only a crash of the process.

        Without ``vault`` nothing that is sealed can be read or written.
        """
        self.url: Final = _url(url)
        self._vault = vault
        self.is_sqlite: Final = self.url.get_backend_name() == "sqlite"
        self._lock: AbstractContextManager[None] = nullcontext()
        if self.is_sqlite:
            self._lock = WriteLock(_prepare_file(Path(str(self.url.database))))
        self._writers: dict[Engine, PoolProxiedConnection] = {}
        self._reading = self._engine(relaxed=True)
        self._relaxed = self._engine(relaxed=True)
        self._durable = self._engine(relaxed=False) if durable else self._relaxed
        self._errors: Final[type[Exception]] = self.dialect.loaded_dbapi.Error
        if self.is_sqlite:
            with self._lock, self._relaxed.connect():
                """The first connection makes it a WAL database; two at once would be refused."""

    @property
    def dialect(self) -> sa.Dialect:
        """What statements are compiled for."""
        return self._reading.dialect

    @property
    def vault(self) -> Vault:
        """What seals secrets. Raises `LedgerUnavailable` when the database was opened without."""
        if self._vault is None:
            raise LedgerUnavailable("the database was opened without the key of its secrets")
        return self._vault

    def prepare(self, clause: sa.ClauseElement) -> Statement:
        """Compile a statement for `write`."""
        return Statement(clause, self.dialect)

    def upsert(self, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
        """An INSERT that knows ON CONFLICT."""
        return sqlite.insert(table) if self.is_sqlite else postgresql.insert(table)

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database. Raises `LedgerUnavailable`."""
        try:
            with self._reading.connect() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the database cannot be read: {_fault(error.orig)}") from error

    @contextmanager
    def look(self) -> Iterator[Transaction]:
        """For one prepared query, without waiting for writers. Raises `LedgerUnavailable`."""
        try:
            with closing(self._reading.raw_connection()) as connection:
                yield Transaction(connection.cursor())
        except (self._errors, sa.exc.SQLAlchemyError) as error:
            raise LedgerUnavailable(f"the database cannot be read: {_fault(error)}") from error

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[Transaction]:
        """One transaction; rolled back when the block raises. Raises `LedgerUnavailable`."""
        engine = self._durable if durable else self._relaxed
        try:
            with self._lock, self._writer(engine) as connection:
                cursor = connection.cursor()
                try:
                    if self.is_sqlite:
                        cursor.execute("BEGIN IMMEDIATE")
                    transaction = Transaction(cursor)
                    yield transaction
                    (connection.rollback if transaction.undone else connection.commit)()
                except BaseException:
                    connection.rollback()
                    raise
        except (self._errors, sa.exc.SQLAlchemyError) as error:
            raise LedgerUnavailable(f"the database refused a change: {_fault(error)}") from error

    @contextmanager
    def change(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction in SQLAlchemy's own terms, for what is rare. Raises SQLAlchemy's errors."""
        engine = self._durable if durable else self._relaxed
        with self._lock, engine.begin() as connection:
            yield connection

    def refused_values(self, error: LedgerUnavailable) -> bool:
        """Whether the database refused what it was given, rather than being unable to take anything."""
        dbapi = self.dialect.loaded_dbapi
        return isinstance(error.__cause__, (dbapi.IntegrityError, dbapi.DataError))

    def close(self) -> None:
        """Close every connection."""
        for connection in self._writers.values():
            connection.close()
        self._writers.clear()
        for engine in (self._reading, self._relaxed, self._durable):
            engine.dispose()
        if isinstance(self._lock, WriteLock):
            self._lock.close()

    @contextmanager
    def _writer(self, engine: Engine) -> Iterator[PoolProxiedConnection]:
        """A connection to write on. SQLite has one writer at a time, so its connection need not go back to the pool."""
        if not self.is_sqlite:
            with closing(engine.raw_connection()) as connection:
                yield connection
            return
        if engine not in self._writers:
            self._writers[engine] = engine.raw_connection()
        yield self._writers[engine]

    def _engine(self, *, relaxed: bool) -> Engine:
        if self.is_sqlite:
            synchronous = "FULL" if not relaxed else "NORMAL"
            engine = sa.create_engine(
                self.url, paramstyle="named", connect_args={"isolation_level": None, "check_same_thread": False}
            )
            sa.event.listen(engine, "connect", lambda connection, _: _prepare_sqlite(connection, synchronous))
            sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
            return engine
        options = f"-c synchronous_commit={'off' if relaxed else 'on'} -c plan_cache_mode=force_generic_plan"
        return sa.create_engine(
            self.url,
            connect_args={"options": options, "connect_timeout": CONNECT_TIMEOUT_S},
            pool_pre_ping=True,
            max_overflow=20,
        )


def _fault(error: BaseException | None) -> str:
    """What the driver calls the fault: its text might hold values."""
    name = getattr(error, "sqlite_errorname", None) or getattr(error, "sqlstate", None)
    return f"{type(error).__name__} {name}" if name else type(error).__name__


def sqlite_url(path: Path) -> str:
    """The address of a SQLite database in this file."""
    return f"sqlite:///{path}"


def _url(text: str) -> URL:
    """``postgresql://`` means the driver that is shipped."""
    url = make_url(text)
    return url.set(drivername="postgresql+psycopg") if url.drivername in {"postgresql", "postgres"} else url


def _prepare_file(path: Path) -> Path:
    """Make the database file, readable by its owner only, and return the path of its lock."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    return path.with_name(path.name + "-writer")


def _prepare_sqlite(connection: DBAPIConnection, synchronous: str) -> None:
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "journal_mode=WAL",
        f"synchronous={synchronous}",
        f"cache_size=-{CACHE_KIB}",
        f"wal_autocheckpoint={CHECKPOINT_PAGES}",
        "temp_store=MEMORY",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
