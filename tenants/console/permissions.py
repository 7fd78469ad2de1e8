"""Django's permissions, answered from a member's role."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.backends import BaseBackend

from tenants import roles
from tenants.api_keys.scopes import Scope
from tenants.models import User


class RoleBackend(BaseBackend):
    """What a role allows on each list of the console; platform staff may do everything anyway.

    A list says which scope reading and changing its rows need. One that does not say so is the
    platform staff's alone.
    """

    def has_perm(self, user_obj: Any, perm: str, obj: object = None) -> bool:
        """For names such as `conversations.view_conversation`."""
        app, _, codename = perm.partition(".")
        verb, _, model = codename.partition("_")
        return isinstance(user_obj, User) and any(
            roles.may(user_obj.workspace_role, _scope(page, verb))
            for opts, page in _pages()
            if opts == (app, model)
        )

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        """Whether the person may read anything of an app."""
        return isinstance(user_obj, User) and any(
            roles.may(user_obj.workspace_role, _scope(page, "view"))
            for (app, _), page in _pages()
            if app == app_label
        )


def _pages() -> list[tuple[tuple[str, str], Any]]:
    return [
        ((model._meta.app_label, str(model._meta.model_name)), page)
        for model, page in admin.site._registry.items()
    ]


def _scope(page: Any, verb: str) -> Scope | None:
    name = {"view": "reading", "add": "writing", "change": "writing"}.get(verb, "")
    scope: Scope | None = getattr(page, name, None)
    return scope
