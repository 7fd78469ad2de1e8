"""What a browser says about itself, in words for agents."""

import re

# The first that fits counts: browsers name those that they descend from, too.
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg(?:e|A|iOS)?/")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(?:Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(?:Chrome|CriOS|Chromium|HeadlessChrome)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iPhone", re.compile(r"\biPhone\b")),
    ("iPad", re.compile(r"\biPad\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("Mac", re.compile(r"\bMacintosh\b|\bMac OS X\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)
# A caller may send any text of any length.
_MAX_LENGTH = 500


def device_of(user_agent: str) -> str:
    """`Firefox on Windows`, or as much of it as is known; empty for what is no browser.

    Only names of these lists are ever shown, and nothing that the caller has written.
    """
    said = user_agent[:_MAX_LENGTH]
    browser = next((name for name, sign in _BROWSERS if sign.search(said)), "")
    system = next((name for name, sign in _SYSTEMS if sign.search(said)), "")
    return " on ".join(filter(None, (browser, system)))
