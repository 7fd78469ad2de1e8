"""By which names an installation can be called."""

from base64 import b64encode
from collections.abc import Iterator

import pytest
import requests
from django.conf import settings

from tenants.models import Tenant
from tests.answers import assert_refused
from tests.operator import HEADER
from tests.processes import Product
from tests.stage import Stage

TOKEN = "t" * 50
INTERNAL = "chatorical-web.internal:8080"
PUBLIC = "https://app.chat.example"


@pytest.fixture(scope="module")
def production(stage: Stage) -> Iterator[str]:
    """A web process as an installation runs it."""
    environment = {
        **stage.product.environment,
        "ENVIRONMENT": "production",
        "SECRET_KEY": "s" * 50,
        "CONVERSATION_JWT_SECRET": "c" * 50,
        "SERVICE_TOKEN": TOKEN,
        # It serves the stage's database, whose secrets these keys seal.
        "KMS_MASTER_KEY": ",".join(b64encode(key).decode() for key in settings.KMS_MASTER_KEYS),
        "PUBLIC_ORIGIN": PUBLIC,
        "BASE_DOMAIN": "chat.example",
        "ALLOWED_HOSTS": "desk.internal",
    }
    with Product(environment) as product:
        yield product.web()[1]


def call(web: str, path: str, host: str) -> requests.Response:
    """A GET by this host name, with the service token."""
    return requests.get(
        web + path, headers={"Host": host, HEADER: TOKEN}, timeout=30, allow_redirects=False
    )


@pytest.mark.parametrize("host", [INTERNAL, "10.1.2.3:4012", "under_score", "app.chat.example"])
def test_scripts_call_by_any_name(production: str, host: str) -> None:
    for path in ("/v1/conversations", "/v1/admin/settings", "/v1/admin/agents"):
        assert call(production, path, host).status_code == 200
    assert_refused(call(production, "/v2/admin/agents", host), 401, "unauthorized")


def test_pages_are_served_under_our_names_only(production: str) -> None:
    def page(host: str) -> int:
        headers = {"Host": host, "X-Forwarded-Proto": "https"}
        return requests.get(f"{production}/admin/login/", headers=headers, timeout=30).status_code

    assert page(INTERNAL) == 400
    assert page("app.chat.example") == page("desk.internal") == 200


def test_the_next_page_is_at_an_address_of_ours(stage: Stage, production: str) -> None:
    for _ in range(2):
        stage.customer()

    def following(host: str) -> str:
        return call(production, "/v1/conversations?limit=1", host).links["next"]["url"]

    assert following(INTERNAL).startswith(f"{PUBLIC}/v1/conversations?limit=1&cursor=")
    assert following("desk.internal:81").startswith("http://desk.internal:81/v1/conversations?")


def test_a_subdomain_still_names_the_tenant(production: str, acme: Tenant) -> None:
    for host, wanted in (("acme.chat.example", str(acme.pk)), (INTERNAL, None)):
        answer = requests.post(
            f"{production}/v1/conversations/start", headers={"Host": host}, timeout=30
        )
        assert answer.status_code == 200
        assert (answer.json()["tenant_id"] == str(acme.pk)) is (wanted is not None)
