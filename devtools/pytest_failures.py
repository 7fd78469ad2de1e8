"""Pytest plugin (`-p devtools.pytest_failures`): say each failure when it happens.

pytest prints what failed at the end. A run that is cut off before (CI's time, a machine that is
lost) would otherwise not tell which test it was.
"""

import pytest


class _FailureWriter:
    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        reporter = self._config.pluginmanager.get_plugin("terminalreporter")
        if not report.failed or reporter is None:
            return
        reporter.ensure_newline()
        reporter.write_line(f"FAILED {report.nodeid} ({report.when}, {report.duration:.0f} s)")
        reporter.write_line(report.longreprtext)


def pytest_configure(config: pytest.Config) -> None:
    """Only where reports are printed: xdist's workers send theirs to the controlling process."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(_FailureWriter(config))
