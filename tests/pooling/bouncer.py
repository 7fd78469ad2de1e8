"""A real PgBouncer, run from the file that operators are given."""

import configparser
import os
import signal
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import psycopg
from psycopg.conninfo import conninfo_to_dict

from devtools import process
from devtools.embedded import EmbeddedServer, make_private_directory
from tests.debian import find_or_install
from tests.processes import ROOT, free_port

PACKAGE = "pgbouncer"
GIVEN = ROOT / "deploy" / "pgbouncer" / "pgbouncer.ini"


class PgBouncer(EmbeddedServer):
    """Pools transactions over `servers` sessions of the database at `upstream`."""

    name: ClassVar[str] = PACKAGE
    executable: ClassVar[str] = PACKAGE
    # Its SIGTERM ends at once; SIGINT would wait for clients that only close when told to.
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = ((signal.SIGTERM, 5.0),)
    death_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, directory: Path, *, upstream: dict[str, str], servers: int) -> None:
        """`upstream`: the database's addresses by setting; each login gets `servers` sessions."""
        super().__init__(directory)
        self.servers = servers
        self._program = find_or_install(PACKAGE, PACKAGE)
        self._upstream = upstream
        self._place = _login(upstream["DATABASE_URL"])
        self._port = free_port()
        self._user: process.ServiceUser | None = None

    @property
    def url(self) -> str:
        """The application's address, through the pooler."""
        return self.addresses["DATABASE_URL"]

    @property
    def addresses(self) -> dict[str, str]:
        """All logins' through the pooler but the owner's, who migrates past it."""
        return {
            name: url if name == "MIGRATE_DATABASE_URL" else self._through(url)
            for name, url in self._upstream.items()
        }

    def _through(self, url: str) -> str:
        login = quote(_login(url)["user"], safe="")
        return f"postgres://{login}@127.0.0.1:{self._port}/{self._place['dbname']}"

    @property
    def _file(self) -> Path:
        return self.directory / "pgbouncer.ini"

    def prepare(self) -> None:
        self._user = process.service_user_for([self.directory.parent])
        make_private_directory(self.directory, self._user)
        users = self.directory / "userlist.txt"
        logins = [_login(url) for url in self._upstream.values()]
        users.write_text(
            "".join(f'"{login["user"]}" "{login.get("password", "")}"\n' for login in logins)
        )
        self._write_file(users)
        for path in (users, self._file):
            if self._user is not None:
                os.chown(path, self._user.uid, self._user.gid)

    def _write_file(self, users: Path) -> None:
        """The given file, with this database, these places and few sessions."""
        given = configparser.RawConfigParser()
        given.read_string(GIVEN.read_text())
        _, _, query = given["databases"]["chatorical"].partition("connect_query=")
        place = {"port": "5432", **self._place}
        words = " ".join(f"{key}='{place[key]}'" for key in ("host", "port", "dbname"))
        given["databases"] = {place["dbname"]: f"{words} connect_query={query}"}
        given["pgbouncer"].update(
            {
                "listen_port": str(self._port),
                "auth_type": "trust",
                "auth_file": str(users),
                "default_pool_size": str(self.servers),
            }
        )
        with self._file.open("w") as file:
            given.write(file)

    def argv(self) -> list[str]:
        return [self._program, str(self._file)]

    def popen_options(self) -> process.PopenOptions:
        return process.popen_options(death_signal=self.death_signal, service_user=self._user)

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def connect(self) -> psycopg.Connection:
        """A client's connection, past the product."""
        return psycopg.connect(self.url, connect_timeout=5, prepare_threshold=None)


def _login(url: str) -> dict[str, str]:
    return {key: str(value) for key, value in conninfo_to_dict(url).items()}
