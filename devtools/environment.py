"""The environment of the processes we start: what the caller has set, plus the `.env` file."""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

from devtools import paths
from devtools.errors import LocalError


def inherited() -> dict[str, str]:
    """A copy of our own environment, in which the processes we start may keep their bytecode.

    Without it each of them compiles the whole product anew: a quarter of the time of a start.
    """
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def find(environment: Mapping[str, str], name: str) -> str | None:
    """The value of `name`, else the content of the file that `NAME_FILE` names, as settings do."""
    value = environment.get(name, "").strip()
    path = environment.get(f"{name}_FILE", "")
    if not value and path:
        try:
            value = Path(path).read_text().strip()
        except OSError as error:
            raise LocalError(f"{name}_FILE names {path}, which cannot be read.") from error
    return value or None


def with_dotenv(environment: Mapping[str, str], path: Path | None = None) -> dict[str, str]:
    """`environment` completed from `.env`; what is set already wins. For real settings."""
    return {**_dotenv(path), **environment}


def without_dotenv(environment: Mapping[str, str], path: Path | None = None) -> dict[str, str]:
    """`environment` with the names of `.env` shut out, for runs on made-up data.

    The settings read `.env` themselves for names that are absent, and take an empty value as
    unset: so an empty one keeps a real bot token out of the demo and the tests.
    """
    return {**dict.fromkeys(_dotenv(path), ""), **environment}


def _dotenv(path: Path | None) -> dict[str, str]:
    """The names and values of the file, parsed as the settings parse it."""
    file = path if path is not None else paths.ROOT / ".env"
    if not file.is_file():
        return {}
    read: dict[str, str] = {}

    class Parser(environ.Env):  # type: ignore[misc] # the package has no types
        ENVIRON = read

    Parser.read_env(file)
    return read
