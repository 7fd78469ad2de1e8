"""Words and answers that try to make the product fetch or fill in more than it should."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from pytest_django import Settings

from channels_telegram.api_errors import OutcomeUnknown
from channels_telegram.bot_api import BotApi
from templates_i18n.keys import BUILT_IN, TemplateKey
from templates_i18n.selectors import render
from templates_i18n.services import set_template
from tenants.audit import SYSTEM
from tenants.scope import tenant_scope
from tests.cast import tenant_called
from tests.conftest import Stage
from tests.customer import arrive

TRICKS = [
    "{customer_name}{codename}{agent_name}",
    "{customer_name.__class__.__mro__}",
    "{0}{}{!r}%(customer_name)s",
    "${customer_name} {{ settings.SECRET_KEY }} {% debug %}",
]


@contextmanager
def listening(status: int, **headers: str) -> Iterator[tuple[str, list[str]]]:
    """A server that always answers this; its address, and the paths it has been asked for."""
    asked: list[str] = []

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked.append(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_an_answer_leads_to_no_other_address(settings: Settings, status: int) -> None:
    """Whoever stands in Telegram's place cannot send us, and a bot's token, inside."""
    with (
        listening(200) as (inside, visits),
        listening(status, Location=f"{inside}/latest/meta-data") as (lure, asked),
    ):
        settings.TELEGRAM_API_URL = lure
        with pytest.raises(OutcomeUnknown):
            BotApi("998877:own-token-of-the-lure-tests").get_me()
        assert len(asked) == 1
    assert visits == []


@pytest.mark.parametrize("trick", TRICKS)
def test_a_name_that_looks_like_a_variable_is_a_name(trick: str) -> None:
    """What is filled in is not looked at again, and nothing else is ever evaluated."""
    given = {"customer_name": trick, "codename": "SECRET", "agent_name": "SECRET"}
    assert render("Hello {customer_name}!", given) == f"Hello {trick}!"
    filled = render(trick, {"customer_name": "Mara"})
    assert filled == trick.replace("{customer_name}", "Mara")


@pytest.mark.usefixtures("committed_db")
def test_a_customer_of_such_a_name_reads_it_as_it_is(stage: Stage) -> None:
    trick = "{codename} {{7*7}}"
    tenant = tenant_called(f"lures-{uuid4().hex[:12]}")
    with tenant_scope(tenant.pk) as scoped:
        template = BUILT_IN[TemplateKey.WAITING].with_text("Hello {customer_name}!")
        set_template(tenant=scoped, locale="default", template=template, actor=SYSTEM)
    visitor = arrive(stage.web, tenant=tenant.slug, name=trick)
    socket = visitor.socket()
    socket.say("Hi")
    shown = socket.next_where(text=f"Hello {trick}!")
    assert visitor.codename not in str(shown)
