"""docs/errors.md lists every code that anybody can meet."""

import re
from collections.abc import Iterator
from importlib import import_module

from conversations.socket import protocols
from kernel.errors import DomainError
from tests.architecture.sources import ROOT, all_sources

PAGE = (ROOT / "docs" / "errors.md").read_text()
CALLS, _, SOCKETS = PAGE.partition("## The socket")
NGINX = (ROOT / "deploy" / "nginx" / "locations.inc").read_text()


def subclasses(root: type[DomainError]) -> Iterator[type[DomainError]]:
    """All of them, at any depth."""
    for child in root.__subclasses__():
        yield child
        yield from subclasses(child)


def codes_in_code() -> dict[str, int]:
    """Code → status, of every error class that the product defines."""
    for source in all_sources():
        if source.path.endswith("errors.py"):
            import_module(source.path.removesuffix(".py").replace("/", "."))
    return {error.code: error.http_status for error in subclasses(DomainError)}


def test_every_error_has_a_code_of_its_own() -> None:
    codes_in_code()
    codes = [error.code for error in subclasses(DomainError)]
    assert len(codes) == len(set(codes))


def test_errors_live_where_they_are_looked_for() -> None:
    codes_in_code()
    homes = {error.__module__.rpartition(".")[2] for error in subclasses(DomainError)}
    assert homes == {"errors"}


def test_the_page_lists_every_code_with_its_status() -> None:
    listed = re.findall(r"^\| `([a-z_]+)` \| (\d{3}) \|", CALLS, re.M)
    assert len(listed) == len(dict(listed))
    assert {code: int(status) for code, status in listed} == codes_in_code()


def test_the_proxy_answers_with_known_codes() -> None:
    codes = codes_in_code()
    answers = re.findall(r"return (\d+) '\{\"error\":\{\"code\":\"(\w+)\"", NGINX)
    assert answers
    assert {code: int(status) for status, code in answers}.items() <= codes.items()


def test_the_page_lists_every_error_frame() -> None:
    listed = set(re.findall(r"^\| `([a-z_ ]+)` \|", SOCKETS, re.M))
    assert listed == protocols.V1_ERRORS | {protocols.REJECTED}
