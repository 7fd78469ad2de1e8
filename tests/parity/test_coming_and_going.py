"""When yesterday's widget may connect, and how it comes to a new conversation when it may not."""

from collections.abc import Callable
from contextlib import ExitStack
from uuid import uuid4

import pytest
import requests

from tenants.models import Tenant
from tests.customer import Customer, arrive
from tests.forging import forge
from tests.parity.old_widget import ATTEMPTS, PAGE, OldWidget, open_widget
from tests.stage import Stage
from tests.waiting import wait_until


def one_connection_token(visitor: Customer) -> str:
    answer = requests.post(f"{visitor.web}/v2/ws/token", headers=visitor.headers, timeout=30)
    return str(answer.json()["token"])


def used_up(visitor: Customer) -> str:
    token = one_connection_token(visitor)
    widget = OldWidget(visitor.web, session={"id": visitor.conversation_id, "token": token})
    with widget:
        assert widget.connect()
    return token


BAD_TOKENS: dict[str, Callable[[Customer], str]] = {
    "missing": lambda visitor: "",
    "garbage": lambda visitor: "eyJhbGciOiJIUzI1NiJ9.e30.x",
    "cut": lambda visitor: visitor.token[:-3],
    "expired": lambda visitor: forge(visitor, exp_in=-5),
    "forged": lambda visitor: forge(visitor, secret="x" * 64),
    "unsigned": lambda visitor: forge(visitor, algorithm="none"),
    "other audience": lambda visitor: forge(visitor, aud="somebody.else"),
    "no audience": lambda visitor: forge(visitor, aud=None),
    "unknown conversation": lambda visitor: forge(visitor, sub=str(uuid4())),
    "unknown tenant": lambda visitor: forge(visitor, t=str(uuid4())),
    "used up": used_up,
}


@pytest.mark.parametrize("kind", BAD_TOKENS)
def test_a_bad_token_never_opens_so_that_the_third_failure_starts_anew(
    stage: Stage, kind: str
) -> None:
    visitor = stage.customer()
    session = {"id": visitor.conversation_id, "token": BAD_TOKENS[kind](visitor)}
    with OldWidget(stage.web, session=session) as widget:
        assert widget.connect_or_give_up() == ATTEMPTS
        assert widget.session["id"] != visitor.conversation_id
        assert widget.hear() == {"ok": True}
        widget.say("Hello again")
        assert widget.hear()["text"] == "Hello again"


def test_a_token_of_another_tenant_does_not_open_this_conversation(
    stage: Stage, acme: Tenant
) -> None:
    visitor = stage.customer()
    foreign = forge(visitor, t=str(acme.pk))
    with OldWidget(stage.web, session={"id": visitor.conversation_id, "token": foreign}) as widget:
        assert not widget.connect()


def test_a_page_that_the_tenant_does_not_list_never_opens(stage: Stage, acme: Tenant) -> None:
    visitor = arrive(stage.web, tenant="acme")
    session = {"id": visitor.conversation_id, "token": visitor.token}
    with OldWidget(stage.web, session=session) as widget:
        assert not widget.connect(), f"{PAGE} is not among acme's"


def test_a_session_survives_until_the_history_call_fails(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        widget.say("Hello")
        widget.hear()
        kept = dict(widget.session)
        widget.session["token"] = "stale, and the history call does not send it anyway"
        widget.read_history()
        assert widget.session["id"] == kept["id"]

        widget.session = {**kept, "id": str(uuid4())}
        widget.reload()
        assert widget.session["id"] not in {kept["id"], ""}, "404: a new conversation"


@pytest.mark.parametrize("authorization", ["Bearer stale", "Basic eDp5", "Bearer ", "x"])
def test_the_history_call_minds_no_stray_authorization(stage: Stage, authorization: str) -> None:
    visitor = stage.customer()
    visitor.send("Hello")
    answer = visitor.call("GET", "messages", headers={"Authorization": authorization})
    assert [message["text"] for message in answer.json()["messages"]] == ["Hello"]


@pytest.mark.parametrize(
    "name", ["Jo", "Ümit", "李雷", "Anna-Marija d'Arc", "x" * 32, "O. K.", "J.D"]
)
def test_a_name_that_was_good_yesterday_is_good_today(stage: Stage, name: str) -> None:
    with open_widget(stage.web, name=name, locale="lv-LV") as widget:
        widget.say("Hello")
        assert widget.hear()["text"] == "Hello"


def test_the_fourth_rename_of_a_day_waits_until_tomorrow(stage: Stage) -> None:
    with open_widget(stage.web) as widget:
        for name in ("Ana", "Anna", "Hanna"):
            assert widget.patch("name", {"name": name}).status_code == 200
        refused = widget.patch("name", {"name": "Johanna"})
        assert refused.status_code == 429
        assert 0 < int(refused.headers["Retry-After"]) <= 86_400
        assert widget.patch("locale", {"locale": "EN_us"}).json()["locale"] == "en"


def test_the_start_limit_is_readable_by_the_page(stage: Stage) -> None:
    widget = OldWidget(stage.web)
    for _ in range(20):
        widget.start()
    refused = requests.post(
        f"{stage.web}/v1/conversations/start", json={}, headers=widget.headers, timeout=30
    )
    assert refused.status_code == 429
    assert refused.headers["Access-Control-Allow-Origin"] in {"*", PAGE}
    assert 0 < int(refused.headers["Retry-After"]) <= 60


def test_one_page_too_many_keeps_its_conversation_and_comes_back(stage: Stage) -> None:
    with ExitStack() as stack:
        first = stack.enter_context(open_widget(stage.web))
        pages = [first]
        for _ in range(19):
            page = stack.enter_context(OldWidget(stage.web, session=dict(first.session)))
            assert page.connect()
            assert page.hear() == {"ok": True}
            pages.append(page)
        late = stack.enter_context(OldWidget(stage.web, session=dict(first.session)))
        # Not refused before the upgrade: three of those would end the conversation.
        assert late.connect_or_give_up() == 0
        assert late.hear_the_end() == 1008
        assert (late.ignored, late.bubbles) == ([{"error": "rate_limited"}], [])
        pages.pop().leave()

        def is_greeted() -> bool:
            if late.connect_or_give_up() == 0 and late.hear() == {"ok": True}:
                return True
            assert late.hear_the_end() == 1008
            return False

        wait_until(is_greeted, "there is room for the late page")
        assert late.session == first.session
        late.say("Here I am again")
        assert late.hear_until(text="Here I am again")["direction"] == "INBOUND"
