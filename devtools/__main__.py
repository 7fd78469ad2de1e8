"""The words of `./dev`."""

import importlib
import sys
from collections.abc import Callable
from typing import cast

from devtools.console import Console
from devtools.errors import LocalError

# Word → module and function that run it, and its meaning. The module is imported only for its
# word: `./dev lint` needs no database driver.
WORDS = {
    "demo": ("demo.run", "the product with a simulated Telegram and a shop (--verbose: all logs)"),
    "up": ("up.run", "the product for real settings, from the environment or .env (--verbose)"),
    "test": (
        "testing.run",
        "the whole suite, or what pytest's arguments name (--quick: no processes)",
    ),
    "lint": ("checks.lint", "style and layers"),
    "types": ("checks.types", "mypy over every package"),
    "check": (
        "checks.check",
        "every static check, the widget's build and the deployment files too",
    ),
    "audit": ("audit.run", "known vulnerabilities of the installed packages; needs the internet"),
    "lock": ("supply.lock", "pin every package with its hashes, from requirements*.in"),
    "sbom": ("supply.sbom", "what the product is made of, in CycloneDX (needs Node.js)"),
    "bench": ("bench.run", "measure speed: ./dev bench --help"),
    "chaos": ("chaos.run", "break everything for some minutes and compare: ./dev chaos --help"),
    "widget": ("node.run", "build widget/dist (needs Node.js)"),
    "manage": ("manage.run", "Django's manage.py with a database behind it: ./dev manage shell"),
    "help": ("", "this list"),
}


def main(arguments: list[str], console: Console) -> int:
    """Run one word; returns the exit code."""
    word, rest = (arguments[0], arguments[1:]) if arguments else ("help", [])
    if word in ("help", "-h", "--help"):
        _list_words(console)
        return 0
    if word not in WORDS:
        errors = Console(sys.stderr)
        errors.say(f"./dev does not know the word {word!r}. It knows:")
        _list_words(errors)
        return 2
    module_name, _, function = WORDS[word][0].partition(".")
    module = importlib.import_module(f"devtools.{module_name}")
    run = cast(Callable[[list[str], Console], int], getattr(module, function))
    try:
        return run(rest, console)
    except LocalError as error:
        Console(sys.stderr).say(str(error), "bad")
        return 1
    except KeyboardInterrupt:
        return 130


def _list_words(console: Console) -> None:
    for word, (_, meaning) in WORDS.items():
        console.say(f"  {console.style(f'./dev {word:<7}', 'bold')} {meaning}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Console()))
