"""The stage and the servers' databases, for every test of the repository."""

pytest_plugins = ["tests.stage", "tests.cast", "tests.browser", "tests.staff"]
