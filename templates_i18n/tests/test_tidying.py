"""A variable without a value leaves a text that reads well."""

import pytest

from templates_i18n.catalogs import MESSAGES
from templates_i18n.selectors import render
from templates_i18n.tidying import without

READS = [
    ("Hello {n}, how are you?", "Hello, how are you?"),
    ("Hi {n}!", "Hi!"),
    ("Hi, {n}!", "Hi!"),
    ("Hi {n}", "Hi"),
    ("Thanks, {n}.", "Thanks."),
    ("Goodbye, {n}", "Goodbye"),
    ("Goodbye — {n}", "Goodbye"),
    ("Hello, {n}, how are you?", "Hello, how are you?"),
    ("Hello {n} and welcome", "Hello and welcome"),
    ("Thanks, {n} — we are closed", "Thanks — we are closed"),
    ("{n}, welcome back", "Welcome back"),
    ("{n} is waiting", "Is waiting"),
    ("{n}: your order", "Your order"),
    ("{n}? Are you there?", "Are you there?"),
    ("Hello. {n}, we are here.", "Hello. We are here."),
    ("{n} – iPhone repairs", "iPhone repairs"),
    ("{n} https://shop.example", "https://shop.example"),
    ("{n}, {agent_name} is here", "{agent_name} is here"),
    ("{n} — {codename}", "{codename}"),
    ("Dear {n} {agent_name}", "Dear {agent_name}"),
    ("Hello {n} {n}!", "Hello!"),
    ("Hello ({n})!", "Hello!"),
    ("Hello (dear {n})!", "Hello (dear)!"),
    ("({n} writes)", "(writes)"),
    ("Hello “{n}”, welcome", "Hello, welcome"),
    ("{n}'s order is here", "Order is here"),
    ("We have {n}’s order", "We have order"),
    ("{n}", ""),
    ("{n}!", ""),
    ("Hello\n{n}\nWelcome", "Hello\nWelcome"),
    ("Hello {n},\nhow are you?", "Hello,\nhow are you?"),
    ("Thanks,\n{n}.\nBye", "Thanks,\nBye"),
    ("Bonjour {n} !", "Bonjour !"),
    ("Bonjour {n}\u202f!", "Bonjour\u202f!"),
    ("¡Hola, {n}!", "¡Hola!"),
    ("¡{n}! Hola", "Hola"),
    ("{n}, ¡bienvenido!", "¡Bienvenido!"),
    ("{n}, здравствуйте!", "Здравствуйте!"),
    ("Paldies, {n}! Labu dienu.", "Paldies! Labu dienu."),
    ("مرحبا {n}، كيف حالك؟", "مرحبا، كيف حالك؟"),
    ("您好{n}，欢迎。", "您好，欢迎。"),
    ("{n}さん、こんにちは。", "こんにちは。"),
    ("こんにちは、{n}さん！", "こんにちは！"),
    ("{n}様\nお待ちください。", "お待ちください。"),
    ("{n} 様、お待ちください。", "お待ちください。"),
    ("{n}님, 안녕하세요!", "안녕하세요!"),
    ("안녕하세요 {n} 님!", "안녕하세요!"),
    ("안녕하세요, {n}씨.", "안녕하세요."),
    ("{n} 씨앗", "씨앗"),
    ("{agent_name}さん、{n}さん", "{agent_name}さん"),
    # What is not about the variable stays as the tenant has written it.
    ("Hello  there , {n}. OK  then", "Hello  there. OK  then"),
    ("nothing , to  tidy", "nothing , to  tidy"),
]


@pytest.mark.parametrize(("text", "expected"), READS)
def test_a_text_without_the_name(text: str, expected: str) -> None:
    assert without(text, ["n"]) == expected


@pytest.mark.parametrize(("text", "expected"), READS)
def test_a_message_without_the_name(text: str, expected: str) -> None:
    values = {"customer_name": "", "agent_name": "Ana", "codename": "Otter"}
    written = text.replace("{n}", "{customer_name}")
    shown = expected.replace("{agent_name}", "Ana").replace("{codename}", "Otter")
    assert render(written, values) == shown
    assert render(written, {**values, "customer_name": "Zoë"}) == (
        written.replace("{customer_name}", "Zoë")
        .replace("{agent_name}", "Ana")
        .replace("{codename}", "Otter")
    )


@pytest.mark.parametrize("locale", sorted(MESSAGES))
def test_the_built_in_texts_read_well_without_a_name(locale: str) -> None:
    values = {"customer_name": "", "agent_name": "Ana", "codename": "Otter"}
    for text in MESSAGES[locale].values():
        # Agents are reminded of a customer by the title of the topic.
        without_name = text.replace("{customer_name} — {codename}", "{codename}")
        assert "{customer_name}" not in without_name
        assert render(text, values) == without_name.replace("{codename}", "Otter")


@pytest.mark.parametrize("piece", [" ", ", ", "(", "{n}", " {n}", "'", "! "])
def test_no_text_takes_for_ever(piece: str) -> None:
    assert "{n}" not in without(piece * 4000 + "{n}" + piece * 4000, ["n"])
