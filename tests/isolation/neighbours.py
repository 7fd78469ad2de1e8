"""Two tenants for the matrix: one that calls, and one that has the things."""

from datetime import timedelta
from uuid import uuid4

import requests
from django.utils import timezone

from channels_telegram.outgoing.kinds import LOOK, SET_UP
from outbox.models import OutboxItem
from tenants import services
from tenants.api_keys.models import ApiKey
from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tests.admin_v2.conftest import new_key
from tests.isolation import routes
from tests.isolation.routes import Route

_ABOUT_BOTS = (SET_UP.name, LOOK.name)


class Neighbours:
    """A tenant with a key for everything, and another one that has the things."""

    def __init__(self, web: str) -> None:
        self.web = web
        self.mine, self.theirs = (self._tenant(name) for name in ("mine", "theirs"))
        self.key = new_key(self.mine, "admin:write")
        with tenant_scope(self.mine.pk):
            # So that noting the use, once a minute, is in no call that is compared with another.
            ApiKey.objects.update(last_used_at=timezone.now() + timedelta(hours=1))
        self.own, self.things = self._furnish(self.mine), self._furnish(self.theirs)

    @staticmethod
    def _furnish(owner: Tenant) -> dict[str, str]:
        with tenant_scope(owner.pk) as tenant:
            things = {name: make(tenant) for name, make in routes.SAMPLES.items()}
            # A worker beside us would ask Telegram about the bots, and note what it has heard.
            OutboxItem.objects.filter(kind__in=_ABOUT_BOTS).update(
                status=OutboxItem.Status.DISCARDED, finished_at=timezone.now()
            )
            return things

    @staticmethod
    def _tenant(name: str) -> Tenant:
        slug = f"{name}-{uuid4().hex[:12]}"
        return services.create_tenant(slug=slug, name=name, actor=SYSTEM)

    def ended_key(self, **how: object) -> str:
        """A key for everything that works no more."""
        secret = new_key(self.mine, "admin:write")
        with tenant_scope(self.mine.pk):
            newest = ApiKey.objects.order_by("-created_at").first()
            assert newest is not None
            ApiKey.objects.filter(pk=newest.pk).update(**how)
        return secret

    def call(self, route: Route, values: dict[str, str], **headers: str) -> requests.Response:
        """The route with these values, whatever it answers."""
        return requests.request(
            route.method,
            self.web + route.path({name: "x" for name in routes.NO_IDS} | values),
            json=route.body(self.own),
            headers={name.replace("_", "-"): value for name, value in headers.items()},
            timeout=30,
        )


def unknown(parameter: str) -> str:
    """An id that nobody has."""
    return routes.UNKNOWN.get(parameter, "0193d6a0-7c55-7cc1-8d1e-0f1f5a0c9a11")
