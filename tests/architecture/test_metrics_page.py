"""The page about metrics and the alert rules name what exists, and all of it."""

import inspect
import re

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from channels_telegram import api_errors
from channels_telegram.outgoing import effects
from channels_telegram.outgoing.kinds import DELETE_TOPIC
from chatorical.web import (
    gateway,  # noqa: F401 (the gateway brings its own metrics)
    metrics_endpoint,
)
from devtools.paths import ROOT
from outbox.kinds import all_kinds, handled_kinds
from outbox.models import Lane

pytestmark = pytest.mark.django_db

_NAME = re.compile(r"\bchatorical_[a-z_]+\b")
_SUFFIX = re.compile(r"_(bucket|sum|count)$")


def exposed() -> dict[str, str]:
    """The name that people write for each family, and its kind."""
    return {
        family.name + ("_total" if family.type == "counter" else ""): family.type
        for family in text_string_to_metric_families(metrics_endpoint.collect().decode())
        if family.name.startswith("chatorical_") and not family.name.endswith("_created")
    }


def test_every_metric_is_explained_and_none_that_is_not_there() -> None:
    page = (ROOT / "docs" / "operations.md").read_text()
    section = page.split("## Metrics", 1)[1].split("\n## ", 1)[0]
    rows = set(re.findall(r"^\| `(chatorical_[a-z_]+)", section, re.MULTILINE))
    assert rows == set(exposed())
    roles = set(_NAME.findall((ROOT / "deploy" / "postgres" / "roles.sql").read_text()))
    assert set(_NAME.findall(page)) - set(exposed()) - roles == set()


def test_alerts_are_about_metrics_that_exist() -> None:
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
    known = exposed()
    rules = [rule for group in groups for rule in group["rules"]]
    names = [rule["alert"] for rule in rules]
    assert len(names) == len(set(names))
    for rule in rules:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"]
        used = _NAME.findall(rule["expr"])
        assert used, rule["alert"]
        for name in used:
            family = _SUFFIX.sub("", name)
            kind = known.get(name) or known.get(family)
            assert kind, f"{rule['alert']}: {name} does not exist"
            assert (family != name) == (kind == "histogram"), name
        assert rule["expr"].count("(") == rule["expr"].count(")")
        for outcome in re.findall(r'telegram_call_faults_total\{outcome=~"([^"]+)"', rule["expr"]):
            for error in outcome.split("|"):
                assert issubclass(getattr(api_errors, error), api_errors.TelegramError)


def test_what_waits_for_room_by_design_wakes_nobody() -> None:
    """The critical rule leaves out exactly the kinds that leave in the cosmetic lane."""
    # Other tests of the run make kinds of their own.
    product = {kind.name for kind in all_kinds() if kind.name.startswith("telegram.")}
    cosmetic = {kind.name for kind in all_kinds() if kind.lane == Lane.COSMETIC} & product
    assert DELETE_TOPIC.name in cosmetic
    # An effect may say another lane than its kind's, but never this one.
    assert "lane=Lane.COSMETIC" not in inspect.getsource(effects)
    groups = yaml.safe_load((ROOT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
    rules = {rule["alert"]: rule for group in groups for rule in group["rules"]}
    for name, operator, severity in (
        ("ChatoricalDeliveriesStuck", "!~", "critical"),
        ("ChatoricalCosmeticDeliveriesLate", "=~", "warning"),
    ):
        rule = rules[name]
        [pattern] = re.findall(rf'kind{operator}"([^"]+)"', rule["expr"])
        matched = {kind for kind in handled_kinds() if re.fullmatch(pattern, kind)} & product
        assert (matched, rule["labels"]["severity"]) == (cosmetic, severity)


def test_names_follow_the_conventions_and_have_a_help_text() -> None:
    for family in text_string_to_metric_families(metrics_endpoint.collect().decode()):
        if family.name.startswith("chatorical_") and not family.name.endswith("_created"):
            assert family.documentation.endswith("."), family.name
            if family.type == "histogram":
                assert family.name.endswith("_seconds")
