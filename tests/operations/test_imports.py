"""A process serves before it has imported what only some of its calls need."""

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.conftest import Stage
from tests.processes import ROOT, Process, free_port

# With all that is below them.
NO_START_NEEDS = {
    "celery.bin.celery",
    "chatorical.openapi",
    "chatorical.urls",
    "click_repl",
    "conversations.admin",
    "conversations.api.tenant_v2",
    "drf_spectacular.openapi",
    "prompt_toolkit",
    "requests",
    "rest_framework.serializers",
    "tenants.admin",
    "twisted",
    "unfold.admin",
    "unfold.sites",
}
READY = {"web": "Uvicorn running on", "worker": " ready.", "beat": "maxinterval"}


def deployed(stage: Stage, role: str, folder: Path, **more: str) -> Process:
    """A process as it is deployed, which logs each module as it has imported it."""
    environment = {
        **stage.product.environment,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPROFILEIMPORTTIME": "1",
        "PROMETHEUS_MULTIPROC_DIR": str(folder),
        **more,
    }
    return Process([str(ROOT / "deploy" / "run"), role], environment, READY[role])


def imported(process: Process) -> set[str]:
    """The packages that no start needs, of those that it has imported."""
    modules = {line.rpartition("|")[2].strip() for line in process.log if "import time:" in line}
    assert "django.db" in modules
    return {
        name
        for name in NO_START_NEEDS
        if any(module == name or module.startswith(f"{name}.") for module in modules)
    }


@pytest.mark.parametrize("role", ["worker", "beat"])
@pytest.mark.usefixtures("committed_db")
def test_a_process_starts_without_what_web_pages_need(
    stage: Stage, role: str, tmp_path: Path
) -> None:
    process = deployed(stage, role, tmp_path)
    try:
        process.start()
        assert imported(process) == set()
    finally:
        process.stop()


@pytest.mark.usefixtures("committed_db")
def test_the_first_calls_of_the_console_and_of_servers_bring_their_own(
    stage: Stage, tmp_path: Path
) -> None:
    port = free_port()
    web = f"http://127.0.0.1:{port}"
    process = deployed(stage, "web", tmp_path, PORT=str(port), BIND_HOST="127.0.0.1")
    try:
        process.start()
        history = requests.get(f"{web}/v1/conversations/nobody/messages", timeout=60)
        assert history.status_code == 404, history.text
        assert imported(process) == set()
        addresses = ["/admin/login/", "/v2/admin/members", "/docs/openapi.yaml", "/nowhere"]
        with ThreadPoolExecutor(len(addresses) * 2) as callers:
            statuses = list(
                callers.map(
                    lambda address: requests.get(f"{web}{address}", timeout=120).status_code,
                    addresses * 2,
                )
            )
        assert statuses == [200, 401, 200, 404] * 2
        assert "conversations.admin" in imported(process)
    finally:
        process.stop()
