"""The names that tests take from the stage."""

from tests.stage import (
    BOT_TOKEN,
    CHAT_ID,
    HEADER_SECRET,
    WEBHOOK_SECRET,
    Stage,
    open_stage,
    stage_environment,
)

__all__ = [
    "BOT_TOKEN",
    "CHAT_ID",
    "HEADER_SECRET",
    "WEBHOOK_SECRET",
    "Stage",
    "open_stage",
    "stage_environment",
]
