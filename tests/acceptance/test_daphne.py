"""daphne stays a supported server: the same application, the same story."""

import sys

import pytest

from tenants.audit import SYSTEM
from tenants.models import Tenant
from tenants.scope import tenant_scope
from tenants.services import set_tenant_status
from tests import customer
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.processes import Process, free_port


@pytest.mark.usefixtures("committed_db")
def test_a_customer_writes_through_daphne(stage: Stage) -> None:
    port = free_port()
    command = [sys.executable, "-m", "daphne", "-b", "127.0.0.1", "-p", str(port)]
    server = Process(
        [*command, "chatorical.asgi:application"], stage.product.environment, "Listening on"
    )
    server.start()
    try:
        visitor = customer.arrive(f"http://127.0.0.1:{port}")
        socket = visitor.socket()
        socket.say("Is this daphne?")
        assert socket.next_where(direction="INBOUND")["text"] == "Is this daphne?"
        stage.group.wait_for_topic(visitor.codename)
        socket.close()
        _suspension_ends_a_socket(f"http://127.0.0.1:{port}")
    finally:
        server.stop()


def _suspension_ends_a_socket(web: str) -> None:
    tenant = tenant_called("suspended-at-daphne")
    socket = customer.arrive(web, tenant=tenant.slug).socket()
    with tenant_scope(tenant.pk) as scoped:
        set_tenant_status(tenant=scoped, status=Tenant.Status.SUSPENDED, actor=SYSTEM)
    assert socket.next() == {"error": "tenant_suspended"}
    assert socket.close_code() == 4008
