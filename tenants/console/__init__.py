"""What the console's pages in every app are made of: see chatorical/console for the whole."""

from tenants.console.base import StaffAdmin, only_tenant_id, staff_actor, tenant_id_of
from tenants.console.display import column, list_action, moment, page_action, shown_tenant
from tenants.console.filters import TenantFilter
from tenants.console.forms import ServiceForm
from tenants.console.questions import Question

__all__ = [
    "Question",
    "ServiceForm",
    "StaffAdmin",
    "TenantFilter",
    "column",
    "list_action",
    "moment",
    "only_tenant_id",
    "page_action",
    "shown_tenant",
    "staff_actor",
    "tenant_id_of",
]
