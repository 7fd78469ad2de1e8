"""A key can be told from everything else, by people, scanners and us."""

import re

import pytest

from tenants.api_keys import key_format
from tests.architecture.sources import ROOT


def test_a_key_is_recognised_by_the_pattern_that_scanners_get() -> None:
    keys = [key_format.new_key() for _ in range(200)]
    assert len({key for key, _ in keys}) == len({prefix for _, prefix in keys}) == 200
    for key, prefix in keys:
        assert re.fullmatch(key_format.PATTERN, key)
        assert key_format.prefix_of(key) == prefix
        assert key.startswith(f"chat_live_{prefix}_")


def test_the_documented_pattern_is_the_real_one() -> None:
    assert f"`{key_format.PATTERN}`" in (ROOT / "SECURITY.md").read_text()


def test_one_wrong_character_is_noticed_without_asking_anybody() -> None:
    key, _ = key_format.new_key()
    for position in range(len(key_format.START), len(key)):
        other = "A" if key[position] != "A" else "B"
        assert key_format.prefix_of(key[:position] + other + key[position + 1 :]) is None


@pytest.mark.parametrize("text", ["", "chat_live_", "chat_live_a_b_c", "Bearer x", "ключ", "\0"])
def test_what_is_no_key(text: str) -> None:
    assert key_format.prefix_of(text) is None


def test_a_known_key_keeps_its_checksum_and_hash() -> None:
    """Written down once: a release must go on accepting the keys of the one before."""
    key = f"chat_live_{'a' * 10}_{'B' * 43}"
    key += f"_{key_format._checksum(key)}"
    assert key == KNOWN_KEY
    assert key_format.hash_of(key) == KNOWN_HASH


KNOWN_KEY = "chat_live_aaaaaaaaaa_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB_3jnI9g"
KNOWN_HASH = "ed404b17637ba1261138f8662f1c02040fa520dceb04f9fa6a0f80e1d2ea4bef"
