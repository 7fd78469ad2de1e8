"""The npm package, packed, installed and bundled as a shop with React does it."""

import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from devtools import node
from devtools.console import Console
from tenants.models import Tenant
from tests.acceptance.pages import website
from tests.aside import aside, let_embed
from tests.browser import PATIENCE_MS, Visitor, widget_words
from tests.cast import tenant_called
from tests.conftest import Stage

pytestmark = pytest.mark.skipif(shutil.which("npm") is None, reason="needs Node.js")

APP = Path(__file__).with_name("package_app.jsx")
PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="require-trusted-types-for 'script'">
<link rel="icon" href="data:,"><title>Bakery</title></head>
<body><div id="root"></div>
<script>window.shop = {origin: "WEB", widgetKey: "KEY"};</script>
<script src="/app.js"></script></body>
</html>"""


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    with browser.new_context(locale="en-GB") as one:
        yield one


@pytest.fixture
def bakery(committed_db: None) -> Tenant:
    """A tenant that is not the server's default one."""
    return aside(lambda: tenant_called(f"bakery-{uuid4().hex[:8]}"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The shop's bundle, with the package as it comes out of its archive."""
    node.ensure_packages(Console())
    shop = tmp_path_factory.mktemp("shop")
    modules = shop / "node_modules"
    package = modules / "@chatorical" / "widget"
    package.parent.mkdir(parents=True)
    for name in ("react", "react-dom", "scheduler"):
        (modules / name).symlink_to(node.WIDGET / "node_modules" / name)
    run("npm", "pack", "--silent", "--pack-destination", str(shop), str(node.WIDGET / "npm"))
    [archive] = shop.glob("*.tgz")
    with tarfile.open(archive) as packed:
        packed.extractall(shop, filter="data")
    (shop / "package").rename(package)
    (shop / APP.name).write_text(APP.read_text())
    esbuild = str(node.WIDGET / "node_modules" / ".bin" / "esbuild")
    options = ("--bundle", "--jsx=automatic", "--preserve-symlinks", "--log-level=warning")
    return run(esbuild, str(shop / APP.name), *options)


def run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_shop_with_react_has_the_chat_as_a_component(
    app: str, context: BrowserContext, stage: Stage, bakery: Tenant
) -> None:
    page = PAGE.replace("WEB", stage.web).replace("KEY", bakery.widget_key)
    with website(page, {"/app.js": app}) as address:
        let_embed(bakery, address)
        visitor = Visitor(context, address)
        visitor.start("Is there rye bread?")
        turn = visitor.page.get_by_role("button", name="Turn the chat")
        host = visitor.page.locator("support-chat")
        heard = visitor.page.locator("output")

        expect(host).to_have_count(1)
        expect(heard).to_have_text("opened")
        turn.click()
        expect(host).to_have_count(0)
        turn.click()
        expect(host).to_have_count(1)
        visitor.page.get_by_role("button", name="Ask us").click()
        visitor.sees("Is there rye bread?")

        visitor.page.get_by_role("button", name="Red").click()
        expect(host).to_have_count(1)
        visitor.sees("Is there rye bread?")
        visitor.page.get_by_role("button", name="Deutsch").click()
        visitor.words = widget_words("de")
        expect(visitor.composer).to_be_visible(timeout=PATIENCE_MS)
        visitor.write("Und Pumpernickel?")
        visitor.has_sent()
        assert visitor.faults == []


def test_an_origin_without_a_chat_is_said(app: str, context: BrowserContext) -> None:
    with website(PAGE.replace("WEB", "http://127.0.0.1:9"), {"/app.js": app}) as address:
        page = context.new_page()
        with page.expect_console_message(lambda line: "could not be loaded" in line.text):
            page.goto(address)
        expect(page.get_by_role("heading", name="Bakery")).to_be_visible()
