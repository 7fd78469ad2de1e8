"""Settings that cannot be used stop the start with one line; each secret may come from a file."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.processes import ROOT

pytestmark = pytest.mark.processes

STRONG = "x" * 40
KEY = "A" * 43 + "="
PRODUCTION = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": STRONG,
    "CONVERSATION_JWT_SECRET": STRONG,
    "KMS_MASTER_KEY": KEY,
    "SERVICE_TOKEN": STRONG,
    "DATABASE_URL": "postgres://chatorical@127.0.0.1:5432/chatorical",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "PUBLIC_ORIGIN": "https://chat.example",
}
_READ = "import chatorical.settings as s; print('started', len(s.SECRET_KEY), s.PORT, s.REDIS_URL)"


def start(data_dir: Path, **environment: str | None) -> "subprocess.CompletedProcess[str]":
    """Read the settings in a process of its own."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    wanted = {name: value for name, value in environment.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", _READ],
        cwd=ROOT,
        env={"CHATORICAL_DATA_DIR": str(data_dir), **kept, **wanted},
        capture_output=True,
        text=True,
    )


def assert_stopped(result: "subprocess.CompletedProcess[str]", *words: str) -> None:
    """One line, naming the setting; nothing else."""
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("chatorical: ")
    assert result.stderr.count("\n") == 1, result.stderr
    for word in words:
        assert word in result.stderr


def test_development_needs_nothing_and_keeps_what_it_makes_up(tmp_path: Path) -> None:
    first = start(tmp_path)
    assert first.stdout.startswith("started "), first.stderr
    kept = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert set(kept) == {
        "secret_key",
        "conversation_jwt_secret",
        "kms_master_key",
        "service_token",
    }
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "secrets").iterdir()} == {0o600}
    start(tmp_path)
    assert {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()} == kept


def test_production_starts_with_all_it_needs(tmp_path: Path) -> None:
    result = start(tmp_path, **PRODUCTION)
    assert result.stdout.startswith("started 40 4012"), result.stderr
    assert list(tmp_path.iterdir()) == [], "nothing is made up"


@pytest.mark.parametrize("name", sorted(PRODUCTION.keys() - {"ENVIRONMENT"}))
def test_production_does_without_nothing(tmp_path: Path, name: str) -> None:
    assert_stopped(start(tmp_path, **{**PRODUCTION, name: None}), f"{name} is not set")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENVIRONMENT", "staging"),
        ("CONVERSATION_JWT_SECRET", "tiny"),
        ("CONVERSATION_JWT_SECRET", f"{STRONG},tiny"),
        ("CONVERSATION_JWT_SECRET", ","),
        ("CONVERSATION_JWT_SECRET", f"{STRONG},{STRONG}"),
        ("SECRET_KEY", "x" * 31),
        ("SERVICE_TOKEN", "weak"),
        ("SERVICE_TOKEN", f"{STRONG},{STRONG}"),
        ("KMS_MASTER_KEY", "not base64!"),
        ("KMS_MASTER_KEY", "QUJD"),
        ("KMS_MASTER_KEY", f"{KEY},QUJD"),
        ("KMS_MASTER_KEY", f"{KEY},"),
        ("KMS_MASTER_KEY", f"{KEY},{KEY}"),
        ("PORT", "many"),
        ("PORT", "70000"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("DATABASE_URL", "postgres://localhost/x?schema=shop"),
        ("DATABASE_URL", "postgres://localhost/x?schema=public&connection_limit=5"),
        ("REDIS_URL", "http://127.0.0.1"),
        ("REDIS_URL", "sentinel://127.0.0.1:26379"),
        ("REDIS_URL", "sentinel://127.0.0.1:26379,/mymaster"),
        ("REDIS_URL", "sentinel://127.0.0.1:26379/mymaster?db=first"),
        ("REDIS_URL", "sentinel://127.0.0.1:26379/mymaster?quorum=2"),
        ("PUBLIC_ORIGIN", "chat.example"),
        ("PUBLIC_ORIGIN", "https://chat.example/pages"),
        ("PUBLIC_ORIGIN", "*"),
        ("ALLOWED_ORIGINS", "shop.example"),
        ("ALLOWED_ORIGINS", "https://shop.example,https://shop.example/pages"),
        ("ALLOWED_ORIGINS", "https://*.shop.example"),
        ("ALLOWED_ORIGINS", "https://me:word@shop.example"),
        ("TRUSTED_PROXIES", "everybody"),
        ("METRICS_ALLOW", "10.0.0.0/99"),
        ("UNBIND_JWT_FROM_IP", "perhaps"),
        ("RL_START_POINTS", "-1"),
        ("RL_SEND_DURATION_SEC", "0"),
        ("LOG_LEVEL", "LOUD"),
    ],
)
def test_a_value_that_cannot_be_used(tmp_path: Path, name: str, value: str) -> None:
    result = start(tmp_path, **{**PRODUCTION, name: value})
    assert_stopped(result, name)
    if "SECRET" in name or "KEY" in name or "TOKEN" in name:
        assert not set(value.split(",")) & set(result.stderr.split()), "secrets are not repeated"


def test_an_origin_that_says_too_much_names_what_to_write(tmp_path: Path) -> None:
    result = start(tmp_path, **{**PRODUCTION, "ALLOWED_ORIGINS": "https://shop.example/a?b"})
    assert_stopped(result, "ALLOWED_ORIGINS", "Write https://shop.example.")


def test_the_schema_of_other_libraries_addresses_is_understood(tmp_path: Path) -> None:
    address = "postgres://chat@localhost/chat?schema=public&sslmode=prefer"
    assert start(tmp_path, **{**PRODUCTION, "DATABASE_URL": address}).returncode == 0
    unknown = {**PRODUCTION, "DATABASE_URL": f"{address}&connection_limit=5"}
    assert_stopped(start(tmp_path, **unknown), "DATABASE_URL", "'connection_limit'")


@pytest.mark.parametrize(
    ("slip", "meant"),
    [
        ("BASE_DOMIAN", "BASE_DOMAIN"),
        ("BASEDOMAIN", "BASE_DOMAIN"),
        ("base_domain", "BASE_DOMAIN"),
        ("ALLOWED_ORIGIN", "ALLOWED_ORIGINS"),
        ("BOT_TOKN_FILE", "BOT_TOKEN_FILE"),
        ("RL_STRAT_POINTS", "RL_START_POINTS"),
        ("WEB_HOOK_SECRET", "WEBHOOK_SECRET"),
    ],
)
def test_a_name_that_is_nearly_one_of_ours(tmp_path: Path, slip: str, meant: str) -> None:
    result = start(tmp_path, **PRODUCTION, **{slip: "1"})
    assert_stopped(result, f"{slip} in the environment is no setting.", f"Did you mean {meant}?")


def test_what_is_missing_is_looked_for_among_the_misspelt(tmp_path: Path) -> None:
    without = {name: value for name, value in PRODUCTION.items() if name != "PUBLIC_ORIGIN"}
    result = start(tmp_path, **without, PUBLIC_ORIGN="https://chat.example")
    assert_stopped(result, "PUBLIC_ORIGIN is not set, but PUBLIC_ORIGN is. Correct the name.")


@pytest.mark.parametrize(
    "name",
    [
        *("PATH", "HOST", "PWD", "SHLVL", "HOSTNAME", "REDIS_PORT", "REDIS_HOST", "DATABASE_PORT"),
        *("DATABASE_SERVICE_HOST", "CHATORICAL_PORT", "OTEL_EXPORTER_OTLP_HEADERS", "PGPORT"),
        *("WORKER_THREADS", "WORKER_LOG_LEVEL", "COMPOSE_PROJECT_NAME", "LOG_FILE", "BOT_NAME"),
        *("SECRET_KEY_FILE_PATH", "SUPPORT_EMAIL", "TELEGRAM_TOKEN", "LOGLEVEL"),
        # Near settings that have their values, so nobody has misspelt those.
        *("DATABASE_URI", "DATABASE_URL2", "SERVICE_TOKEN_OLD", "KMS_MASTER_KEY_ID"),
        # What systemd tells a service of Type=notify with WatchdogSec and directories.
        *("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "INVOCATION_ID", "JOURNAL_STREAM"),
        *("SYSTEMD_EXEC_PID", "RUNTIME_DIRECTORY", "STATE_DIRECTORY", "MEMORY_PRESSURE_WATCH"),
    ],
)
def test_names_of_other_programs_are_left_alone(tmp_path: Path, name: str) -> None:
    result = start(tmp_path, **PRODUCTION, **{name: "1"})
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize("name", ["REDISURL", "REDIS_URI", "PUBLIC_ORIGN"])
def test_a_slip_in_the_file_is_found_where_a_name_in_the_environment_may_be_anybodys(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / ".env").write_text(f"{name}=x\nPORT=4100\nDEPLOYED_BY=ana\n")
    program = (
        "import sys, pathlib; from chatorical.env import Environment\n"
        "env = Environment(pathlib.Path(sys.argv[1]))\n"
        "print([env.text(n, '') for n in ('PORT', 'REDIS_URL', 'PUBLIC_ORIGIN')], flush=True)\n"
        "env.refuse_slips()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / ".env")],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], "CHATORICAL_DATA_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.stdout == "['4100', '', '']\n"
    assert done.stderr.startswith(f"chatorical: {name} in .env is no setting. Did you mean "), done
    assert done.returncode == 1


def test_the_service_token_is_no_signing_secret(tmp_path: Path) -> None:
    assert_stopped(
        start(tmp_path, **{**PRODUCTION, "CONVERSATION_JWT_SECRET": None}),
        "CONVERSATION_JWT_SECRET is not set",
    )


def test_values_may_come_from_files(tmp_path: Path) -> None:
    (tmp_path / "redis").write_text("redis://files.example:6379/3\n")
    (tmp_path / "key").write_text("$" + "f" * 63 + "\n")
    files = {"REDIS_URL_FILE": str(tmp_path / "redis"), "SECRET_KEY_FILE": str(tmp_path / "key")}
    for plain in (PRODUCTION, {**PRODUCTION, "REDIS_URL": None, "SECRET_KEY": None}):
        result = start(tmp_path, **{**plain, **files})
        assert result.stdout == "started 64 4012 redis://files.example:6379/3\n", result.stderr


def test_a_value_that_begins_with_a_dollar_names_no_other_one(tmp_path: Path) -> None:
    result = start(tmp_path, **{**PRODUCTION, "SECRET_KEY": "$SERVICE_TOKEN" + "x" * 32})
    assert result.stdout.startswith("started 46 "), result.stderr


@pytest.mark.parametrize("content", [None, b"\xff\xfe\xfd"])
def test_a_file_that_cannot_be_read(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "secret"
    if content is not None:
        path.write_bytes(content)
    files = {**PRODUCTION, "SECRET_KEY": None, "SECRET_KEY_FILE": str(path)}
    assert_stopped(start(tmp_path, **files), "SECRET_KEY_FILE", str(path))


def test_an_empty_file_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("\n")
    files = {**PRODUCTION, "SECRET_KEY": None, "SECRET_KEY_FILE": str(tmp_path / "secret")}
    assert_stopped(start(tmp_path, **files), "SECRET_KEY is not set")
