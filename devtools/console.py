"""What the person at the terminal sees."""

import os
import sys
from typing import TextIO

RESET = "\x1b[0m"
STYLES = {
    "bold": "\x1b[1m",
    "faint": "\x1b[2m",
    "good": "\x1b[32m",
    "warn": "\x1b[33m",
    "bad": "\x1b[31m",
    "link": "\x1b[36m",
}


class Console:
    """Lines to one stream, coloured only on a terminal and unless NO_COLOR is set."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream if stream is not None else sys.stdout
        self._coloured = self._stream.isatty() and not os.environ.get("NO_COLOR")
        self._gone = False

    def style(self, text: str, style: str) -> str:
        """`text` in a style of `STYLES`, or as it is without colours."""
        return f"{STYLES[style]}{text}{RESET}" if self._coloured else text

    def say(self, line: str = "", style: str | None = None) -> None:
        """Write one line now."""
        if self._gone:
            return
        try:
            self._stream.write((self.style(line, style) if style else line) + "\n")
            self._stream.flush()
        except OSError:
            # The terminal was closed, or `| head` has read enough: no reason to leave processes
            # behind. Nobody is there to be told.
            self._gone = True
