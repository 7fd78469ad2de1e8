"""docs/errors.md lists every code that anybody can meet."""

import ast
import re
from collections.abc import Iterator
from importlib import import_module

from chatorical.kernel.errors import DependencyDown, DomainError
from conversations.consumers import NOT_SERVED
from tests.architecture.sources import ROOT, all_sources, called_name

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
    no_longer_served = {error.code for error in NOT_SERVED}
    assert listed == set(error_frames()) | no_longer_served | {DependencyDown.code}


def error_frames() -> Iterator[str]:
    """What the consumer sends as `error`, as far as it is spelled out there."""
    consumer = next(s for s in all_sources() if s.path == "conversations/consumers.py")
    for call in consumer.calls():
        first = call.args[0] if call.args else None
        if called_name(call) == "_end_with" and isinstance(first, ast.Constant):
            yield str(first.value)
        if called_name(call) == "_send_json" and isinstance(first, ast.Dict):
            yield from (
                str(value.value)
                for key, value in zip(first.keys, first.values, strict=True)
                if isinstance(key, ast.Constant)
                and key.value == "error"
                and isinstance(value, ast.Constant)
            )
