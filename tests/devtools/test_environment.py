"""Real settings in `.env` reach `./dev up` and nothing else."""

from pathlib import Path

import pytest

from devtools import demo, demo_identity, environment


@pytest.fixture
def dotenv(tmp_path: Path) -> Path:
    path = tmp_path / ".env"
    path.write_text('# mine\nBOT_TOKEN=1:real\nPORT="5000"\nENVIRONMENT=production\n')
    return path


def test_up_reads_the_file_and_the_environment_wins(dotenv: Path) -> None:
    merged = environment.with_dotenv({"PORT": "6000"}, dotenv)
    assert (merged["BOT_TOKEN"], merged["PORT"]) == ("1:real", "6000")


def test_the_demo_and_the_tests_shut_the_file_out(dotenv: Path) -> None:
    merged = environment.without_dotenv({"PORT": "6000"}, dotenv)
    assert (merged["BOT_TOKEN"], merged["ENVIRONMENT"], merged["PORT"]) == ("", "", "6000")


def test_the_demo_identity_is_made_once_and_kept_private(tmp_path: Path) -> None:
    identity = demo_identity.load(tmp_path)
    assert demo_identity.load(tmp_path) == identity
    bot_id, _, tail = identity.bot_token.partition(":")
    assert (len(bot_id), len(tail), tail[:2]) == (9, 35, "AA")
    assert str(identity.support_group_id).startswith("-100")
    assert (tmp_path / "identity.json").stat().st_mode & 0o077 == 0


def test_the_demo_never_speaks_to_the_real_telegram(tmp_path: Path) -> None:
    given = {"BOT_TOKEN": "1:real", "TELEGRAM_API_URL": "https://api.telegram.org"}
    chosen = {"PORT": 1, "SIMULATOR_PORT": 2, "SHOP_PORT": 3, "STRIPE_PORT": 4}
    made = demo.demo_environment(given, tmp_path, demo_identity.load(tmp_path), chosen)
    assert made["TELEGRAM_API_URL"] == "http://127.0.0.1:2"
    assert made["BOT_TOKEN"] != "1:real"


def test_the_demo_never_speaks_to_the_real_stripe(tmp_path: Path) -> None:
    given = {"STRIPE_SECRET_KEY": "sk_live_real", "STRIPE_API_URL": "https://api.stripe.com"}
    chosen = {"PORT": 1, "SIMULATOR_PORT": 2, "SHOP_PORT": 3, "STRIPE_PORT": 4}
    made = demo.demo_environment(given, tmp_path, demo_identity.load(tmp_path), chosen)
    assert made["STRIPE_API_URL"] == "http://127.0.0.1:4"
    assert made["STRIPE_SECRET_KEY"] == "sk_test_demo"
