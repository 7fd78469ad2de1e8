"""Keeping what browsers tell about their visitors. Runs in the caller's tenant scope."""

from uuid import UUID

from django.db.models import Q

from conversations.models import Conversation
from conversations.setting_keys import KEEPS_IP_ADDRESS, KEEPS_PAGE_QUERY
from conversations.visitors.models import Visitor
from conversations.visitors.page_reports import PageReport, WebAddress
from kernel.clock import now_ms
from kernel.http import UNKNOWN_ADDRESS
from tenants.models import Tenant


def keep_report(
    *, tenant: Tenant, conversation: Conversation, report: PageReport, device: str, address: str
) -> Visitor:
    """Note what a browser says as its session begins.

    The running transaction has made or locked the conversation. The page and the referrer of the
    first report stay; the rest is as last said.
    """
    page = report.page.kept(with_query=tenant.setting(KEEPS_PAGE_QUERY))
    last: dict[str, object] = {
        "device": device,
        "ip_address": _kept_address(tenant, address),
    }
    if page:
        last |= {"page": page, "page_at": now_ms()}
    if report.time_zone:
        last["time_zone"] = report.time_zone
    if report.attributes is not None:
        last["attributes"] = dict(report.attributes)
    visitor, _is_new = Visitor.objects.update_or_create(
        tenant=tenant,
        conversation=conversation,
        defaults=last,
        create_defaults={**last, "first_page": page, "referrer": report.referrer.base},
    )
    return visitor


def note_page(*, tenant: Tenant, conversation_id: UUID, page: WebAddress) -> None:
    """The visitor has come to this page; one statement, which changes nothing for the same page."""
    shown = page.kept(with_query=tenant.setting(KEEPS_PAGE_QUERY))
    if shown:
        rows = Visitor.objects.filter(tenant=tenant, conversation=conversation_id)
        rows.filter(~Q(page=shown)).update(page=shown, page_at=now_ms())


def _kept_address(tenant: Tenant, address: str) -> str | None:
    is_kept = address != UNKNOWN_ADDRESS and tenant.setting(KEEPS_IP_ADDRESS)
    return address if is_kept else None
