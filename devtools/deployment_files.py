"""Static checks of the files that deploy the product: compose, Dockerfile, nginx, shell scripts.

`python -m devtools.deployment_files` prints one line per problem and ends with 1 if there
is any. What needs a Docker engine cannot be seen here.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from devtools import paths
from devtools.console import Console

INSTRUCTIONS = {
    "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "RUN",
    "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
}  # fmt: skip
SCRIPTS = {
    "dev": "sh",
    "deploy/run": "sh",
    "deploy/redis/run": "sh",
    "deploy/make-secrets": "sh",
    ".ci/run": "bash",
}
# Made on the machine that deploys, so never in the repository.
MADE_AT_DEPLOYMENT = "./deploy/secrets/"
# A tag may be moved to another image; a digest is the image.
_DIGEST = re.compile(r":[\w.-]+@sha256:[0-9a-f]{64}$")
NGINX = paths.ROOT / "deploy" / "nginx"


def problems() -> Iterator[str]:
    """Everything that is wrong, a sentence each."""
    yield from compose_problems(yaml.safe_load((paths.ROOT / "docker-compose.yml").read_text()))
    yield from dockerfile_problems((paths.ROOT / "Dockerfile").read_text())
    yield from nginx_problems()
    yield from script_problems()


def compose_problems(compose: dict[str, Any]) -> Iterator[str]:
    """Names that lead nowhere, processes without a restart or a health check."""
    services: dict[str, dict[str, Any]] = compose["services"]
    made = set(
        re.findall(r"^make (\w+)", (paths.ROOT / "deploy" / "make-secrets").read_text(), re.M)
    )
    for name, secret in compose["secrets"].items():
        if secret["file"] != f"{MADE_AT_DEPLOYMENT}{name}" or name not in made:
            yield f"docker-compose.yml: secret {name} is not made by deploy/make-secrets"
    for name, service in services.items():
        where = f"docker-compose.yml: {name}"
        for key in ("image", "restart", "healthcheck", "networks", "read_only", "cap_drop"):
            if key not in service and not (key == "healthcheck" and service.get("build")):
                yield f"{where} has no {key}"
        if not service.get("build") and not _DIGEST.search(service.get("image", "")):
            yield f"{where}: its image is not named by its digest"
        if service.get("build") and service.get("restart") != "no" and "mem_limit" not in service:
            yield f"{where} has no ceiling for its memory"
        for other in service.get("depends_on", {}):
            if other not in services:
                yield f"{where} depends on {other}, which is not there"
        for kind in ("secrets", "networks"):
            for used in service.get(kind, ()):
                if used not in compose[kind]:
                    yield f"{where} uses {kind[:-1]} {used}, which is not there"
        yield from _mount_problems(where, service, compose)
        for variable, value in service.get("environment", {}).items():
            if variable.endswith("_FILE") and Path(value).name not in service.get("secrets", ()):
                yield f"{where} is not given the secret behind {variable}"


def _mount_problems(where: str, service: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    for volume in service.get("volumes", ()):
        source = re.sub(r"\$\{\w+:-(\w+)\}", r"\1", volume).split(":")[0]
        if source.startswith("."):
            if not source.startswith(MADE_AT_DEPLOYMENT) and not (paths.ROOT / source).exists():
                yield f"{where} mounts {source}, which is not there"
        elif source not in compose["volumes"]:
            yield f"{where} mounts the volume {source}, which is not there"


def dockerfile_problems(text: str) -> Iterator[str]:
    """Unknown instructions, copies of nothing, root at the end, shell form where signals matter."""
    joined = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.M))
    lines = [line.strip().split(None, 1) for line in joined.splitlines() if line.strip()]
    last: dict[str, str] = {}
    for instruction, rest in lines:
        if instruction not in INSTRUCTIONS:
            yield f"Dockerfile: unknown instruction {instruction}"
        if instruction == "COPY" and "--from=" not in rest:
            for source in rest.split()[:-1]:
                if not source.startswith("--") and not (paths.ROOT / source).exists():
                    yield f"Dockerfile: copies {source}, which is not there"
        if instruction == "FROM" and not _DIGEST.search(rest.split(" AS ")[0]):
            yield f"Dockerfile: {rest} is not named by its digest"
        last[instruction] = rest
    if last.get("USER", "root").split(":")[0] in ("root", "0"):
        yield "Dockerfile: ends as root"
    if "HEALTHCHECK" not in last:
        yield "Dockerfile: has no HEALTHCHECK"
    for instruction in ("ENTRYPOINT", "CMD"):
        try:
            json.loads(last[instruction])
        except (KeyError, ValueError):
            yield f"Dockerfile: {instruction} is not in exec form"


def nginx_problems() -> Iterator[str]:
    """What `nginx -t` says of each site; nothing where nginx is not installed."""
    nginx, openssl = shutil.which("nginx"), shutil.which("openssl")
    if nginx is None or openssl is None:
        return
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "chatorical").mkdir()
        (home / "tls").mkdir()
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
             "-subj", "/CN=check", "-keyout", str(home / "tls" / "privkey.pem"),
             "-out", str(home / "tls" / "fullchain.pem")],
            check=True,
            capture_output=True,
        )  # fmt: skip
        for site in sorted(NGINX.glob("site-*.conf")):
            yield from _site_problems(nginx, site, home)


def _site_problems(nginx: str, site: Path, home: Path) -> Iterator[str]:
    def moved(path: Path) -> str:
        """The file with its absolute paths under `home`, and ports that anybody may test."""
        text = path.read_text().replace("/etc/nginx/", f"{home}/")
        text = re.sub(r"listen (\[::\]:)?(80|443)\b", r"listen \g<1>40\2", text)
        return text.replace("/var/log/nginx/", f"{home}/")

    (home / "chatorical" / "locations.inc").write_text(moved(NGINX / "locations.inc"))
    parts = [NGINX / "upstream-host.conf", NGINX / "common.conf", site]
    (home / "nginx.conf").write_text(
        # nginx opens its built-in log too unless told otherwise, which only root may do.
        f"pid {home}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n"
        + "\n".join(moved(part) for part in parts)
        + "\n}\n"
    )
    tested = subprocess.run(
        [nginx, "-t", "-q", "-p", str(home), "-c", str(home / "nginx.conf")],
        capture_output=True,
        text=True,
    )
    if tested.returncode != 0:
        yield f"deploy/nginx/{site.name}: {tested.stderr.strip()}"


def script_problems() -> Iterator[str]:
    """Shell scripts that do not parse or cannot be run."""
    for name, shell in SCRIPTS.items():
        path = paths.ROOT / name
        if not path.exists():
            yield f"{name} is not there"
            continue
        if not path.stat().st_mode & 0o111:
            yield f"{name} is not executable"
        parsed = subprocess.run([shell, "-n", str(path)], capture_output=True, text=True)
        if parsed.returncode != 0:
            yield f"{name}: {parsed.stderr.strip()}"


def main() -> int:
    """Print the problems; 1 when there are any."""
    console = Console()
    found = list(problems())
    for problem in found:
        console.say(problem)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
