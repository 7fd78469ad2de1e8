"""The words of `./dev`."""

import importlib
import sys
from collections.abc import Callable
from typing import cast

from chatorical.local.console import Console
from chatorical.local.errors import LocalError

# The module that runs each word is imported only for it: `./dev lint` needs no database driver.
WORDS = {
    "test": ("testing", "the whole suite, or pytest's arguments: ./dev test tests/local -k port"),
    "manage": ("manage", "Django's manage.py with a database behind it: ./dev manage shell"),
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
    module = importlib.import_module(f"chatorical.local.{WORDS[word][0]}")
    run = cast(Callable[[list[str], Console], int], module.run)
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
