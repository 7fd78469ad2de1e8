"""The only reader of the process environment, by django-environ.

Each name may also come from a file: `NAME_FILE=/run/secrets/name`. A value that cannot be used
stops the process with one line that says which name, and what to do. In development a missing
secret is made up once and kept under the data directory, so that restarts log nobody out.
"""

import base64
import binascii
import contextlib
import ipaddress
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar, NoReturn
from urllib.parse import urlsplit

import environ

from chatorical import setting_names
from kernel.origins import ANY, UnusableOrigin, parse_origin

BASE_DIR = Path(__file__).resolve().parent.parent
MINIMUM_SECRET_BYTES = 32

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class BadSetting(SystemExit):
    """Ends the process with one line on standard error and status 1."""


def refuse(name: str, problem: str) -> NoReturn:
    """Stop the start because the setting `name` cannot be used as it is."""
    raise BadSetting(f"chatorical: {name} {problem}")


def _names_and_values(dotenv: Path) -> dict[str, str]:
    """What the file says, by the rules of django-environ."""

    class Parser(environ.Env):  # type: ignore[misc]  # the package has no types
        ENVIRON: ClassVar[dict[str, str]] = {}

    Parser.read_env(dotenv)
    return Parser.ENVIRON


class Environment(environ.FileAwareEnv):  # type: ignore[misc]
    """Typed reading of settings; `known` lists every name asked for, for the docs test."""

    def __init__(self, dotenv: Path = BASE_DIR / ".env") -> None:
        super().__init__()
        self._from_file = _names_and_values(dotenv) if dotenv.is_file() else {}
        for name, value in self._from_file.items():
            os.environ.setdefault(name, value)
        self.known: set[str] = set()
        self.mode = self.choice("ENVIRONMENT", ("development", "production"), "development")
        self.data_dir = Path(self.text("CHATORICAL_DATA_DIR", str(BASE_DIR / ".data")))

    @property
    def is_production(self) -> bool:
        """Whether missing and weak settings must stop the start."""
        return self.mode == "production"

    def find(self, name: str) -> str | None:
        """The content of the file that `NAME_FILE` names, else the value of `name`, else None."""
        self.known.add(name)
        try:
            # Not `self.str()`: it takes a value that begins with "$" for the name of another one.
            value: str = self.ENVIRON.get(name, "")
        except OSError as error:
            path = error.filename
            refuse(f"{name}_FILE", f"names {path}, which cannot be read ({error.strerror}).")
        except UnicodeDecodeError:
            path = self.ENVIRON[f"{name}_FILE"]
            refuse(f"{name}_FILE", f"names {path}, which is not a text in UTF-8.")
        return value.strip() or None

    def refuse_missing(self, name: str) -> NoReturn:
        """Stop the start because production needs `name`; names a slip of the pen, if there is."""
        strange = (given for given in os.environ if not self._is_known(given))
        slip = setting_names.find_slip(name, strange)
        if slip:
            refuse(name, f"is not set, but {slip} is. Correct the name.")
        refuse(name, "is not set. Production needs it; see docs/settings.md.")

    def refuse_slips(self) -> None:
        """Stop the start for a name that is nobody's and nearly one of ours.

        It would be left out in silence. Call it when every setting has been read. A name that is
        near a setting that has a value stands for something else, such as a former secret.
        """
        missing = [name for name in self.known if self.find(name) is None]
        ours = [*missing, *(f"{name}_FILE" for name in missing)]
        for given in sorted({*self._from_file, *os.environ}):
            if self._is_known(given):
                continue
            is_in_file = given in self._from_file
            meant = setting_names.find_meant(given, ours, is_in_file=is_in_file)
            if meant:
                where = "in .env" if is_in_file else "in the environment"
                refuse(given, f"{where} is no setting. Did you mean {meant}?")

    def _is_known(self, name: str) -> bool:
        ours = name in self.known or name.removesuffix("_FILE") in self.known
        return ours or name in setting_names.OF_OTHERS

    def text(self, name: str, default: str) -> str:
        """Any text."""
        return self.find(name) or default

    def required_in_production(self, name: str, development_default: str) -> str:
        """A text that production must set itself."""
        value = self.find(name)
        if value is None:
            if self.is_production:
                self.refuse_missing(name)
            return development_default
        return value

    def choice(self, name: str, allowed: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(name, default)
        if value not in allowed:
            refuse(name, f"is {value!r}. Use one of: {', '.join(allowed)}.")
        return value

    def boolean(self, name: str, default: bool) -> bool:
        """`true` or `false` (also 1/0, yes/no, on/off)."""
        value = self.text(name, str(default)).lower()
        if value in {"true", "1", "yes", "on"}:
            return True
        if value in {"false", "0", "no", "off"}:
            return False
        refuse(name, f"is {value!r}. Use true or false.")

    def integer(self, name: str, default: int, *, minimum: int = 0, maximum: int = 2**53) -> int:
        """A whole number within bounds."""
        value = self.text(name, str(default))
        try:
            number = int(value)
        except ValueError:
            refuse(name, f"is {value!r}. Use a whole number.")
        if not minimum <= number <= maximum:
            refuse(name, f"is {number}. Use a number from {minimum} to {maximum}.")
        return number

    def words(self, name: str, default: str = "") -> list[str]:
        """A comma-separated list."""
        return [word.strip() for word in self.text(name, default).split(",") if word.strip()]

    def origins(self, name: str) -> list[str]:
        """Comma-separated web origins (`https://shop.example`) as browsers send them, or `*`."""
        return [self._origin(name, word) for word in self.words(name)]

    def origin(self, name: str, default: str) -> str:
        """One web origin as browsers send it; an empty default means optional."""
        value = self.text(name, default)
        if value == ANY:
            refuse(name, "is '*'. Use one origin such as https://chat.example.")
        return self._origin(name, value) if value else ""

    def _origin(self, name: str, value: str) -> str:
        try:
            return parse_origin(value)
        except UnusableOrigin as unusable:
            refuse(name, f"is not usable: {unusable}")

    def url(self, name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        """An absolute address without a trailing slash; an empty default means optional."""
        value = self.text(name, default).rstrip("/")
        if value and urlsplit(value).scheme not in schemes:
            refuse(name, f"is {value!r}. Use an address that starts with {schemes[0]}://.")
        return value

    def networks(self, name: str, default: str) -> list[Network]:
        """Comma-separated CIDR ranges."""
        networks: list[Network] = []
        for word in self.words(name, default):
            try:
                networks.append(ipaddress.ip_network(word, strict=False))
            except ValueError:
                refuse(name, f"contains {word!r}. Use CIDR ranges such as 10.0.0.0/8.")
        return networks

    def secrets(self, name: str) -> list[str]:
        """One secret, or several comma-separated while rotating (the first one is the new one)."""
        value = self.find(name)
        if value is None:
            value = self._made_up(name, lambda: secrets.token_urlsafe(48))
        parts = [part.strip() for part in value.split(",") if part.strip()]
        for part in parts or [""]:
            if len(part.encode()) < MINIMUM_SECRET_BYTES:
                refuse(
                    name,
                    f"is too short: use at least {MINIMUM_SECRET_BYTES} bytes, for example from "
                    "`openssl rand -base64 48`.",
                )
        if len(set(parts)) < len(parts):
            refuse(name, "contains the same secret twice. Replace one of them, or take it away.")
        return parts

    def optional_secrets(self, name: str) -> list[str]:
        """As `secrets`, of something that the installation may do without: none where none is."""
        return self.secrets(name) if self.find(name) is not None else []

    def master_keys(self, name: str) -> list[bytes]:
        """Base64 of 32 bytes each; several, comma-separated, while rotating (the first seals)."""
        value = self.find(name)
        if value is None:
            value = self._made_up(name, lambda: base64.b64encode(secrets.token_bytes(32)).decode())
        keys: list[bytes] = []
        for number, part in enumerate(value.split(","), start=1):
            try:
                key = base64.b64decode(part.strip(), validate=True)
            except (binascii.Error, ValueError):
                refuse(name, f"(key {number}) is not base64. Use `openssl rand -base64 32`.")
            if len(key) != 32:
                refuse(name, f"(key {number}) has {len(key)} bytes. Use base64 of exactly 32.")
            if key in keys:
                refuse(name, f"(key {number}) contains the same key twice. Take one of them away.")
            keys.append(key)
        return keys

    def _made_up(self, name: str, make: Callable[[], str]) -> str:
        """A development secret, generated once and kept readable by its owner only."""
        if self.is_production:
            self.refuse_missing(name)
        folder = self.data_dir / "secrets"
        path = folder / name.lower()
        if not path.is_file():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            draft = folder / f".{name.lower()}.{os.getpid()}"
            draft.touch(mode=0o600)
            draft.write_text(make())
            # link() never replaces: of several first processes all keep the one that won.
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            draft.unlink()
        return path.read_text().strip()


env = Environment()
