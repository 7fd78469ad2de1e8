"""The tenants of the tests, and what their people do beside Telegram."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest

from conversations import services
from conversations.services.messaging import agent_actor
from tenants import configuration
from tenants.audit import SYSTEM
from tenants.models import DEFAULT_TENANT_SLUG, Tenant
from tenants.scope import tenant_scope
from tenants.services import create_tenant, reset_setting, set_setting


@pytest.fixture
def acme(committed_db: None) -> Tenant:
    """A tenant of its own, beside the default one."""
    return tenant_called("acme")


@pytest.fixture
def globex(committed_db: None) -> Tenant:
    """Another one, who must never see anything of acme's."""
    return tenant_called("globex")


@pytest.fixture
def default_tenant(committed_db: None) -> Tenant:
    """The tenant that requests without a hint are for."""
    return Tenant.objects.get(slug=DEFAULT_TENANT_SLUG)


def tenant_called(slug: str) -> Tenant:
    """The tenant with this slug; made when it is not there yet."""
    found = Tenant.objects.filter(slug=slug).first()
    return found or create_tenant(slug=slug, name=slug.capitalize(), actor=SYSTEM)


@contextmanager
def setting(tenant: Tenant, key: str, value: object) -> Iterator[None]:
    """The tenant has this setting for a while."""
    with tenant_scope(tenant.pk) as scoped:
        set_setting(tenant=scoped, key=key, value=value, actor=SYSTEM)
    try:
        yield
    finally:
        with tenant_scope(tenant.pk) as scoped:
            reset_setting(tenant=scoped, key=key, actor=SYSTEM)


class Desk:
    """An agent at work on one conversation, whichever channel that happens through."""

    def __init__(self, conversation_id: str, *, tenant: Tenant, agent: int = 4711) -> None:
        self._tenant = tenant
        self._conversation_id = UUID(conversation_id)
        self._agent_id = agent

    def claim(self) -> None:
        """Take the conversation on."""
        with tenant_scope(self._tenant.pk) as tenant:
            agent = services.see_agent(
                tenant=tenant, channel_user_id=str(self._agent_id), channel_name="Ana"
            )
            services.claim_conversation(
                tenant=tenant, conversation_id=self._conversation_id, agent=agent
            )

    def reply(self, text: str) -> None:
        """Answer the customer."""
        with tenant_scope(self._tenant.pk) as tenant:
            agent = services.see_agent(
                tenant=tenant, channel_user_id=str(self._agent_id), channel_name="Ana"
            )
            services.add_agent_reply(
                tenant=tenant, conversation_id=self._conversation_id, agent=agent, text=text
            )

    def close(self) -> None:
        """Finish it."""
        with tenant_scope(self._tenant.pk) as tenant:
            agent = services.see_agent(
                tenant=tenant, channel_user_id=str(self._agent_id), channel_name="Ana"
            )
            services.close_conversation(
                tenant=tenant, conversation_id=self._conversation_id, actor=agent_actor(agent)
            )

    def block(self) -> None:
        """Let the customer write no more."""
        with tenant_scope(self._tenant.pk) as tenant:
            services.block_conversation(
                tenant=tenant, conversation_id=self._conversation_id, actor=SYSTEM
            )


@pytest.fixture
def fresh_configuration() -> Iterator[None]:
    """This process knows no tenant yet, and forgets those of the test."""
    configuration.forget_everything()
    yield
    configuration.forget_everything()
