"""A superuser's DATABASE_URL ends in a role that row-level security binds."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from devtools import environment, roles, servers
from devtools.errors import LocalError
from devtools.postgres import EmbeddedPostgres


@pytest.fixture(scope="module")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(tmp_path_factory.mktemp("roles") / "postgres", durable=False) as server:
        yield server


def test_a_superuser_steps_down_and_sees_only_what_policies_allow(
    postgres: EmbeddedPostgres,
) -> None:
    bound = servers.bound_database({"DATABASE_URL": postgres.admin_url})
    with psycopg.connect(bound["MIGRATE_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("CREATE TABLE secret (owner text)")
        connection.execute("INSERT INTO secret VALUES ('somebody')")
        connection.execute("ALTER TABLE secret ENABLE ROW LEVEL SECURITY")
        connection.execute("ALTER TABLE secret FORCE ROW LEVEL SECURITY")
        assert connection.execute("SELECT * FROM secret").fetchall() == []
        # The role is where the session begins, so resetting leads back to it.
        connection.execute("RESET ROLE")
        assert connection.execute("SELECT * FROM secret").fetchall() == []
        connection.execute(f"CREATE DATABASE test_{uuid.uuid4().hex}".encode())


def test_it_can_be_done_again(postgres: EmbeddedPostgres) -> None:
    assert roles.restrict(postgres.admin_url) == roles.restrict(postgres.admin_url)


def test_an_ordinary_login_stays_as_it_is(postgres: EmbeddedPostgres) -> None:
    assert servers.bound_database({"DATABASE_URL": postgres.url}) == {}


def test_an_address_that_nobody_answers_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(LocalError, match="DATABASE_URL does not answer"):
        roles.restrict(f"postgres://nobody@/none?host={tmp_path}")


def test_an_address_in_a_file_counts(tmp_path: Path) -> None:
    (tmp_path / "url").write_text("redis://elsewhere\n")
    given = {"REDIS_URL_FILE": str(tmp_path / "url")}
    assert environment.find(given, "REDIS_URL") == "redis://elsewhere"
    assert list(servers.embedded_for(tmp_path, given)) == ["DATABASE_URL"]
