"""The texts that come with the product."""

import json
from pathlib import Path

import pytest

from templates_i18n.catalogs import (
    ENGLISH,
    MESSAGES,
    WIDGET,
    CatalogBroken,
    load,
    split_plural,
    variables_in,
    variables_of,
)
from templates_i18n.keys import BUILT_IN, TemplateKey, built_in

LANGUAGES = {"en", "lv", "de", "fr", "es", "ru", "uk", "ar"}


def test_system_messages_are_there_in_every_language() -> None:
    assert set(MESSAGES) >= LANGUAGES
    for texts in MESSAGES.values():
        assert list(texts) == TemplateKey.values
        assert texts[TemplateKey.WELCOME] == ""


def test_translations_are_translated() -> None:
    for key in TemplateKey:
        texts = [MESSAGES[locale][key] for locale in LANGUAGES]
        assert key == TemplateKey.WELCOME or len(set(texts)) == len(texts)


def test_translations_mention_what_english_mentions() -> None:
    for texts in MESSAGES.values():
        for key, text in texts.items():
            assert variables_in(text) == variables_in(MESSAGES[ENGLISH][key])


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("lv", "lv"),
        ("lv-LV", "lv"),
        ("de_AT", "de"),
        ("eo", "en"),
        ("default", "en"),
        ("nonsense!", "en"),
    ],
)
def test_built_in_texts_follow_the_locale(locale: str, language: str) -> None:
    for key in TemplateKey:
        template = built_in(key, locale)
        assert template.text == MESSAGES[language][key]
        assert template == BUILT_IN[key].with_text(template.text)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("launcherUnread_few", ("launcherUnread", "few")),
        ("send", ("send", None)),
        ("some_thing", ("some_thing", None)),
        ("_one", ("_one", None)),
    ],
)
def test_plural_forms_are_told_from_keys(key: str, parts: tuple[str, str | None]) -> None:
    assert split_plural(key) == parts


@pytest.mark.parametrize(
    ("key", "variables"),
    [
        ("joined", {"agent"}),
        ("charactersLeft_few", {"count"}),
        ("send", set()),
        ("send_few", None),
        ("charactersLeft", None),
        ("made_up", None),
    ],
)
def test_which_strings_there_are(key: str, variables: set[str] | None) -> None:
    assert variables_of(key, WIDGET[ENGLISH]) == variables


ENGLISH_SAMPLE = {"hello": "Hello {name}", "left_one": "{count} left", "left_other": "{count} left"}


@pytest.mark.parametrize(
    ("texts", "complaint"),
    [
        ({"left_other": "{count}"}, "hello is missing"),
        ({"hello": "x"}, "left_other is missing"),
        ({"hello": " ", "left_other": "{count}"}, "hello is empty"),
        ({"hello": "{nom}", "left_other": "{count}"}, "hello uses nom"),
        ({"hello": "x", "left_other": "x", "left": "x"}, "left is unknown"),
        ({"hello": 1}, "one object of texts"),
        (["hello"], "one object of texts"),
    ],
)
def test_a_broken_catalog_stops_the_start(tmp_path: Path, texts: object, complaint: str) -> None:
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH_SAMPLE))
    (tmp_path / "fr.json").write_text(json.dumps(texts))
    with pytest.raises(CatalogBroken, match=complaint):
        load(tmp_path)


def test_a_language_may_have_other_plural_forms(tmp_path: Path) -> None:
    (tmp_path / "en.json").write_text(json.dumps(ENGLISH_SAMPLE))
    texts = {"hello": "Привет", "left_few": "{count}", "left_many": "{count}", "left_other": "x"}
    (tmp_path / "ru.json").write_text(json.dumps(texts))
    assert load(tmp_path)["ru"] == texts


def test_english_and_proper_names_are_needed(tmp_path: Path) -> None:
    with pytest.raises(CatalogBroken, match="English is missing"):
        load(tmp_path)
    (tmp_path / "en.json").write_text("{not json")
    with pytest.raises(CatalogBroken, match=r"en\.json"):
        load(tmp_path)
    (tmp_path / "en.json").write_text("{}")
    (tmp_path / "PT_br.json").write_text("{}")
    with pytest.raises(CatalogBroken, match="no language in lower case"):
        load(tmp_path)
