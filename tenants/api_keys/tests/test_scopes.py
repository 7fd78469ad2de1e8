"""What each scope includes, written out a second time, so that a change is a decision."""

import pytest

from kernel.errors import InvalidParameter
from tenants.api_keys import scopes
from tenants.api_keys.scopes import Scope

EVERYTHING = {
    "conversations:read",
    "conversations:write",
    "settings:read",
    "settings:write",
    "channels:write",
    "templates:write",
    "keys:write",
    "billing:write",
    "audit:read",
    "admin:read",
    "admin:write",
}


@pytest.mark.parametrize(
    ("held", "granted"),
    [
        *(({single}, {single}) for single in EVERYTHING - {"admin:read", "admin:write"}),
        ({"admin:read"}, {"admin:read", "conversations:read", "settings:read", "audit:read"}),
        ({"admin:write"}, EVERYTHING),
        ({"admin:read", "keys:write"}, {*scopes.expand({"admin:read"}), "keys:write"}),
        ({"conversations:write", "audit:read"}, {"conversations:write", "audit:read"}),
        (set(), set()),
        ({"from:tomorrow"}, set()),
    ],
)
def test_what_is_granted(held: set[str], granted: set[str]) -> None:
    assert scopes.expand(held) == granted


def test_every_scope_is_described_and_stands_in_the_table() -> None:
    assert {scope.value for scope in Scope} == EVERYTHING
    assert set(scopes.INCLUDED) == set(scopes.MEANINGS) == set(Scope)


def test_the_table_is_complete_in_itself() -> None:
    for scope, included in scopes.INCLUDED.items():
        assert scopes.expand(scopes.expand({scope})) == {scope, *included}


def test_scopes_are_kept_once_and_in_order() -> None:
    assert scopes.validate(["audit:read", "settings:read", "audit:read"]) == [
        Scope.SETTINGS_READ,
        Scope.AUDIT_READ,
    ]


@pytest.mark.parametrize("wrong", [[], None, "admin:read", ["admin:*"], ["audit:read", "x"], 7])
def test_scopes_that_do_not_exist(wrong: object) -> None:
    with pytest.raises(InvalidParameter) as refused:
        scopes.validate(wrong)
    assert (refused.value.details or {})["field"] == "scopes"
