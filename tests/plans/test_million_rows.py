"""However many rows there are, each call reads along an index about as many as it shows.

Every statement of a call is explained while the product runs it: no table is read whole, and no
statement looks at more rows than the call is good for.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from urllib.parse import quote
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.utils import timezone

from billing.metering.totals import Totals
from channels_telegram import tasks as telegram_tasks
from chatorical.web.metrics_endpoint import collect
from conversations import searching
from conversations.models import Conversation, ConversationWord
from conversations.services import retention, timers
from conversations.tasks import forget_used_tokens
from outbox import tasks as outbox_tasks
from tenants.idempotency.services import forget_old
from tenants.plan_limits import Limit
from tenants.scope import platform_scope, tenant_scope
from tenants.use_limits import Period
from tests.plans import crowd
from tests.plans.calls import HOT
from tests.plans.crowd import named
from tests.plans.desk import LARGE, Desk
from tests.plans.watching import Seen, Watch

# A page of fifty, one more to know whether another follows, and an agent for each.
PAGE = 2 * 51
# Those of a tenant may be read together, by their index, rather than one for each row of a page.
AGENTS = 100
# What a tenant has a handful or hundreds of, read and sorted.
FEW = 2_500


@pytest.fixture(scope="module")
def desk(million: None) -> Desk:
    """The callers; once a module, for who they are costs look-ups of its own."""
    return Desk.open()


# To what is deleted while the product runs.
_DELETED = ("conversations_conversation", "conversations_message")
_FOREIGN_KEYS = """
    SELECT conrelid::regclass::text, array_agg(attname::text ORDER BY attname <> 'tenant_id')
    FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
    WHERE contype = 'f'
      AND conrelid::regclass::text = ANY(%s) AND confrelid::regclass::text = ANY(%s)
    GROUP BY pg_constraint.oid, conrelid
"""
# Lists for tenants' servers, and how many rows each may look at.
PAGES: dict[str, int] = {
    "conversations": PAGE,
    "conversations?status=open": FEW,
    # A status is found by index and then sorted, or passed over on the way along the times,
    # whichever is less; so it costs the writing of messages no index more.
    "conversations?status=closed": FEW,
    "conversations?status=blocked": FEW,
    "conversations?status=OPEN_UNCLAIMED": FEW,
    "conversations?status=AWAITING_CUSTOMER,CLOSED": FEW,
    f"conversations?agent={named('agent 0 12')}": PAGE,
    "conversations?agent=none": PAGE,
    "conversations?locale=lv": PAGE + AGENTS,
    # Of so few rows, their agents are looked up one by one, or found among all of the tenant's.
    f"conversations?locale={crowd.RARE_LOCALE}": PAGE + AGENTS,
    f"conversations?locale={crowd.RARE_LOCALE}&status=closed": PAGE + AGENTS,
    "conversations?legal_hold=true": PAGE,
    "conversations?legal_hold=false": PAGE,
    "conversations?created_before=2020-01-01T00:00:00Z": PAGE,
    "conversations?created_after={yesterday}": PAGE,
    "conversations?created_before={yesterday}": PAGE,
    "conversations?updated_after={just_now}": PAGE + AGENTS,
    # Found by their activity and sorted, or on the way along the times.
    "conversations?updated_after={yesterday}": 2 * 2_880,
    # Whether few have a word is counted first.
    "conversations?q=amber": searching.FEW + 1,
    "conversations?q=amber+customer": searching.FEW + 1,
    "conversations?q=nobodyhasthis": PAGE,
    "conversations?q=amber+nobodyhasthis": PAGE,
    "conversations?q=among+the+oldest": 5 * crowd.OLDEST,
    "conversations?q=31337": 2 * PAGE,
    "conversations?q=amber+31337": searching.FEW + 1,
    "conversations?q=3133&status=closed": FEW,
    f"conversations?q={named('conversation 13')}": PAGE,
    f"conversations/{named(f'conversation {crowd.LONG}')}/messages": PAGE,
    f"conversations/{named(f'conversation {crowd.LONG}')}/messages?before=1500": PAGE,
    "agents": FEW,
    "api-keys": FEW,
    "members": FEW,
    "settings": FEW,
    "outbox": PAGE,
    "outbox?status=DONE": FEW,
    "outbox?status=PENDING": FEW,
    "outbox?status=DEAD": FEW,
    "outbox?status=DEAD&kind=telegram.pin": FEW,
    "outbox?lane=agent_action": FEW,
    "audit": PAGE,
    "audit?object_type=setting": PAGE,
    "audit?action=setting.changed": PAGE,
    "audit?actor_kind=staff": PAGE,
    "audit?before={yesterday}": PAGE,
    f"audit?object_type=conversation&object_id={named('conversation 13')}": PAGE,
}
# And for the operator.
OLD_PAGES: dict[str, int] = {
    # Without `limit` a list gives all rows, as old programs expect.
    "conversations?limit=50": PAGE,
    "conversations?status=open&limit=50": FEW,
    "conversations?status=closed&limit=50": FEW,
    "conversations?status=blocked&limit=50": FEW,
    f"conversations/{named('conversation 13')}": PAGE,
    "admin/agents": FEW,
}


def watched(call: Callable[[], object]) -> list[Seen]:
    with Watch().on() as watch:
        call()
    assert watch.seen
    return watch.seen


def assert_reads_at_most(seen: list[Seen], rows: int) -> None:
    for statement in seen:
        assert not statement.tables_read_whole, str(statement)
        assert statement.rows_read <= rows, str(statement)


def address_of(page: str) -> str:
    now = timezone.now()
    return page.format(
        yesterday=quote((now - timedelta(days=1)).isoformat()),
        just_now=quote((now - timedelta(minutes=1)).isoformat()),
    )


@pytest.mark.parametrize("name", HOT)
def test_what_somebody_waits_for(desk: Desk, name: str) -> None:
    call, essence = HOT[name]
    seen = watched(lambda: call(desk))
    assert any(essence in each.statement for each in seen), "it has not come to what it is about"
    assert_reads_at_most(seen, PAGE)


def test_what_would_be_too_much_is_noticed(million: None) -> None:
    def look_for_a_word() -> None:
        with platform_scope("tests"), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM conversations_message WHERE text LIKE '%needle%'")

    (seen,) = [each for each in watched(look_for_a_word) if "needle" in each.statement]
    assert seen.tables_read_whole == ("conversations_message",)
    assert seen.rows_read >= crowd.TALKED * 5


@pytest.mark.parametrize("page", PAGES)
def test_a_page_and_the_next_one(desk: Desk, page: str) -> None:
    first: list[str | None] = []
    address = address_of(page)
    seen = watched(lambda: first.append(desk.server("GET", address).get("next_cursor")))
    assert_reads_at_most(seen, PAGES[page])
    if first[0]:
        follow = f"{address}{'&' if '?' in address else '?'}cursor={first[0]}"
        assert_reads_at_most(watched(lambda: desk.server("GET", follow)), PAGES[page])


@pytest.mark.parametrize("page", OLD_PAGES)
def test_a_page_of_v1(desk: Desk, page: str) -> None:
    assert_reads_at_most(watched(lambda: desk.operator("GET", page)), OLD_PAGES[page])


@pytest.mark.parametrize("search", ["mber", "mber+ustome", "ldest", "nobodyhasthis"])
def test_a_search_of_v1_within_words_reads_the_words_once(desk: Desk, search: str) -> None:
    """No index finds what stands within a word. Most words are the large tenant's: reading the
    whole table is the shortest way to them, and from few of them along all conversations."""
    with platform_scope("tests"):
        words = ConversationWord.objects.count()
    seen = watched(lambda: desk.operator("GET", f"conversations?q={search}&limit=50"))
    for statement in seen:
        assert not set(_DELETED) & set(statement.tables_read_whole), str(statement)
    assert sum(statement.rows_read for statement in seen) <= words + crowd.CONVERSATIONS


def test_a_search_within_words_reads_no_other_tenants(million: None) -> None:
    with tenant_scope(named("tenant 5")) as tenant:
        rows = Conversation.objects.filter(tenant=tenant)
        words = ConversationWord.objects.count()
    assert words < 50_000

    def search() -> None:
        with tenant_scope(named("tenant 5")) as scoped:
            assert (
                list(searching.filter_by_substring(rows, tenant=scoped, search="nobodyhas")) == []
            )

    assert_reads_at_most(watched(search), words)


@pytest.mark.parametrize("tenant_id", [LARGE, None])
def test_a_search_in_messages_reads_the_newest_only(
    million: None, tenant_id: UUID | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "NEWEST_MESSAGES", FEW)

    def search() -> None:
        scope = platform_scope("tests") if tenant_id is None else tenant_scope(tenant_id)
        with scope:
            assert searching.find_by_messages("nobody wrote this") == []

    assert_reads_at_most(watched(search), FEW)


def test_a_whole_history_reads_only_itself(desk: Desk) -> None:
    for what in ("export.json", "export.csv", "personal-data"):
        path = f"conversations/{named(f'conversation {crowd.LONG}')}/{what}"
        assert_reads_at_most(watched(partial(desk.server, "GET", path)), crowd.LONG_MESSAGES)


def test_deleting_reads_what_goes_and_what_waits(desk: Desk) -> None:
    """What is still to be posted is looked through once, for what is about those who go."""
    path = f"conversations/{named('conversation 101')}"
    assert_reads_at_most(watched(lambda: desk.server("DELETE", path)), FEW)
    gone = {"ids": [str(named(f"conversation {number}")) for number in (102, 103, 104)]}
    bulk = "conversations/bulk-delete"
    assert_reads_at_most(watched(lambda: desk.server("POST", bulk, gone)), FEW)
    path = f"conversations/{named('conversation 106')}/erase"
    assert_reads_at_most(watched(lambda: desk.server("POST", path)), FEW)


def test_what_goes_with_a_row_is_found_by_index(million: None) -> None:
    """The database looks for it by the foreign keys, in statements that nobody sees."""
    keys: list[tuple[str, list[str]]] = []
    with platform_scope("tests"), connection.cursor() as cursor:
        cursor.execute(_FOREIGN_KEYS, [list(crowd.BIG), list(_DELETED)])
        keys = cursor.fetchall()
    assert len(keys) > 3

    def look() -> None:
        with platform_scope("tests"), connection.cursor() as cursor:
            for table, columns in keys:
                condition = " AND ".join(f"{column} = %s" for column in columns)
                cursor.execute(f"SELECT 1 FROM {table} WHERE {condition}", [LARGE, uuid4()])

    assert_reads_at_most(watched(look), 0)


@pytest.mark.parametrize("sweep", [timers.list_waiting, timers.list_silent])
def test_looking_for_what_is_due(million: None, sweep: timers.Look) -> None:
    seen = watched(lambda: sweep(timezone.now(), of=None, without=()))
    assert_reads_at_most(seen, FEW)


def test_retention_finds_whose_time_is_over(million: None) -> None:
    """One row tells of each tenant whether something is due, however much that is."""
    assert_reads_at_most(watched(retention.overdue), FEW)


def test_retention_reads_only_what_it_deletes(million: None) -> None:
    def run() -> None:
        outcome = retention.run_retention(of=[LARGE], at_most=retention.BATCH)
        assert outcome.deleted == {LARGE: retention.BATCH}

    assert_reads_at_most(watched(run), FEW)


@pytest.mark.parametrize(
    "prune",
    [outbox_tasks.prune, telegram_tasks.prune_inbox, forget_old, forget_used_tokens],
    ids=["outbox", "inbox", "idempotent responses", "used tokens"],
)
def test_pruning_reads_only_what_goes(million: None, prune: Callable[[], int]) -> None:
    assert_reads_at_most(watched(prune), 5_000)


def test_what_limits_compare_with_reads_the_roll_ups(million: None) -> None:
    month = Period.of(Limit.MESSAGES, timezone.now())

    def count() -> None:
        with tenant_scope(LARGE) as tenant:
            assert Totals().used(tenant, Limit.MESSAGES, month) > 0

    # The hours of a month, or the facts of the last two hours: two conversations a minute.
    assert_reads_at_most(watched(count), 5 * 2 * 60 * 2 + 3 * 31 * 24)


def test_usage_reads_only_its_days(desk: Desk) -> None:
    day = timezone.now().date().isoformat()
    seen = watched(lambda: desk.server("GET", f"usage?from={day}&to={day}"))
    # A conversation each half minute, with five messages.
    assert_reads_at_most(seen, 5 * 2_880 + 5 * 240)


def test_metrics_read_what_is_open(million: None) -> None:
    # Once in a while all conversations of the default tenant are counted by status.
    collect()
    assert_reads_at_most(watched(collect), FEW)
