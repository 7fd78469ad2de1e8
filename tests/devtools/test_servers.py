"""Promises of the embedded servers: same data and address after any death, restricted role."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from devtools import paths
from devtools.errors import ServerFailed
from devtools.postgres import EmbeddedPostgres
from devtools.redis import EmbeddedRedis


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    directory = tmp_path_factory.mktemp("servers") / "postgres"
    with EmbeddedPostgres(directory, durable=False) as server:
        yield server


def test_the_suite_runs_under_the_restricted_role() -> None:
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        row = connection.execute(
            "SELECT rolsuper OR pg_has_role(oid, 'pg_read_all_data', 'usage'), rolbypassrls"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    assert row == (False, False)


def test_the_owner_has_the_database_and_may_create_others(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.owner_url) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolbypassrls, rolcreatedb, pg_get_userbyid(datdba)"
            " FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()"
        ).fetchone()
    assert row == (False, False, True, "chatorical_owner")


def test_committed_rows_survive_a_kill(postgres: EmbeddedPostgres) -> None:
    with psycopg.connect(postgres.owner_url) as connection:
        connection.execute("CREATE TABLE kept (number int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    postgres.kill()
    postgres.start()
    with psycopg.connect(postgres.owner_url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (1,)


def test_a_pid_file_that_names_a_stranger_does_not_stop_the_start(
    postgres: EmbeddedPostgres,
) -> None:
    pid_file = postgres.directory / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    postgres.kill()
    # As after a restart of the machine: the number now belongs to a process that is alive.
    lines[0] = str(os.getpid())
    pid_file.write_text("\n".join(lines) + "\n")
    lock = postgres.socket_directory / ".s.PGSQL.5432.lock"
    lock.write_text("\n".join(lines) + "\n")
    postgres.start()
    assert postgres.answers()


def test_a_leftover_of_a_killed_run_is_ended_first(tmp_path: Path) -> None:
    script = (
        "import os, sys; from devtools.redis import EmbeddedRedis\n"
        "server = EmbeddedRedis(sys.argv[1]).start(); print(server.pid, flush=True)\n"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "redis")]
    with subprocess.Popen(
        command, cwd=paths.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        leftover = psutil.Process(int(first.stdout.readline()))
        with EmbeddedRedis(tmp_path / "redis") as second:
            # Its parent is alive and does not collect it: ended is a zombie here.
            assert leftover.status() == psutil.STATUS_ZOMBIE
            assert second.answers()
        first.kill()


def test_a_server_dies_with_the_process_that_started_it(tmp_path: Path) -> None:
    if sys.platform != "linux":
        pytest.skip("needs the parent-death signal of Linux")
    script = (
        "import os, signal, sys; from devtools.postgres import EmbeddedPostgres\n"
        "server = EmbeddedPostgres(sys.argv[1], durable=False).start()\n"
        "print(server.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "postgres")],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    pid = int(done.stdout)
    if psutil.pid_exists(pid):
        orphan = psutil.Process(pid)
        _, alive = psutil.wait_procs([orphan], timeout=15)
        assert not alive or orphan.status() == psutil.STATUS_ZOMBIE


def test_a_deep_checkout_gets_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path / ("a directory with a long name " * 4).strip() / "redis"
    with EmbeddedRedis(deep) as server:
        assert server.answers()
        assert len(os.fsencode(server.socket_path)) < 100
    socket_directory = paths.socket_directory(deep)
    assert EmbeddedRedis(deep).url == server.url
    socket_directory.rmdir()


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    server = EmbeddedPostgres(tmp_path / "postgres", durable=False)
    with server:
        pass
    (server.directory / "postgresql.conf").write_text("no_such_setting = 1\n")
    with pytest.raises(ServerFailed, match="no_such_setting"):
        server.start()
