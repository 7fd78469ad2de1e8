"""How the console looks and what its sidebar offers; django-unfold reads this from the settings."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse_lazy

Item = dict[str, Any]


def _may_view(model: str) -> Callable[[HttpRequest], bool]:
    app, _, name = model.partition(".")

    def permission(request: HttpRequest) -> bool:
        return request.user.has_perm(f"{app}.view_{name}")

    return permission


def _may_view_own_tenant(request: HttpRequest) -> bool:
    user = request.user
    return not getattr(user, "is_superuser", False) and user.has_perm("tenants.view_tenant")


def _may_view_stripes_events(request: HttpRequest) -> bool:
    # Where nobody can pay, nothing speaks of money. These settings are read by Django's own.
    from django.conf import settings

    return bool(settings.STRIPE_SECRET_KEY) and request.user.has_perm("billing.view_stripeevent")


def _static(path: str) -> Callable[[HttpRequest], str]:
    # Called per request, because the storage behind `static` is not there yet at import.
    return lambda request: static(path)


def _list_of(model: str, title: str, icon: str) -> Item:
    return {
        "title": title,
        "icon": icon,
        "link": reverse_lazy(f"admin:{model.replace('.', '_')}_changelist"),
        "permission": _may_view(model),
    }


def _tabs(model: str, parameter: str, tabs: dict[str, str]) -> Item:
    """Views of one list, told apart by one parameter of its address; the first has none."""
    address = reverse_lazy(f"admin:{model.replace('.', '_')}_changelist")

    def tab(title: str, value: str) -> Item:
        return {
            "title": title,
            "link": lambda request: f"{address}?{parameter}={value}" if value else str(address),
            "permission": _may_view(model),
            "active": lambda request: request.GET.get(parameter, "") == value,
        }

    return {"models": [model], "items": [tab(title, value) for value, title in tabs.items()]}


def _lists(titles: dict[str, str]) -> Item:
    """Lists that belong together, by model."""
    items = [
        {
            "title": title,
            "link": reverse_lazy(f"admin:{model.replace('.', '_')}_changelist"),
            "permission": _may_view(model),
        }
        for model, title in titles.items()
    ]
    return {"models": list(titles), "items": items}


# The greys and blues of the brand. The middle of each scale serves both themes.
_BASE = {
    "50": "#F5F6F8",
    "100": "#ECEEF2",
    "200": "#E3E6EB",
    "300": "#C9CFD9",
    "400": "#9AA4B5",
    "500": "#5B6474",
    "600": "#434B59",
    "700": "#2A303C",
    "800": "#1A1F29",
    "900": "#12151C",
    "950": "#0E1116",
}
_PRIMARY = {
    "50": "#EDF2FF",
    "100": "#DBE4FF",
    "200": "#BAC8FF",
    "300": "#91A7FF",
    "400": "#829BFD",
    "500": "#748FFC",
    "600": "#3B5BDB",
    "700": "#364FC7",
    "800": "#2F44AD",
    "900": "#26378F",
    "950": "#1B2761",
}
_FONT = {
    "subtle-light": "#5B6474",
    "subtle-dark": "#9AA4B5",
    "default-light": "#343B47",
    "default-dark": "#C9CFD9",
    "important-light": "#14171F",
    "important-dark": "#ECEFF4",
}

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Chatorical",
    "SITE_HEADER": "chatorical",
    "SITE_URL": None,
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": _static("brand/favicon.svg")}
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "BORDER_RADIUS": "8px",
    "COLORS": {"base": _BASE, "primary": _PRIMARY, "font": _FONT},
    "STYLES": [_static("console/console.css"), _static("console/pages.css")],
    "SCRIPTS": [_static("console/alpine.js"), _static("console/console.js")],
    "LOGIN": {"form": "chatorical.console.sign_in.SignInForm"},
    "DASHBOARD_CALLBACK": "chatorical.console.dashboard.fill_in",
    "SIDEBAR": {
        "show_search": False,
        "navigation": [
            {
                "items": [
                    {
                        "title": "Overview",
                        "icon": "space_dashboard",
                        "link": reverse_lazy("admin:index"),
                    },
                    _list_of("conversations.conversation", "Conversations", "forum"),
                ]
            },
            {
                "title": "Delivery",
                "items": [
                    _list_of("channels_telegram.telegramchannel", "Telegram channels", "send"),
                    _list_of("outbox.outboxitem", "Outbox", "outbox"),
                ],
            },
            {
                "title": "Workspaces",
                "items": [
                    {
                        **_list_of("tenants.tenant", "Tenants", "domain"),
                        "permission": lambda request: request.user.is_superuser,
                    },
                    {
                        # Leads on to the page of the member's own.
                        **_list_of("tenants.tenant", "This workspace", "domain"),
                        "permission": _may_view_own_tenant,
                    },
                    _list_of("conversations.agent", "Agents", "support_agent"),
                    _list_of("templates_i18n.messagetemplate", "Message texts", "edit_note"),
                    _list_of("templates_i18n.savedreply", "Saved replies", "quickreply"),
                    _list_of("templates_i18n.translation", "Widget texts", "translate"),
                    _list_of("tenants.setting", "Settings", "tune"),
                    _list_of("tenants.member", "Members", "group"),
                    _list_of("tenants.apikey", "API keys", "key"),
                    _list_of("billing.subscription", "Subscriptions", "sell"),
                    {
                        "title": "Usage",
                        "icon": "data_usage",
                        "link": reverse_lazy("usage"),
                        "permission": _may_view_own_tenant,
                    },
                ],
            },
            {
                "title": "Platform",
                "items": [
                    _list_of("billing.plan", "Plans", "inventory_2"),
                    {
                        **_list_of("billing.stripeevent", "Stripe's events", "webhook"),
                        "permission": _may_view_stripes_events,
                    },
                    _list_of("tenants.user", "Users", "person"),
                    _list_of("tenants.auditentry", "Audit trail", "history"),
                ],
            },
        ],
    },
    "TABS": [
        _lists({"tenants.member": "Members", "tenants.invitation": "Invitations"}),
        _tabs(
            "conversations.conversation",
            "state",
            {
                "": "All",
                "waiting": "Waiting for an agent",
                "open": "Open",
                "closed": "Closed",
                "blocked": "Blocked",
            },
        ),
        _tabs(
            "outbox.outboxitem",
            "state",
            {"": "All", "dead": "Dead", "late": "Late", "pending": "Pending", "done": "Done"},
        ),
    ],
}
