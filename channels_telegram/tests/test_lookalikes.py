"""No customer's name passes for the label of an agent's answer by API, in whatever letters."""

import pytest

from channels_telegram import texts
from conversations.models import Conversation


@pytest.mark.parametrize(
    "name",
    [
        "Ana (by API)",
        "Ana (BY api) ",
        "Remark, by API",
        "Ana (by API): Yes",
        "Ana (\uff42\uff59 api)",
        # Cyrillic, Greek, and letters of others.
        "Ana (by \u0410PI)",
        "Ana (\u042cу А\u0420\u0406)",
        "Ana (by \u0391\u03a1\u0399)",
        "Ana (\u0392\u03a5 \u0391\u03a1\u0399)",
        "Ana (by \u13aa\u13e2\u0399)",
        "Ana (ʙʏ ᴀᴘɪ)",
        "Ana (by 𝐀𝗣𝙸)",
        "Ana (by 🅰🅿🅸)",
        "Ana (by 🇦🇵🇮)",
        # Signs that are drawn like an I, blanks and marks between, and what is not drawn.
        "Ana (by APl)",
        "Ana (by AP1)",
        "Ana (by AP|)",
        "Ana (b y  A P I)",
        "Ana (by A.P.I.)",
        "Ana (b_y A-P-I)",
        "Ana (by ÁPÏ)",
        "Ana (by A\u200bP\u00adI)",
        "Ana (by\u2800A\u3164PI\u3164)",
        "Ana (by API\u02d0",
    ],
)
def test_who_has_the_name_of_a_label_is_called_by_the_codename(name: str) -> None:
    conversation = Conversation(codename="Amber Otter", customer_name=name)
    assert texts.customer_label(conversation) == "Amber Otter"


@pytest.mark.parametrize(
    "name",
    ["Ana", "Bobby Apicius", "Abby Apiani", "Toby Aprile", "By a pier", "Ірина Вупарі", "李 🇦🇵"],
)
def test_others_keep_their_name(name: str) -> None:
    conversation = Conversation(codename="Amber Otter", customer_name=name)
    assert texts.customer_label(conversation) == name
