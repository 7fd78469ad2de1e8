"""nginx's own refusals are in the envelope, and it does not wait for ever."""

import json
import re

from django.conf import settings

from devtools.paths import ROOT

LOCATIONS = (ROOT / "deploy" / "nginx" / "locations.inc").read_text()
# What nginx answers by itself: a request that cannot be read, is too large, or finds nobody.
OWN = {"400", "404", "413", "414", "494", "500", "502", "503", "504"}


def test_bodies_of_webhook_calls_end_where_the_application_would_stop_reading() -> None:
    place = re.search(r"^location \^~ /v1/telegram/webhook/ \{\n(.+?)^\}", LOCATIONS, re.M | re.S)
    assert place
    [mebibytes] = re.findall(r"client_max_body_size (\d+)m;", place[1])
    assert (int(mebibytes) - 1) * 1024 * 1024 == settings.MAX_DISCARDED_BYTES
    own = re.findall(r"^    error_page ([\d ]+?)(?: =\d*)? \S+;$", place[1], re.M)
    assert {code for codes in own for code in codes.split()} == OWN


def test_every_refusal_of_its_own_is_json() -> None:
    pages = re.findall(r"^error_page ([\d ]+?)(?: =\d*)? (\S+);$", LOCATIONS, re.MULTILINE)
    assert {code for codes, _ in pages for code in codes.split()} == OWN
    for _, page in pages:
        place = re.search(
            rf"^location (?:= )?{re.escape(page)} \{{\n(.+?)^\}}", LOCATIONS, re.M | re.S
        )
        assert place, page
        assert "internal;" in place[1]
        assert "default_type application/json;" in place[1]
        assert "X-Request-ID" in place[1]
    for body in re.findall(r"return [45]\d\d '(.+)';", LOCATIONS):
        assert set(json.loads(body)["error"]) == {"code", "message"}
    assert not re.search(r"return [45]\d\d;", LOCATIONS), "nginx's own page is HTML"


def test_what_cannot_be_read_has_no_address_to_look_a_named_place_up_by() -> None:
    [page] = re.findall(r"^error_page 400 [\d =]+ (\S+);$", LOCATIONS, re.MULTILINE)
    assert page.startswith("/")


def test_slow_callers_are_let_go() -> None:
    for name in ("client_body_timeout", "client_header_timeout", "send_timeout"):
        [seconds] = re.findall(rf"^{name} (\d+)s;$", LOCATIONS, re.MULTILINE)
        assert int(seconds) <= 60
