"""Links in agents' texts keep their addresses, and no word is ever lost."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels_telegram import entities
from conversations.validation import MAX_TEXT
from kernel.text import utf16_length

SHOP = "https://shop.example/parcel/7"


def link(text: str, words: str, url: str = SHOP, kind: str = "text_link") -> dict[str, Any]:
    """An entity over these words, with offsets as Telegram counts them."""
    return {
        "type": kind,
        "offset": utf16_length(text[: text.index(words)]),
        "length": utf16_length(words),
        "url": url,
    }


def read(text: str, *listed: Any) -> str:
    return entities.read(text, json.dumps(list(listed)).encode()).text


OTHER_KINDS = (
    *("bold", "spoiler", "code", "pre", "blockquote", "custom_emoji", "text_mention", "mention"),
    *("hashtag", "url", "email", "phone_number", "bot_command", "of_tomorrow"),
)
TRACK = "Track your parcel here please"


@pytest.mark.parametrize(
    ("text", "words", "url", "shown"),
    [
        (TRACK, "here", SHOP, f"Track your parcel here ({SHOP}) please"),
        ("👩‍👩‍👧 😀 here 😀", "here", SHOP, f"👩‍👩‍👧 😀 here ({SHOP}) 😀"),
        ("See here.", "here", SHOP, f"See here ({SHOP})."),
        ("(here)", "here", SHOP, f"(here ({SHOP}))"),
        ("here please", "here ", SHOP, f"here ({SHOP}) please"),
        ("عرض الطلب هنا", "هنا", SHOP, f"عرض الطلب هنا ({SHOP})"),
        (
            "write to us",
            "us",
            "mailto:help@shop.example?subject=x",
            "write to us (help@shop.example)",
        ),
        ("call us", "us", "tel:+37120000000", "call us (+37120000000)"),
        ("here", "here", "HTTPS://Shop.example", "here (HTTPS://Shop.example)"),
        (
            "here",
            "here",
            "https://shop.example/a\nb\u202e",
            "here (https://shop.example/a%0Ab%E2%80%AE)",
        ),
        # The words say it already.
        (f"See {SHOP}", SHOP, SHOP, f"See {SHOP}"),
        ("See shop.example/parcel/7", "shop.example/parcel/7", SHOP, "See shop.example/parcel/7"),
        ("See Shop.example", "Shop.example", "http://Shop.example/", "See Shop.example"),
        (
            "HTTPS://SHOP.example",
            "HTTPS://SHOP.example",
            "https://shop.example/",
            "HTTPS://SHOP.example",
        ),
        ("help@shop.example", "help@shop.example", "mailto:help@shop.example", "help@shop.example"),
        # They say something else.
        ("https://bank.example", "https://bank.example", SHOP, f"https://bank.example ({SHOP})"),
        # No address for a customer.
        (TRACK, "here", "javascript:alert(1)", TRACK),
        (TRACK, "here", "tg://user?id=7001", TRACK),
        (TRACK, "here", "data:text/html,x", TRACK),
        (TRACK, "here", "https://", TRACK),
        (TRACK, "here", "mailto:", TRACK),
        (TRACK, "here", "", TRACK),
    ],
)
def test_where_a_link_leads_is_written_behind_its_words(
    text: str, words: str, url: str, shown: str
) -> None:
    assert read(text, link(text, words, url)) == shown


def test_several_links_in_one_text() -> None:
    text = "One and two"
    both = [link(text, "two", "https://b.example"), link(text, "One", "https://a.example")]
    assert read(text, *both) == "One (https://a.example) and two (https://b.example)"
    assert read(text, *both, *both) == read(text, *both), "each of them once"


def test_a_link_in_pieces_is_one_link() -> None:
    """Telegram cuts it where bold words begin in it."""
    text = "your parcel 7 here"
    pieces = [link(text, "your parcel"), link(text, "7"), link(text, "parcel", kind="bold")]
    assert read(text, *pieces) == f"your parcel 7 ({SHOP}) here"


def test_links_across_each_other_lose_nothing() -> None:
    text = "abcdef"
    crossing = [link(text, "abcd", "https://a.example"), link(text, "cdef", "https://b.example")]
    assert read(text, *crossing) == "abcd (https://a.example)ef (https://b.example)"
    nested = [link(text, "abcdef", "https://a.example"), link(text, "cd", "https://b.example")]
    assert read(text, *nested) == "abcd (https://b.example)ef (https://a.example)"


@pytest.mark.parametrize(
    "kind",
    [
        "bold",
        "spoiler",
        "code",
        "pre",
        "blockquote",
        "custom_emoji",
        "text_mention",
        "mention",
        "hashtag",
        "url",
        "email",
        "phone_number",
        "bot_command",
        "of_tomorrow",
    ],
)
def test_other_formatting_is_dropped_and_its_words_stay(kind: str) -> None:
    assert read(TRACK, link(TRACK, "here", kind=kind)) == TRACK


@pytest.mark.parametrize(
    "listed",
    [
        b"text_link",
        b'{"text_link": 1}',
        b'"text_link"',
        b'["text_link", 5, null, {}]',
        b'[{"type": "text_link"}]',
        b'[{"type": "text_link", "offset": "0", "length": 4, "url": "https://a.example"}]',
        b'[{"type": "text_link", "offset": 0, "length": 4, "url": 7}]',
        b'[{"type": "text_link", "offset": -3, "length": 4, "url": "https://a.example"}]',
        b'[{"type": "text_link", "offset": 0, "length": 0, "url": "https://a.example"}]',
        b'[{"type": "text_link", "offset": 4, "length": -4, "url": "https://a.example"}]',
        b'[{"type": "text_link", "offset": 999, "length": 4, "url": "https://a.example"}]',
        b'[{"type": "text_link", "offset": 99999999999999999999999, "length": 1, "url": "x"}]',
        b'[{"type": "text_link", "url": "\xff"}]',
        b"[" * 5000 + b"text_link",
    ],
)
def test_entities_that_cannot_be_are_ignored(listed: bytes) -> None:
    assert entities.read("here", listed) == entities.Reading("here")


def test_an_entity_that_is_too_long_ends_with_the_text() -> None:
    assert read("here", {**link("here", "here"), "length": 4000}) == f"here ({SHOP})"


@pytest.mark.parametrize(
    ("text", "address_length", "written"),
    [
        # What fits exactly is written; the brackets and the blank count too.
        ("here" + "." * 3000, MAX_TEXT - 3007, 1),
        ("here" + "." * 3000, MAX_TEXT - 3006, 0),
        # Others may fit after one that does not.
        ("here " * 600, 450, 2),
        # Counted as Telegram and customers' programs count.
        ("here" + "😀" * 1900, MAX_TEXT - 3807, 1),
        ("here" + "😀" * 1900, MAX_TEXT - 3806, 0),
        # Words alone may be as long as Telegram lets them be.
        ("here" + "." * 4092, 30, 0),
    ],
)
def test_addresses_are_left_out_where_the_text_would_be_too_long(
    text: str, address_length: int, written: int
) -> None:
    links = [
        {"type": "text_link", "offset": number * 5, "length": 4, "url": f"{SHOP}/{number}/"}
        for number in range(text.count("here"))
    ]
    urls = [str(one["url"]).ljust(address_length, "x") for one in links]
    for one, url in zip(links, urls, strict=True):
        one["url"] = url
    reading = entities.read(text, json.dumps(links).encode())
    assert utf16_length(reading.text) <= max(MAX_TEXT, utf16_length(text))
    assert [url for url in urls if url in reading.text] == urls[:written]
    assert reading.is_whole == (written == len(urls))
    for url in urls:
        reading = replace(reading, text=reading.text.replace(f" ({url})", ""))
    assert reading.text == text, "no word is lost"


def test_a_shorter_address_is_written_behind_one_that_does_not_fit() -> None:
    text = "first second"
    long = link(text, "first", SHOP + "x" * 4000)
    assert read(text, long, link(text, "second")) == f"first second ({SHOP})"


@given(
    text=st.text(alphabet=st.sampled_from("ab \n.👩‍é😀🇱🇻世"), max_size=30),
    listed=st.lists(
        st.fixed_dictionaries(
            {
                "type": st.sampled_from(["text_link", "bold", "text_mention"]),
                "offset": st.integers(-3, 70),
                "length": st.integers(-3, 70),
            },
            optional={"url": st.sampled_from([SHOP, "https://b.example", "tg://x", "a", ""])},
        ),
        max_size=6,
    ),
)
def test_whatever_the_entities_words_are_never_lost(
    text: str, listed: list[dict[str, Any]]
) -> None:
    shown = read(text, *listed)
    rest = iter(shown)
    assert all(character in rest for character in text), "all of the text, in its order"
    for url in (SHOP, "https://b.example"):
        shown = shown.replace(f" ({url})", "").replace(url, "")
    assert shown == text
