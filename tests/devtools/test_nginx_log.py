"""What nginx's access log shows of an address."""

import re
from string import Template

import pytest

from devtools.paths import ROOT

NGINX = ROOT / "deploy" / "nginx"
COMMON = (NGINX / "common.conf").read_text()
ID = "5cf9fb23-fa34-4ab8-8c6c-e4fa2962a915"


def logged(path: str) -> str:
    """What the map makes of a path: the first regular expression that matches decides."""
    body = COMMON.split("map $uri $chatorical_logged_path {", 1)[1].split("\n}", 1)[0]
    for pattern, value in re.findall(r'^\s+"~(.+?)"\s+"(.+)";$', body, re.MULTILINE):
        found = re.search(pattern.replace("(?<", "(?P<"), path)
        if found:
            return Template(value).substitute(found.groupdict())
    return path


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/telegram/webhook/a-secret", "/v1/telegram/webhook/-"),
        (f"/v1/conversations/{ID}/messages", "/v1/conversations/-/messages"),
        (f"/v1/conversations/{ID.replace('-', '')}/name", "/v1/conversations/-/name"),
        (
            f"/admin/conversations/conversation/{ID.upper()}/change/",
            "/admin/conversations/conversation/-",
        ),
        ("/v1/conversations/start", "/v1/conversations/start"),
        ("/admin/invitations/acme/a-token/", "/admin/invitations/acme/-"),
        ("/v1/ws", "/v1/ws"),
    ],
)
def test_ids_and_secrets_of_paths_are_left_out(path: str, shown: str) -> None:
    assert logged(path) == shown


def test_lines_are_json_with_the_applications_request_id_and_no_query() -> None:
    line = COMMON.split("log_format chatorical escape=json", 1)[1].split(";", 1)[0]
    assert '"request_id":"$chatorical_request_id"' in line
    assert not re.search(r"\$(request_uri|request|args|query_string|http_\w+)\b", line)


def test_every_server_logs_so_and_hands_the_id_on() -> None:
    locations = (NGINX / "locations.inc").read_text()
    assert "proxy_set_header X-Request-ID $chatorical_request_id;" in locations
    # A proxy_set_header of its own would make a location forget the inherited ones.
    assert not re.search(r"^\s+proxy_set_header", locations, re.MULTILINE)
    for site in NGINX.glob("site-*.conf"):
        for server in site.read_text().split("\nserver {")[1:]:
            own = "access_log /var/log/nginx/access.log chatorical;" in server
            assert own or "locations.inc;" in server, site.name
