"""Command line: `python -m telegram_simulator --port 4013`."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import msgspec

from telegram_simulator.directory import BotSeed, GroupSeed, MemberSeed, Seed, UserSeed
from telegram_simulator.records import Standing
from telegram_simulator.server import serve

FIRST_AGENT_ID = 7001


def main() -> None:
    arguments = _parser().parse_args()
    try:
        seed = _seed(arguments)
    except (OSError, msgspec.MsgspecError) as error:
        sys.exit(f"simulator: the seed cannot be used: {error}")
    serve(
        host=arguments.host,
        port=arguments.port,
        state_file=arguments.state,
        seed=seed,
        random_seed=arguments.random_seed,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m telegram_simulator",
        description="A local Telegram: Bot API server, forum group page, faults on demand.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=4013)
    parser.add_argument("--state", type=Path, help="file that keeps everything over a restart")
    parser.add_argument("--seed", type=Path, help="JSON file with bots, users and groups")
    parser.add_argument("--random-seed", type=int, default=1, help="ids come from this")
    parser.add_argument(
        "--bot-token", help="make a bot; the variable SIMULATOR_BOT_TOKEN serves too"
    )
    parser.add_argument("--bot-username", default="chatorical_bot")
    parser.add_argument("--bot-name", default="Chatorical")
    parser.add_argument("--group-id", type=int, help="make a forum group with the bot as admin")
    parser.add_argument("--group-title", default="Support")
    parser.add_argument("--agents", default="Ana,Greg", help="first names, comma-separated")
    return parser


def _seed(arguments: argparse.Namespace) -> Seed:
    """What the seed file and the options ask for, together."""
    seed = Seed()
    if arguments.seed is not None:
        seed = msgspec.json.decode(arguments.seed.read_bytes(), type=Seed)
    token = arguments.bot_token or os.environ.get("SIMULATOR_BOT_TOKEN", "")
    if token:
        bot = BotSeed(token=token, username=arguments.bot_username, first_name=arguments.bot_name)
        seed.bots = [*seed.bots, bot]
    if arguments.group_id:
        names = [name.strip() for name in arguments.agents.split(",") if name.strip()]
        agents = [
            UserSeed(id=FIRST_AGENT_ID + place, first_name=name, username=name.lower())
            for place, name in enumerate(names)
        ]
        members = [
            MemberSeed(
                user_id=agent.id,
                standing=Standing.ADMINISTRATOR if place else Standing.CREATOR,
            )
            for place, agent in enumerate(agents)
        ]
        members += [
            MemberSeed(user_id=int(bot.token.partition(":")[0]), standing=Standing.ADMINISTRATOR)
            for bot in seed.bots
        ]
        group = GroupSeed(id=arguments.group_id, title=arguments.group_title, members=members)
        seed.users = [*seed.users, *agents]
        seed.groups = [*seed.groups, group]
    return seed


if __name__ == "__main__":
    main()
