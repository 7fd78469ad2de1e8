"""The demo's made-up secrets: random once, then the same until `.data/demo` is removed."""

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from devtools.errors import LocalError

ADMIN_EMAIL = "demo@chatorical.test"
TOKEN_ALPHABET = string.ascii_letters + string.digits + "_-"


@dataclass(frozen=True)
class DemoIdentity:
    """Who is who between the simulator and the product."""

    #: Shaped as Telegram's: bot id, colon, 35 characters.
    bot_token: str
    #: Of a forum group: -100 and ten digits.
    support_group_id: int
    webhook_secret: str
    telegram_header_secret: str
    admin_password: str

    def environment(self) -> dict[str, str]:
        """The variables that carry it to the processes."""
        return {
            "BOT_TOKEN": self.bot_token,
            "SIMULATOR_BOT_TOKEN": self.bot_token,
            "SUPPORT_GROUP_ID": str(self.support_group_id),
            "WEBHOOK_SECRET": self.webhook_secret,
            "TELEGRAM_HEADER_SECRET": self.telegram_header_secret,
            "STRIPE_SECRET_KEY": "sk_test_demo",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{self.webhook_secret}",
            "DEMO_ADMIN_EMAIL": ADMIN_EMAIL,
            "DEMO_ADMIN_PASSWORD": self.admin_password,
        }


def load(directory: Path) -> DemoIdentity:
    """The identity kept in `directory`, made at the first call."""
    path = directory / "identity.json"
    if path.exists():
        try:
            return DemoIdentity(**json.loads(path.read_text()))
        except (ValueError, TypeError) as error:
            raise LocalError(f"{path} cannot be read. Remove {directory} to begin anew.") from error
    made = _make()
    draft = path.with_suffix(".new")
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(asdict(made), file, indent=2)
    draft.rename(path)
    return made


def _make() -> DemoIdentity:
    bot_id = 100_000_000 + secrets.randbelow(900_000_000)
    tail = "AA" + "".join(secrets.choice(TOKEN_ALPHABET) for _ in range(33))
    return DemoIdentity(
        bot_token=f"{bot_id}:{tail}",
        support_group_id=-1_000_000_000_000 - 1_000_000_000 - secrets.randbelow(2_000_000_000),
        webhook_secret=secrets.token_urlsafe(32),
        telegram_header_secret=secrets.token_urlsafe(32),
        # Read off the screen and typed by a person.
        admin_password="-".join(secrets.token_hex(2) for _ in range(3)),
    )
