"""The neighbour who makes trouble: a second tenant, made by `python -m bench.noisy TOKEN CHAT_ID`.

In a process of its own, because it needs Django. Prints JSON: how to call as this tenant.
"""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")
django.setup()

from channels_telegram.channels import outbox_channel  # noqa: E402 - Django begins above
from channels_telegram.services import ChannelConfig, configure_channel  # noqa: E402
from tenants.api_keys.services import issue_api_key  # noqa: E402
from tenants.audit import SYSTEM  # noqa: E402
from tenants.scope import tenant_scope  # noqa: E402
from tenants.services import create_tenant, set_setting  # noqa: E402

SLUG = "noisy"
# The product's own defaults; the bench's installation has none that could be met.
_LIMITS = {"rl.send.points": 30, "rl.ws.points": 30, "rl.history.points": 600}


def make(token: str, chat_id: int) -> dict[str, str]:
    """The tenant with its channel, its limits and a key."""
    tenant_id = create_tenant(slug=SLUG, name="Noisy", actor=SYSTEM).pk
    with tenant_scope(tenant_id) as tenant:
        config = ChannelConfig(token, chat_id)
        channel = configure_channel(tenant=tenant, config=config, actor=SYSTEM)
        for key, points in _LIMITS.items():
            set_setting(tenant=tenant, key=key, value=points, actor=SYSTEM)
        issued = issue_api_key(
            tenant=tenant, name="Bench", scopes=["admin:write"], actor=SYSTEM, rate_limit_points=600
        )
        return {
            "slug": SLUG,
            "tenant_id": str(tenant_id),
            "api_key": issued.secret,
            "channel": outbox_channel(channel.pk),
        }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make(sys.argv[1], int(sys.argv[2]))))
