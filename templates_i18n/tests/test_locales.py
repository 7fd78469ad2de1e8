"""Locales, their fallbacks, and variables."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kernel.errors import InvalidParameter
from templates_i18n.locales import (
    canonical,
    fallbacks,
    language_subtag,
    require_locale,
    usual_spelling,
)
from templates_i18n.selectors import render, unknown_variables

MEGABYTE = 1_000_000


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("lv-LV", "lv"),
        ("EN_us", "en"),
        ("LV_lv", "lv"),
        (" De ", "de"),
        ("zh-Hant-TW", "zh"),
        ("pt-br", "pt"),
        ("en_US.UTF-8", "en"),
        ("en-US,en;q=0.9", "en"),
        ("default", "default"),
        (" Default ", "default"),
        ("deutsch", "default"),
        ("fil-PH", "fil"),
        ("FIL_ph", "fil"),
        ("fil", "fil"),
        ("fi", "fi"),
        ("ckb-IQ", "ckb"),
        ("haw@calendar", "haw"),
        ("sr-Latn", "sr"),
        ("zh_Hant_TW", "zh"),
        ("iw", "iw"),
        ("no-NO", "no"),
        ("en--US", "en"),
        ("en-", "en"),
        ("de-DE-1996-x-private", "de"),
        ("en.UTF-8", "en"),
        ("sr_RS@latin", "sr"),
        ("C", "default"),
        ("POSIX", "default"),
        ("i-klingon", "default"),
        ("x-private", "default"),
        ("1234", "default"),
        ("419", "default"),
        ("*", "default"),
        ("und", "default"),
        ("und-US", "default"),
        ("mul", "default"),
        ("-lv", "default"),
        (None, "default"),
        ("", "default"),
        ("x", "default"),
        ("1a", "default"),
        ("ßx", "default"),
        ("nonsense!", "default"),
        ("lv🙂", "lv"),
        ("🇱🇻", "default"),
        ("lv\x00", "lv"),
        ("lat\x00", "lat"),
        ("\x00lv", "default"),
        ("лв", "default"),
        ("<script>", "default"),
        ("x" * MEGABYTE, "default"),
        (" " * MEGABYTE + "lv", "default"),
        ("lv-" + "x" * MEGABYTE, "lv"),
    ],
)
def test_the_language_of_whatever_a_page_says(tag: str | None, kept: str) -> None:
    assert language_subtag(tag) == kept


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("pt_BR", "pt-br"),
        ("zh-Hant-TW", "zh-hant-tw"),
        ("lv", "lv"),
        ("default", "default"),
        ("english please", "default"),
        ("-lv", "default"),
        ("lv-", "default"),
        ("en--US", "default"),
        ("fil_PH", "fil-ph"),
        ("sr-Latn-RS", "sr-latn-rs"),
        ("und-US", "default"),
        ("x" * 40, "default"),
        ("lv-" + "x" * MEGABYTE, "default"),
        ("lv🙂", "default"),
        ("lv\x00", "default"),
        ("lv\n", "lv"),
        ("nonsense!", "default"),
        ("", "default"),
        (None, "default"),
    ],
)
def test_canonical(tag: str | None, kept: str) -> None:
    assert canonical(tag) == kept


@pytest.mark.parametrize(
    ("locale", "places"),
    [
        ("pt-BR", ("pt-br", "pt", "default")),
        ("lv", ("lv", "default")),
        ("default", ("default",)),
        ("", ("default",)),
        (None, ("default",)),
        ("zh-Hant-TW", ("zh-hant-tw", "zh", "default")),
        ("LV_lv", ("lv-lv", "lv", "default")),
        ("nonsense!", ("default",)),
        # Filipino, which has nothing to do with Finnish.
        ("fil-PH", ("fil-ph", "fil", "default")),
        # What is no tag, but begins with a language.
        ("lv-", ("lv", "default")),
        ("en_US.UTF-8", ("en", "default")),
    ],
)
def test_where_a_text_is_looked_for(locale: str | None, places: tuple[str, ...]) -> None:
    assert fallbacks(locale) == places


def test_only_a_tag_or_default_names_a_place() -> None:
    assert (require_locale("pt_BR"), require_locale(" Default ")) == ("pt-br", "default")
    for wrong in ("", "nonsense!", "x" * MEGABYTE):
        with pytest.raises(InvalidParameter, match="not a language tag"):
            require_locale(wrong)


@pytest.mark.parametrize(
    ("text", "rendered"),
    [
        ("Hello {customer_name}!", "Hello {codename}!"),
        ("{codename}{codename}", "OtterOtter"),
        ("{unknown} {tenant}", "{unknown} {tenant}"),
        ("{Customer_Name} { codename } {}", "{Customer_Name} { codename } {}"),
        ("{{codename}}", "{Otter}"),
        ("{agent_name}", "{agent_name}"),
        ("100 % {0} $codename", "100 % {0} $codename"),
    ],
)
def test_variables(text: str, rendered: str) -> None:
    values = {"customer_name": "{codename}", "codename": "Otter", "tenant": "never"}
    assert render(text, values) == rendered


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("Hello {customer_name}, {agent_name} has {codename}", []),
        ("{name} {Customer_Name} {name}", ["name", "Customer_Name"]),
        ("{ customer_name } {} {two words}", []),
        ("{имя}", ["имя"]),
    ],
)
def test_what_is_meant_as_a_variable_and_is_none(text: str, unknown: list[str]) -> None:
    assert unknown_variables(text) == unknown


@given(st.text(max_size=60))
@example("\ud800")
@example("İT")
def test_whatever_comes_is_a_place_in_the_end(tag: str) -> None:
    assert re.fullmatch(r"[a-z]{2,3}|default", language_subtag(tag))
    places = fallbacks(tag)
    assert places[-1] == "default"
    assert len(places) <= 3
    for place in places:
        assert re.fullmatch(r"[a-z0-9-]{2,35}", place)
        assert canonical(place) == place


@pytest.mark.parametrize(
    ("locale", "spelled"),
    [
        ("lv", "lv"),
        ("pt-br", "pt-BR"),
        ("sr-latn-rs", "sr-Latn-RS"),
        ("es-419", "es-419"),
        ("de-ch-1996", "de-CH-1996"),
        ("de-x-ab-abcd", "de-x-ab-abcd"),
        ("default", "default"),
    ],
)
def test_a_tag_is_shown_as_people_write_it(locale: str, spelled: str) -> None:
    assert usual_spelling(locale) == spelled
    assert canonical(spelled) == locale
