"""Which secrets sign and verify conversation tokens, by name only."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from conversations import tokens


class Command(BaseCommand):
    """Secrets live in the environment; this command helps to change them there."""

    help = "List the keys of conversation tokens (names, never secrets), or make a new secret."

    def add_arguments(self, parser: CommandParser) -> None:
        """`--new` makes a secret instead of listing."""
        parser.add_argument(
            "--new", action="store_true", help="print a new secret, storing nothing"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Print one line per key, the signing one first; or one new secret."""
        if options["new"]:
            secret = secrets.token_urlsafe(48)
            self.stderr.write(
                f"The new key is {tokens.key_id(secret)}. Add the secret to "
                "CONVERSATION_JWT_SECRET as docs/operations.md says under *Rotating keys*:"
            )
            self.stdout.write(secret)
            return
        for number, name in enumerate(tokens.key_ids()):
            self.stdout.write(f"{name} {'verifies only' if number else 'signs'}")
        minutes = tokens.CONVERSATION_TOKEN_SECONDS // 60
        self.stderr.write(
            f"A key can be taken away {minutes} minutes after the last process has signed with it."
        )
