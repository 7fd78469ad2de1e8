"""What each side will see of a system message."""

from dataclasses import asdict, replace
from typing import Any

import pytest

from kernel.errors import InvalidParameter
from templates_i18n import services
from templates_i18n.catalogs import MESSAGES
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.preview import preview, preview_of
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope


@pytest.mark.parametrize(
    ("key", "changes", "sides"),
    [
        (TemplateKey.WAITING, {}, "note"),
        (TemplateKey.WAITING, {"to_customer_persist": True}, "note"),
        (TemplateKey.WAITING, {"enabled": False}, ""),
        (TemplateKey.WAITING, {"text": " \n"}, ""),
        (TemplateKey.WELCOME, {}, ""),
        (TemplateKey.WELCOME, {"text": "Hello", "enabled": True}, "message note"),
        (TemplateKey.REOPENED, {}, "message note"),
        (TemplateKey.CLOSING, {}, "message"),
        (TemplateKey.CLOSING, {"to_agents": True}, "message post"),
        (TemplateKey.CLOSED_HISTORY, {}, "line"),
        (TemplateKey.CLOSED_HISTORY, {"to_customer_ws": True, "to_agents": True}, "line"),
        (TemplateKey.REMINDER_5M, {}, "post"),
        (TemplateKey.REMINDER_15M, {}, "post pin"),
        (TemplateKey.REMINDER_15M, {"to_agents": False}, ""),
    ],
)
def test_who_sees_what(key: TemplateKey, changes: dict[str, Any], sides: str) -> None:
    shown = preview_of(replace(BUILT_IN[key], **changes))
    seen = {
        "message": shown.customer.as_message,
        "note": shown.customer.as_note,
        "line": shown.customer.below_history,
        "post": shown.agents.is_posted,
        "pin": shown.agents.is_pinned,
    }
    assert " ".join(name for name, is_seen in seen.items() if is_seen) == sides
    assert bool(shown.customer.text) == bool({"message", "note", "line"} & set(sides.split()))
    assert bool(shown.agents.text) == ("post" in sides)


def test_variables_are_filled_in_with_the_sample() -> None:
    template = BUILT_IN[TemplateKey.CLOSING].with_text("{customer_name} {codename} {boo}")
    assert preview_of(template).customer.text == "Maya Amber Otter #3F2A {boo}"
    shown = preview_of(template, {"customer_name": "{codename}"})
    assert shown.customer.text == "{codename} Amber Otter #3F2A {boo}"
    assert asdict(shown) == {
        "customer": {
            "text": "{codename} Amber Otter #3F2A {boo}",
            "as_message": True,
            "as_note": False,
            "below_history": False,
        },
        "agents": {"text": "", "is_posted": False, "is_pinned": False},
        "unknown_variables": ("boo",),
    }


def test_a_preview_begins_with_what_is_used_now(workspace: Tenant) -> None:
    with tenant_scope(workspace.pk) as tenant:
        key = TemplateKey.CLOSING
        shown = preview(tenant=tenant, key=key, locale="lv-LV")
        assert shown.customer.text == MESSAGES["lv"][key]
        services.update_template(
            tenant=tenant, key=key, locale="lv", changes={"text": "Viss"}, actor=SYSTEM
        )
    with tenant_scope(workspace.pk) as tenant:
        assert preview(tenant=tenant, key=key, locale="lv-LV").customer.text == "Viss"
        changed = preview(tenant=tenant, key=key, locale="lv", changes={"to_customer_ws": True})
        assert (changed.customer.as_message, changed.customer.as_note) == (True, True)
        with pytest.raises(InvalidParameter):
            preview(tenant=tenant, key=key, locale="lv", changes={"boo": True})
