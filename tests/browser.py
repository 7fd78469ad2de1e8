"""A real Chromium, for the widget and the pages, and somebody in front of it."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Locator,
    Response,
    expect,
    sync_playwright,
)

CATALOG = Path(__file__).resolve().parent.parent / "templates_i18n" / "catalog"
PATIENCE_MS = 60_000

OPTIONS = [
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a screen; `./dev test` says which one in CHROMIUM_PATH."""
    program = os.environ.get("CHROMIUM_PATH") or shutil.which("chromium")
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=[*OPTIONS, *sandbox])
        yield running
        running.close()


def widget_words(language: str) -> Mapping[str, str]:
    """What the widget says in a language, by key."""
    words: dict[str, str] = json.loads((CATALOG / "widget" / f"{language}.json").read_text())
    return words


def begins_conversation(response: Response) -> bool:
    """The answer that begins a session, or without WebCrypto a conversation of v1."""
    path = response.url.partition("?")[0]
    return response.ok and path.endswith(("/v2/sessions", "/v1/conversations/start"))


class Visitor:
    """Somebody on a page with the chat open, whose widget speaks `language`."""

    def __init__(self, context: BrowserContext, address: str, language: str = "en") -> None:
        self.words = widget_words(language)
        self.page = context.new_page()
        self.faults: list[str] = []
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        # What the widget tells the page's developers.
        self.told: list[str] = []
        self.page.on("console", lambda line: self._listen(line.text))
        self.codename = ""
        self.page.goto(address)
        self.open()

    def _listen(self, line: str) -> None:
        if line.startswith("SupportChat: "):
            self.told.append(line)

    def open(self) -> None:
        """Press the launcher."""
        self.launcher.click()
        expect(self.composer).to_be_visible()

    def come_back(self, address: str = "") -> None:
        """Load the page again, or from another one the page, and have the chat open there."""
        if address:
            self.page.goto(address)
        else:
            self.page.reload()
        expect(self.page.locator("support-chat")).to_be_attached()
        if not self.composer.is_visible():
            self.open()

    def speak(self, locale: str) -> None:
        """Have the page set the language, as a switch on it would."""
        self.words = widget_words(locale.partition("-")[0])
        self.page.evaluate("locale => SupportChat.setLocale(locale)", locale)

    @property
    def launcher(self) -> Locator:
        """The closed chat's button."""
        name = re.compile(re.escape(self.words["launcherOpen"]))
        return self.page.get_by_role("button", name=name)

    @property
    def composer(self) -> Locator:
        """Where they write."""
        return self.page.get_by_role("textbox", name=self.words["composer"], exact=True)

    @property
    def log(self) -> Locator:
        """What they see."""
        return self.page.get_by_role("log", name=self.words["log"])

    def start(self, text: str) -> str:
        """Write the first message, which starts the conversation; returns its id."""
        with self.page.expect_response(begins_conversation) as response:
            self.write(text)
        started = response.value.json()
        self.codename = started["codename"]
        return str(started["conversation_id"])

    def write(self, text: str) -> None:
        """Write and press Enter."""
        self.composer.fill(text)
        self.composer.press("Enter")

    def has_sent(self) -> None:
        """Wait until the server has the newest message; the agents may have it, too."""
        states = "|".join(re.escape(self.words[state]) for state in ("sent", "delivered", "seen"))
        newest = self.log.locator(".message.own .state").last
        expect(newest).to_have_text(re.compile(f"^({states})$"), timeout=PATIENCE_MS)

    def sees(self, text: str, times: int = 1) -> None:
        """Wait until a message with exactly this text is there so many times."""
        found = self.log.get_by_text(text, exact=True)
        expect(found).to_have_count(times, timeout=PATIENCE_MS)
