"""Where a visitor is and who, told by the page's widget in a real browser."""

import json
import time
from functools import partial
from uuid import UUID, uuid4

import jwt
import pytest
from playwright.sync_api import Browser

from conversations.identity import keys
from conversations.models import Conversation
from conversations.visitors.models import Visitor as StoredVisitor
from conversations.visitors.selectors import find_visitor
from tenants import audit
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_setting
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import Visitor
from tests.cast import tenant_called
from tests.conftest import Stage

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Bakery</title>
<link rel="icon" href="data:,"></head><body><script src="{web}/widget.js"></script><script>
  const tokens = {tokens};
  const who = new URLSearchParams(location.search).get('who') ?? '';
  SupportChatV2.init({
    tenant: '{tenant}',
    attributes: { plan: 'pro', seats: 3 },
    identity: async () => tokens[who] ?? '',
  });
</script></body></html>"""


@pytest.fixture
def bakery(committed_db: None) -> Tenant:
    """A tenant that no other test knows."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


def tokens_for(tenant: Tenant, *people: str) -> dict[str, str]:
    """What the tenant's server signs for these people, which it does from now on."""
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key="identity.mode", value="optional", actor=audit.SYSTEM)
        secret = keys.make_secret(tenant=scoped, actor=audit.SYSTEM).secret
    now = int(time.time())
    claims = {"aud": tenant.slug, "iat": now, "exp": now + 3600}
    return {one: jwt.encode({**claims, "sub": one}, secret, "HS256") for one in people}


def stored(tenant: Tenant, conversation_id: str) -> StoredVisitor:
    def read() -> StoredVisitor:
        with tenant_scope(tenant.pk):
            found = find_visitor(conversation=Conversation(id=UUID(conversation_id), tenant=tenant))
        assert found is not None
        return found

    return aside(read)


def test_a_person_goes_on_in_another_browser_and_leaves_nothing_to_the_next(
    browser: Browser, stage: Stage, bakery: Tenant
) -> None:
    tokens = json.dumps(aside(lambda: tokens_for(bakery, "maya", "toms")))
    page = PAGE.replace("{web}", stage.web).replace("{tenant}", bakery.slug)
    with website(page.replace("{tokens}", tokens)) as address:
        let_embed(bakery, address)
        new_context = partial(browser.new_context, locale="en-GB", timezone_id="Europe/Riga")
        with new_context() as laptop, new_context() as phone:
            maya = Visitor(laptop, f"{address}/basket?who=maya#top")
            conversation_id = maya.start("From the laptop")
            known = stored(bakery, conversation_id)
            assert known.page == f"{address}/basket", "not what opens something"
            assert (known.time_zone, known.device) == ("Europe/Riga", "Chrome on Linux")
            assert known.attributes == {"plan": "pro", "seats": 3}
            assert known.person is not None and known.person.subject == "maya"
            there = Visitor(phone, f"{address}/?who=maya")
            assert there.start("From the phone") == conversation_id
            there.sees("From the laptop")
            maya.sees("From the phone")
            maya.page.goto("about:blank")
            toms = Visitor(laptop, f"{address}/pay?who=toms")
            assert toms.start("Somebody else") != conversation_id
            assert toms.log.get_by_text("From the phone").count() == 0
