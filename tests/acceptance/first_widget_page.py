"""A shop's page as it was written for the first widget, and a visitor on it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser import PATIENCE_MS

# What the first README told shops to paste, with a shop's own texts and colours.
PAGE = """<!doctype html>
<html lang="en" data-theme="SCHEME">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,"><title>Veikals</title>
<style>
  :root {
    --color-primary-main: #c62828; --color-primary-dark: #8e1616; --color-primary-light: #ff6f60;
    --color-background-paper: #ffffff; --color-background-default: #fbf6f5;
    --color-text-primary: rgba(31, 20, 20, .92); --color-text-secondary: #6d5a5a;
    --color-border-main: #ecdcdb;
  }
  [data-theme='dark'], .theme-dark {
    --color-background-paper: #1d1415; --color-background-default: #150e0f;
    --color-text-primary: #f7eded; --color-text-secondary: #bfa8a8; --color-border-main: #3b2a2b;
  }
  body { margin: 0; padding: 24px; font: 16px sans-serif;
    background: var(--color-background-default); color: var(--color-text-primary) }
  h1 { color: var(--color-primary-main) }
</style>
</head>
<body>
<h1>Veikals</h1><p>Krūzes, bļodas un šķīvji.</p>
<script src="WEB/widget.min.js?v=20240101-1200-abcdef0"></script>
<script>
  window.SupportChat && SupportChat.init({
    origin: 'WEB',
    position: 'right',
    strings: { supportLabel: 'Veikals' },
    stringsByLocale: {
      en: {
        chatButton: 'Message us', title: 'Pottery help', inputPlaceholder: 'Type a message…',
        sendLabel: 'Send it', editLabel: 'Edit your name',
        editNamePlaceholder: 'What is your name?',
        saveLabel: 'Keep', cancelLabel: 'Leave it', joinedSuffix: ' is with you now',
        connecting: 'Connecting…', clearConfirm: 'Clear chat history?',
        confirmYes: 'Yes', confirmNo: 'No',
        closedPrompt: 'Conversation closed. Start new?', soundOn: 'Sound on', soundOff: 'Sound off',
        vibrationOn: 'Vibration on', vibrationOff: 'Vibration off'
      },
      lv: {
        chatButton: 'Rakstiet mums', title: 'Palīdzība', inputPlaceholder: 'Jūsu ziņa…',
        sendLabel: 'Sūtīt', editLabel: 'Mainīt vārdu', editNamePlaceholder: 'Kā Jūs sauc?',
        saveLabel: 'Paturēt', cancelLabel: 'Nevajag', joinedSuffix: ' ir šeit',
        connecting: 'Savienojas…', clearConfirm: 'Dzēst sarunu?',
        confirmYes: 'Jā', confirmNo: 'Nē',
        closedPrompt: 'Saruna beigusies. Sākt jaunu?', soundOn: 'Skaņa ieslēgta',
        soundOff: 'Skaņa izslēgta',
        vibrationOn: 'Vibrācija ieslēgta', vibrationOff: 'Vibrācija izslēgta'
      }
    },
    showSoundToggle: true,
    showVibrationToggle: true,
    soundVolume: 0.6,
    soundGain: 1.5,
    openOnLoad: false
  });
</script>
</body>
</html>"""

WORDS = {
    "en": {
        "button": "Message us",
        "title": "Pottery help",
        "placeholder": "Type a message…",
        "send": "Send it",
        "edit": "Edit your name",
        "name": "What is your name?",
        "save": "Keep",
        "sound": "Sound off",
        "joined": "Support is with you now",
        "settings": "Chat settings",
        "closed": "Conversation closed. Start new?",
        "clear": "Clear chat",
        "confirm": "Clear chat history?",
        "yes": "Yes",
        "no": "No",
        "empty": "How can we help?",
    },
    "lv": {
        "button": "Rakstiet mums",
        "title": "Palīdzība",
        "placeholder": "Jūsu ziņa…",
        "send": "Sūtīt",
        "edit": "Mainīt vārdu",
        "name": "Kā Jūs sauc?",
        "save": "Paturēt",
        "sound": "Skaņa izslēgta",
        "joined": "Support ir šeit",
        "settings": "Tērzēšanas iestatījumi",
        "closed": "Saruna beigusies. Sākt jaunu?",
        "clear": "Notīrīt saraksti",
        "confirm": "Dzēst sarunu?",
        "yes": "Jā",
        "no": "Nē",
        "empty": "Kā varam palīdzēt?",
    },
}
RED, DARK_RED = "rgb(198, 40, 40)", "rgb(142, 22, 22)"

# The least contrast of a text in the open chat against what is painted behind it.
LEAST_CONTRAST = """() => {
  const root = document.querySelector('support-chat').shadowRoot;
  const probe = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const paint = (under, css) => {
    probe.fillStyle = `rgb(${under})`; probe.fillRect(0, 0, 1, 1);
    probe.fillStyle = css; probe.fillRect(0, 0, 1, 1);
    return [...probe.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (rgb) => rgb.map((part) => part / 255)
    .map((x) => (x <= 0.04045 ? x / 12.92 : ((x + 0.055) / 1.055) ** 2.4))
    .reduce((sum, x, i) => sum + x * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = (element) => {
    const above = [];
    for (let each = element; each; each = each.parentElement) {
      above.unshift(getComputedStyle(each).backgroundColor);
    }
    return above.reduce(paint, [255, 255, 255]);
  };
  let least = [99, ''];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    const isSeen = element.checkVisibility() && !element.closest('.sr, style');
    if (!isSeen || !node.textContent.trim()) continue;
    const under = behind(element);
    const ink = paint(under, getComputedStyle(element).color);
    const [light, dark] = [luminance(ink), luminance(under)].sort((a, b) => b - a);
    const ratio = (light + 0.05) / (dark + 0.05);
    if (ratio < least[0]) least = [ratio, node.textContent];
  }
  return least;
}"""


@dataclass
class OldPage:
    """A visitor on a page of the first widget's shop."""

    page: Page
    words: dict[str, str]

    @property
    def button(self) -> Locator:
        """What opens the chat, by the words that are to be read on it."""
        return self.page.get_by_role("button", name=self.words["button"])

    @property
    def composer(self) -> Locator:
        return self.page.get_by_placeholder(self.words["placeholder"])

    @property
    def root(self) -> Locator:
        return self.page.locator("support-chat .root")

    def open(self) -> None:
        self.button.click()
        expect(self.composer).to_be_visible()

    def menu(self) -> None:
        self.page.get_by_role("button", name=self.words["settings"]).click()

    def sees(self, text: str | re.Pattern[str]) -> None:
        log = self.page.get_by_role("log")
        expect(log.get_by_text(text, exact=True)).to_be_visible(timeout=PATIENCE_MS)

    def write(self, text: str) -> None:
        self.composer.fill(text)
        self.composer.press("Enter")

    def color(self, selector: str, of: str = "background-color") -> str:
        """As the browser paints it."""
        found: str = self.page.locator(f"support-chat {selector}").first.evaluate(
            "(element, of) => getComputedStyle(element).getPropertyValue(of)", of
        )
        return found

    def assert_readable(self) -> None:
        """Every text that is to be seen has at least the contrast of WCAG AA."""
        ratio, text = self.page.evaluate(LEAST_CONTRAST)
        assert ratio >= 4.5, f"{text!r} has a contrast of {ratio:.2f}"


def page_of(web: str, scheme: str) -> str:
    """The shop's page in its light or dark dress."""
    return PAGE.replace("WEB", web).replace("SCHEME", scheme)


def visit(
    context: BrowserContext, address: str, language: str = "lv", storage: Mapping[str, str] = {}
) -> OldPage:
    """Come to the shop, where i18next has kept the language, and the first widget this."""
    kept = json.dumps({"i18nextLng": language, **storage})
    page = context.new_page()
    page.add_init_script(f"localStorage.length || Object.assign(localStorage, {kept})")
    page.goto(f"{address}/")
    return OldPage(page, WORDS[language])
