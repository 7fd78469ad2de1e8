"""How stored secrets are compared: in constant time, and never by the database."""

import ast
import re

from tests.architecture.sources import all_sources, called_name

_HASH = "secret_hash"
_HOME = "tenants/api_keys/"


def test_a_keys_hash_is_compared_in_constant_time_only() -> None:
    comparing: list[str] = []
    for source in all_sources():
        if not source.path.startswith(_HOME):
            continue
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Compare) and "hash" in ast.unparse(node):
                comparing.append(f"{source.path}: {ast.unparse(node)}")
            if isinstance(node, ast.Call) and called_name(node) in ("filter", "get", "exclude"):
                names = {keyword.arg for keyword in node.keywords}
                assert _HASH not in names, f"{source.path}: looked up by the hash"
    assert comparing == []


def test_the_hash_is_computed_and_compared_before_anything_can_refuse() -> None:
    """Unknown, wrong, expired and revoked keys take the same way up to the one refusal."""
    source = next(s for s in all_sources() if s.path == f"{_HOME}authentication.py")
    function = next(
        node
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef) and node.name == "authenticate_key"
    )
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    lines = {called_name(call): call.lineno for call in calls}
    [refusal] = [node.lineno for node in ast.walk(function) if isinstance(node, ast.Raise)]
    assert lines["hash_of"] < lines["prefix_of"] < lines["compare_digest"] < refusal


def test_hashes_are_read_in_one_place() -> None:
    readers = {
        source.path
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute) and node.attr == _HASH
    }
    assert readers == {f"{_HOME}authentication.py"}


# Each place where something that a caller sends is compared with a secret.
_COMPARING = {
    # What Stripe has signed.
    "billing/stripe/signature.py": 1,
    # The secret of the address by its keyed hash, and the one of the header.
    "channels_telegram/api/webhook.py": 2,
    # Whether a newly entered secret is the one that is stored already.
    "channels_telegram/services.py": 1,
    "tenants/api/authentication.py": 1,
    "conversations/tokens.py": 1,
    # The seal of a file's address.
    "conversations/attached.py": 1,
    "tenants/api_keys/authentication.py": 1,
    "tenants/invitations/selectors.py": 1,
}
_CONSTANT_TIME = ("compare_digest", "constant_time_compare")
_SECRETS = re.compile(r"(?i)secret|service_token|digest|signature|password|\bapi_key\b")
# What sounds secret and is not: a key's public name, where a file comes from, and two fields of one
# form, neither of which is anybody's secret yet.
_HARMLESS = {
    "kid != key_id(secret)",
    "secret['file'] != f'{MADE_AT_DEPLOYMENT}{name}'",
    "password != repeated",
}


def test_secrets_are_compared_in_constant_time_at_these_places() -> None:
    found = {
        source.path: count
        for source in all_sources()
        if (count := sum(called_name(call) in _CONSTANT_TIME for call in source.calls()))
    }
    assert found == _COMPARING


_BY_VALUE = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)


def test_nothing_that_sounds_secret_is_compared_with_equals() -> None:
    comparing = [
        f"{source.path}: {text}"
        for source in all_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Compare)
        and any(isinstance(operator, _BY_VALUE) for operator in node.ops)
        and _SECRETS.search(text := ast.unparse(node))
        and text not in _HARMLESS
    ]
    assert comparing == []
