"""Management commands and the shell: each opens a scope, or says why it needs none."""

import os
import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT, all_sources, called_name
from tests.databases import addresses_of_tests

_FOLDER = "management/commands/"
_SCOPES = {"tenant_scope", "platform_scope"}
# A command that is in neither list fails the build, as does one whose reason is no longer true.
OPENING_A_SCOPE = {
    *("configure_default_channel", "retention", "seed_demo", "telegram_doctor"),
    "widget_snippet",
}
WITHOUT_A_SCOPE = {
    "migrate": "Django's own, with the login of the tables' owner",
    "payment_page": "billing/stripe/checkout.py opens the tenant's scope between its calls",
    "stripe_catalogue": "plans and prices are the platform's, and no tenant's",
    "conversation_keys": "reads the environment only",
    "renew_webhooks": "channels_telegram/checking.py opens each tenant's scope in turn",
    "rotate_data_keys": "tenants/crypto/rotation.py opens each tenant's scope in turn",
    "rotate_master_key": "tenants/crypto/rotation.py opens each tenant's scope in turn",
    "shell": "whoever works in it says whose rows they mean",
}

pytestmark = pytest.mark.usefixtures("committed_db")


def test_each_command_opens_a_scope_or_says_why_not() -> None:
    opening: set[str] = set()
    without: set[str] = set()
    for source in all_sources():
        folder, _, file = source.path.rpartition("/")
        if not f"{folder}/".endswith(_FOLDER) or file == "__init__.py":
            continue
        has_scope = _SCOPES & {called_name(call) for call in source.calls()}
        (opening if has_scope else without).add(file.removesuffix(".py"))
    assert (opening, without) == (OPENING_A_SCOPE, set(WITHOUT_A_SCOPE))


def shell(line: str, addresses: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """What somebody sees who types this into `manage.py shell`."""
    return subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--command", line],
        cwd=ROOT,
        env={**os.environ, **addresses},
        capture_output=True,
        text=True,
    )


@pytest.mark.processes
@pytest.mark.parametrize("line", ["Conversation.objects.count()", "Message.objects.first()"])
def test_the_shell_says_that_it_wants_a_scope(line: str, addresses: dict[str, str]) -> None:
    done = shell(line, addresses)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    model = line.partition(".")[0]
    assert last == (
        f"tenants.errors.ScopeRequired: {model} rows belong to tenants: open tenant_scope() or "
        "platform_scope() first, as in: with tenant_scope(find_tenant_id('acme')) as tenant: ..."
    )


@pytest.mark.processes
def test_the_shell_has_the_scope_at_hand(addresses: dict[str, str]) -> None:
    lines = (
        "with tenant_scope(find_tenant_id('default')) as tenant:\n"
        "    print(tenant.slug, Conversation.objects.filter(codename='nobody').count())"
    )
    done = shell(lines, addresses)
    assert done.stdout.strip() == "default 0", done.stderr


@pytest.mark.processes
def test_the_shell_hides_all_rows_from_plain_sql(addresses: dict[str, str]) -> None:
    """What walks around the managers meets the policies."""
    line = (
        "from django.db import connection; cursor = connection.cursor(); "
        "cursor.execute('SELECT count(*) FROM tenants_member'); print(cursor.fetchone())"
    )
    assert shell(line, addresses).stdout.strip() == "(0,)"


@pytest.fixture
def addresses() -> dict[str, str]:
    """The tests' own database."""
    return addresses_of_tests()
