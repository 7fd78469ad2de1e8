"""What the console's pages in every app are made of: see chatorical/console for the whole."""

from tenants.console.base import StaffAdmin, staff_actor, tenant_id_of
from tenants.console.display import column, list_action, moment, page_action
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
    "page_action",
    "staff_actor",
    "tenant_id_of",
]
