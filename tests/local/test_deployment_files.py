"""The static checks of the deployment files pass, and would notice."""

import yaml

from chatorical.local import deployment_files, paths

COMPOSE = (paths.ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (paths.ROOT / "Dockerfile").read_text()


def test_the_files_in_the_repository_are_right() -> None:
    assert list(deployment_files.problems()) == []


def test_a_process_without_restart_and_a_lost_secret_are_noticed() -> None:
    compose = yaml.safe_load(COMPOSE)
    del compose["services"]["redis"]["restart"]
    compose["services"]["web"]["secrets"].remove("secret_key")
    compose["services"]["nginx"]["volumes"].append("./deploy/nginx/none.conf:/x:ro")
    found = "\n".join(deployment_files.compose_problems(compose))
    assert "redis has no restart" in found
    assert "web is not given the secret behind SECRET_KEY_FILE" in found
    assert "mounts ./deploy/nginx/none.conf, which is not there" in found


def test_an_image_that_ends_as_root_is_noticed() -> None:
    spoiled = DOCKERFILE.replace("USER 10001:10001\n", "").replace('["web"]', "web")
    assert list(deployment_files.dockerfile_problems(spoiled)) == [
        "Dockerfile: ends as root",
        "Dockerfile: CMD is not in exec form",
    ]
