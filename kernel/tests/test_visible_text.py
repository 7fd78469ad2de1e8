"""What is visible, over the world's scripts."""

import pytest

from kernel.text import is_visible, single_line, visible_line, without_hidden_controls

ZWNJ, ZWJ, RLM = "\u200c", "\u200d", "\u200f"
ENGLAND = "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"

NAMES = {
    "Persian": f"علی{ZWNJ}رضا",
    "Kurdish, Sorani": f"دڵ{ZWNJ}شاد",
    "Urdu": "محمّد اقبال",
    "Arabic with a mark of direction": f"علي{RLM}",
    "Hebrew with points": "שָׂרָה",
    "Hindi": f"क्{ZWJ}षमा",
    "Hindi, half form at the end": f"राज्{ZWJ}",
    "Bengali": f"র{ZWJ}্যাব",
    "Sinhala": f"ශ්{ZWJ}රී",
    "Malayalam": f"രമേശന്{ZWJ}",
    "Kannada": f"ರ{ZWJ}್ಕ",
    "Khmer": "ស្រី\u200bពៅ",
    "Thai": "สมชาย",
    "Myanmar": "အောင်",
    "Tibetan": "བསྟན་འཛིན",
    "Mongolian": "ᠮᠣᠩᠭᠣᠯ\u180e\u180b",
    "Chinese with an ideographic variation": "葛\U000e0100城",
    "Korean": "김민준",
    "Vietnamese, decomposed": "Nguye\u0302\u0303n",
    "Latvian": "Jānis Bērziņš",
    "Irish": "Seán O’Neill",
    "family": "👨\u200d👩\u200d👧\u200d👦",
    "rainbow": "🏳️\u200d🌈",
    "flag": "🇱🇻",
    "England": ENGLAND,
    "keycap": "1️⃣",
    "skin tone": "👍🏽",
    "text heart": "❤\ufe0e",
    "emoji heart": "❤\ufe0f",
    "balanced isolate": "\u2066Ana\u2069 K.",
    "one letter": "A",
    "a dot": ".",
    "private use": "\uf8ff",
    "unassigned so far": "\U0001faff",
}
INVISIBLE = {
    "nothing": "",
    "blanks": " \t\u00a0\u2003\u3000",
    "line breaks": "\r\n\u0085\u2028\u2029",
    "zero width space": "\u200b",
    "joiners": "\u200c\u200d",
    "word joiner": "\u2060",
    "byte order mark": "\ufeff",
    "soft hyphen": "\u00ad",
    "Hangul fillers": "\u3164\u115f\u1160\uffa0",
    "Braille blank": "\u2800",
    "combining marks": "\u0301\u0308",
    "spacing marks": "\u093e",
    "enclosing marks": "\u20dd",
    "variation selectors": "\ufe0f\ufe0e\U000e0100",
    "grapheme joiner": "\u034f",
    "Khmer inherent vowels": "\u17b4\u17b5",
    "Mongolian separators": "\u180b\u180e",
    "tags": "\U000e0041\U000e0062\U000e007f",
    "marks of direction": "\u200e\u200f\u061c",
    "controls": "\x07\x1b\x7f\x9f",
    "null notehead": "\U0001d159",
    "no character": "\uffff\ufdd0",
    "stand-in for an object": "\ufffc",
}
HIDDEN = {
    "override": "Ana\u202egnp",
    "override that is closed": "\u202dAna\u202c",
    "embedding left open": "\u202bAna",
    "isolate left open": "\u2067Ana",
    "closed and never opened": "Ana\u2069\u2069",
    "crossed": "\u202a\u2066A\u202c\u2069",
    "bell": "A\x07na",
    "escape": "\x1b[31mAna",
    "delete": "An\x7fa",
    "C1": "An\x9ba",
    "annotation": "An\ufff9a",
    "withdrawn shaping": "An\u206ca",
    "text in tags": "Ana\U000e0041\U000e0042",
    "language tag": "\U000e0001Ana",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_names_of_all_scripts_stay_as_they_are(name: str) -> None:
    assert is_visible(name)
    assert visible_line(name) == name
    assert without_hidden_controls(name) == name


@pytest.mark.parametrize("text", INVISIBLE.values(), ids=INVISIBLE.keys())
def test_what_shows_nothing_is_no_name(text: str) -> None:
    assert not is_visible(text)
    assert visible_line(text) is None
    assert visible_line(f" {text} ") is None


@pytest.mark.parametrize("text", HIDDEN.values(), ids=HIDDEN.keys())
def test_what_misleads_readers_is_no_name_and_can_be_taken_out(text: str) -> None:
    assert is_visible(text)
    assert visible_line(text) is None
    cleaned = single_line(without_hidden_controls(text))
    assert visible_line(cleaned) == cleaned


@pytest.mark.parametrize("value", [None, 5, ["Ana"], b"Ana", "An\x00a", "An\ud800a"])
def test_what_cannot_be_kept_is_no_name(value: object) -> None:
    assert visible_line(value) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Ana \n of \u3000 Loam ", "Ana of Loam"),
        ("\ufeffAna\u200b", "Ana"),
        ("\u200d\u200cAna\u200c", "Ana"),
        ("Ana\u2028K.", "Ana K."),
        ("\u3164 Ana \u3164", "Ana"),
        (f"❤\ufe0f {ZWNJ}", "❤\ufe0f"),
    ],
)
def test_a_name_is_one_line_without_its_invisible_edges(given: str, kept: str) -> None:
    assert visible_line(given) == kept
