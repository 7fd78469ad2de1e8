"""What a system message will look like to the customer and to the agents, before it is sent."""

from dataclasses import dataclass, replace
from typing import Any

from kernel.text import is_visible
from templates_i18n import selectors
from templates_i18n.keys import Template, TemplateKey
from templates_i18n.services.templates import checked_changes
from tenants.models import Tenant

SAMPLE = {
    "customer_name": "Maya",
    "agent_name": "Ana",
    "codename": "Amber Otter #3F2A",
}


@dataclass(frozen=True, slots=True)
class CustomerSees:
    """In the widget; several can be true at once, and without any the customer sees nothing."""

    text: str
    # A message that stays in the conversation.
    as_message: bool
    # A quiet note that is gone with the page.
    as_note: bool
    # The line below the history of a closed conversation.
    below_history: bool


@dataclass(frozen=True, slots=True)
class AgentsSee:
    """In the conversation's topic."""

    text: str
    is_posted: bool
    is_pinned: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """Both sides of one system message."""

    customer: CustomerSees
    agents: AgentsSee
    # What is written like a variable and stays as written.
    unknown_variables: tuple[str, ...]


def preview(
    *,
    tenant: Tenant,
    key: TemplateKey,
    locale: str,
    changes: dict[str, Any] | None = None,
    sample: dict[str, str] | None = None,
) -> Preview:
    """What is sent for this message and locale now, or would be with these fields changed.

    `sample` replaces some of the made-up values. Raises InvalidParameter naming a wrong field.
    """
    template = selectors.get_template(tenant=tenant, key=key, locale=locale)
    return preview_of(replace(template, **checked_changes(changes or {})), sample)


def preview_of(template: Template, sample: dict[str, str] | None = None) -> Preview:
    """The preview of a template that need not exist."""
    text = selectors.render(template.text, {**SAMPLE, **(sample or {})}).strip()
    is_said = template.enabled and is_visible(text)
    is_history_line = template.key == TemplateKey.CLOSED_HISTORY
    return Preview(
        customer=CustomerSees(
            text=text if template.is_for_customers else "",
            as_message=is_said and template.is_kept and not is_history_line,
            as_note=is_said and template.to_customer_ws and not is_history_line,
            below_history=is_said and is_history_line,
        ),
        agents=AgentsSee(
            text=text if is_said and template.to_agents and not is_history_line else "",
            is_posted=is_said and template.to_agents and not is_history_line,
            is_pinned=is_said and template.to_agents and template.pin and not is_history_line,
        ),
        unknown_variables=tuple(selectors.unknown_variables(template.text)),
    )
