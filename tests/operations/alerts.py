"""The shipped alert rules, evaluated by Prometheus' own tool over what /metrics has shown."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.debian import find_or_install
from tests.processes import ROOT

RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
# So long everything was as before; longer than the windows of all rules but one look back.
BEFORE_MINUTES = 15

Figures = dict[str, float]


@dataclass(frozen=True)
class Timeline:
    """/metrics before and after something broke, a scrape a minute.

    With `goes_on`, what the counters have gained is gained again each minute after that.
    """

    before: Figures
    after: Figures
    minutes: int
    goes_on: bool = False

    def series(self) -> list[dict[str, str]]:
        """In promtool's notation."""
        return [
            {"series": name, "values": self._values(name)}
            for name in sorted(self.before.keys() | self.after.keys())
        ]

    def _values(self, name: str) -> str:
        values = [self.before.get(name)] * BEFORE_MINUTES
        after = self.after.get(name)
        gained = (after or 0) - (self.before.get(name) or 0) if self._goes_on(name) else 0
        for minute in range(self.minutes + 1):
            values.append(None if after is None else after + minute * gained)
        return " ".join("_" if value is None else f"{value:.6f}" for value in values)

    def _goes_on(self, name: str) -> bool:
        family = name.partition("{")[0]
        return self.goes_on and family.endswith(("_total", "_bucket", "_count", "_sum"))


def check(timeline: Timeline, folder: Path, alert: str, labels: dict[str, str] | None) -> None:
    """Assert that the alert fires, with these labels, at the end; with None, that none fires."""
    selector = f'ALERTS{{alertstate="firing",alertname="{alert}"}}'
    expected: list[dict[str, object]] = []
    if labels is None:
        selector = 'ALERTS{alertstate="firing"}'
    else:
        shown = {"alertname": alert, "alertstate": "firing", "severity": _severity(alert), **labels}
        inner = ",".join(f'{key}="{value}"' for key, value in sorted(shown.items()))
        expected = [{"labels": f"ALERTS{{{inner}}}", "value": 1}]
    test = {
        "rule_files": [str(RULES)],
        "evaluation_interval": "1m",
        "tests": [
            {
                "interval": "1m",
                "input_series": timeline.series(),
                "promql_expr_test": [
                    {
                        "expr": selector,
                        "eval_time": f"{BEFORE_MINUTES + timeline.minutes}m",
                        "exp_samples": expected,
                    }
                ],
            }
        ],
    }
    file = folder / f"{alert or 'calm'}.yml"
    file.write_text(yaml.safe_dump(test, allow_unicode=True, width=10_000))
    tool = find_or_install("promtool", "prometheus")
    done = subprocess.run([tool, "test", "rules", str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def alert_names() -> list[str]:
    """Every alert of the file."""
    return [str(rule["alert"]) for rule in _rules()]


def _severity(alert: str) -> str:
    [severity] = [rule["labels"]["severity"] for rule in _rules() if rule["alert"] == alert]
    return str(severity)


def _rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]
