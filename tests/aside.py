"""Database work in tests that drive a browser.

Where Playwright's loop runs, Django takes that thread for an asynchronous one and refuses queries.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_setting

Result = TypeVar("Result")


def aside(work: Callable[[], Result]) -> Result:
    """Run `work` in a thread of its own, and close that thread's connection."""

    def run() -> Result:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def let_embed(tenant: Tenant, origin: str) -> None:
    """Have a tenant whose chat this website may show."""

    def write() -> None:
        with tenant_scope(tenant.pk) as scoped:
            set_setting(tenant=scoped, key="allowedOrigins", value=[origin], actor=SYSTEM)

    aside(write)
