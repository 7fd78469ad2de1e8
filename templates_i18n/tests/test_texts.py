"""Locales, their fallbacks, and variables."""

import pytest

from templates_i18n.locales import canonical, fallbacks, two_letters
from templates_i18n.selectors import render


@pytest.mark.parametrize(
    ("tag", "kept"),
    [
        ("lv-LV", "lv"),
        ("EN_us", "en"),
        (" De ", "de"),
        ("default", "default"),
        (" Default ", "default"),
        ("deutsch", "de"),
        (None, "default"),
        ("", "default"),
        ("x", "default"),
        ("1a", "default"),
        ("ßx", "default"),
    ],
)
def test_two_letters(tag: str | None, kept: str) -> None:
    assert two_letters(tag) == kept


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
        ("x" * 40, "default"),
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
        ("nonsense!", ("default", "no")),
    ],
)
def test_where_a_text_is_looked_for(locale: str, places: tuple[str, ...]) -> None:
    assert fallbacks(locale) == places


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
