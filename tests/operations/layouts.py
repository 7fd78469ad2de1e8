"""The product as the files for systemd and for compose start it, without either of them."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from tests.processes import ROOT, Process, Product, free_port

_SHELL = "/bin/sh"


class DeployedProduct(Product):
    """Each process by `deploy/run`, with what its layout adds to the environment."""

    def _deployed(self, role: str, ready: str, **extra: str) -> Process:
        settings = {**self.layout(role), **extra}
        return self._run([*self.prefix(), _SHELL, "deploy/run", role], ready, **settings)

    def layout(self, role: str) -> dict[str, str]:
        """What the layout's file sets for a process of this role."""
        return {}

    def prefix(self) -> list[str]:
        """What the layout starts a process in."""
        return []

    def web(self, port: int | None = None) -> tuple[Process, str]:
        port = port or free_port()
        process = self._deployed("web", "Uvicorn running on", PORT=str(port))
        return process, f"http://127.0.0.1:{port}"

    def worker(self) -> Process:
        return self._deployed("worker", " ready.", WORKER_LOG_LEVEL="INFO")

    def beat(self, schedule: Path) -> Process:
        return self._deployed("beat", "maxinterval", WORKER_LOG_LEVEL="INFO")


class SystemdProduct(DeployedProduct):
    """As the units say; their directories under the one for test data."""

    def layout(self, role: str) -> dict[str, str]:
        name = "chatorical-web@.service" if role == "web" else f"chatorical-{role}.service"
        unit = (ROOT / "deploy" / "systemd" / name).read_text()
        assert f"ExecStart={_SHELL} deploy/run {role}\n" in unit
        [runtime] = re.findall(r"^RuntimeDirectory=(\S+)$", unit, re.M)
        [metrics] = re.findall(r"^Environment=PROMETHEUS_MULTIPROC_DIR=(\S+)$", unit, re.M)
        assert metrics.startswith(f"/run/{runtime}/"), "the unit may write nowhere else"
        assert "RuntimeDirectoryPreserve=yes" in unit, "one unit's stop would empty it for all"
        assert "WatchdogSec=60" in unit
        return {
            "PROMETHEUS_MULTIPROC_DIR": _moved(self.environment, metrics),
            # What systemd itself adds for such a unit.
            "WATCHDOG_USEC": "60000000",
            "WATCHDOG_PID": "4711",
            "INVOCATION_ID": "8c8e0d2b3d5a4f0e9b5f1f7c5f2f7d11",
            "JOURNAL_STREAM": "8:4711",
            "SYSTEMD_EXEC_PID": "4711",
            "RUNTIME_DIRECTORY": f"/run/{runtime}",
            "STATE_DIRECTORY": "/var/lib/chatorical",
        }


class ComposeProduct(DeployedProduct):
    """As the services say; each in a process namespace of its own, as containers are."""

    def prefix(self) -> list[str]:
        user = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
        return ["unshare", *user, "--pid", "--fork", "--kill-child", "--mount-proc"]

    def stop(self) -> None:
        """`unshare` hands no signal on; a kill takes its child along."""
        for process in reversed(self._processes):
            process.kill()
        self._processes.clear()

    def layout(self, role: str) -> dict[str, str]:
        compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
        service = compose["services"][role]
        assert service["command"] == [role]
        metrics = service["environment"]["PROMETHEUS_MULTIPROC_DIR"]
        [volume] = [it.split(":")[0] for it in service["volumes"] if it.endswith(f":{metrics}")]
        assert volume in compose["volumes"]
        return {"PROMETHEUS_MULTIPROC_DIR": _moved(self.environment, f"/{volume}")}


def _moved(environment: Mapping[str, str], path: str) -> str:
    return environment["CHATORICAL_DATA_DIR"] + path
