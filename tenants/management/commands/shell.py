"""Django's shell, with what opens a tenant's scope at hand."""

from django.core.management.commands import shell

_SCOPES = ("tenants.configuration.find_tenant_id", "tenants.scope.tenant_scope")


class Command(shell.Command):
    """It opens no scope by itself: the person in it says whose rows they mean.

    A tenant's rows are looked at with `with tenant_scope(find_tenant_id("acme")) as tenant: …`,
    and asking for them without raises ScopeRequired, which says so.
    """

    def get_auto_imports(self) -> list[str]:
        """All models, and the scope."""
        return [*(super().get_auto_imports() or []), *_SCOPES]
