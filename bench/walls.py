"""What row-level security costs, in a process of its own: `python -m bench.walls ROUNDS COUNT`.

The product's own services do the same work in turns with the policies on and off, `COUNT`
transactions at a time, on one connection. One turn follows the other within a fraction of a second,
so that other work on the machine meets both alike. Prints JSON for the scenario `rls`.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter, process_time
from uuid import UUID

import django
import psutil

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatorical.settings")
django.setup()

from django.apps import apps  # noqa: E402 - a process of its own begins above
from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402

from conversations import selectors, services  # noqa: E402
from kernel.logins import standing_in  # noqa: E402
from tenants.configuration import default_tenant_id  # noqa: E402
from tenants.models import TenantOwned  # noqa: E402
from tenants.scope import tenant_scope  # noqa: E402

_CONVERSATIONS = 20
_HISTORY = 50
# The first transactions after a change of the tables look their structure up again.
_WARM_UP = 10
_TABLES = [model._meta.db_table for model in apps.get_models() if issubclass(model, TenantOwned)]


@dataclass
class Side:
    """What one way has taken, with the policies or without."""

    seconds: list[float] = field(default_factory=list)
    own_cpu_seconds: float = 0.0
    postgres_cpu_seconds: float = 0.0

    def as_json(self) -> dict[str, object]:
        """Latencies in seconds, and milliseconds of CPU per transaction."""
        per = 1000 / len(self.seconds)
        cpu = {"product": self.own_cpu_seconds * per, "postgres": self.postgres_cpu_seconds * per}
        return {"seconds": self.seconds, "cpu": cpu}


class Work:
    """A customer's two most frequent transactions, as the views have them."""

    def __init__(self) -> None:
        self._tenant_id: UUID = default_tenant_id()
        self._conversations: list[UUID] = []
        for _ in range(_CONVERSATIONS):
            with tenant_scope(self._tenant_id) as tenant:
                started = services.start_conversation(
                    tenant=tenant, customer_name="Mara", locale="en"
                )
                self._conversations.append(started.pk)
        for number in range(_CONVERSATIONS * _HISTORY):
            self.send(number)

    def send(self, number: int) -> None:
        """Store a message with the effects that it makes."""
        with tenant_scope(self._tenant_id) as tenant:
            services.add_customer_message(
                tenant=tenant,
                conversation_id=self._conversations[number % _CONVERSATIONS],
                text="Hello, I have a question about my order.",
            )

    def history(self, number: int) -> None:
        """Read the newest messages of a conversation."""
        with tenant_scope(self._tenant_id) as tenant:
            conversation = selectors.get_conversation(
                tenant=tenant, conversation_id=self._conversations[number % _CONVERSATIONS]
            )
            found = selectors.list_messages(tenant=tenant, conversation=conversation)
            list(found.reverse()[:_HISTORY])
            selectors.find_closed_note(tenant=tenant, conversation=conversation)


def compare(act: Callable[[int], None], *, rounds: int, count: int) -> dict[str, object]:
    """Both sides' figures; the order changes with each round."""
    sides = {True: Side(), False: Side()}
    ratios: list[float] = []
    for number in range(rounds):
        taken: dict[bool, float] = {}
        for has_walls in (True, False) if number % 2 else (False, True):
            taken[has_walls] = _turn(act, sides[has_walls], has_walls, count)
        ratios.append(taken[True] / taken[False])
    _set_walls(stand=True)
    return {
        "ratio": _median(ratios),
        "with": sides[True].as_json(),
        "without": sides[False].as_json(),
    }


def _turn(act: Callable[[int], None], side: Side, has_walls: bool, count: int) -> float:
    """`count` transactions; the median seconds of one."""
    _set_walls(stand=has_walls)
    for number in range(_WARM_UP):
        act(number)
    server = _server_process()
    server_before, own_before = _cpu_seconds(server), process_time()
    taken: list[float] = []
    for number in range(count):
        begun = perf_counter()
        act(number)
        taken.append(perf_counter() - begun)
    side.own_cpu_seconds += process_time() - own_before
    side.postgres_cpu_seconds += _cpu_seconds(server) - server_before
    side.seconds += taken
    return _median(taken)


def _set_walls(*, stand: bool) -> None:
    word = "ENABLE" if stand else "DISABLE"
    with standing_in(settings.OWNER_DATABASE), connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"ALTER TABLE {table} {word} ROW LEVEL SECURITY")


def _server_process() -> psutil.Process:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(cursor.fetchone()[0])


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


if __name__ == "__main__":
    work, rounds, count = Work(), int(sys.argv[1]), int(sys.argv[2])
    measured = {
        name: compare(act, rounds=rounds, count=count)
        for name, act in (("send", work.send), ("history", work.history))
    }
    sys.stdout.write(json.dumps(measured))
