"""The environment of the processes we start: what the caller has set, plus the `.env` file."""

import os
from collections.abc import Mapping
from pathlib import Path

import environ

from chatorical.local import paths


def inherited() -> dict[str, str]:
    """A copy of our own environment."""
    return dict(os.environ)


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
