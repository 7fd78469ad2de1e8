"""Who reads the process environment."""

import ast

from tests.architecture.sources import Source, all_sources

READERS = {
    "chatorical/env.py",
    # A health check of a container, which runs without the product.
    "deploy/healthcheck.py",
}
# They only say which settings module is meant.
NAMERS = {"manage.py", "chatorical/asgi.py", "chatorical/celery.py"}
# Celery takes this one switch from nowhere else.
WRITERS = {"chatorical/worker/__main__.py"}


def _uses_environment(source: Source) -> bool:
    return any(
        isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv", "environb", "putenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
        for node in ast.walk(source.tree)
    ) or bool({"os.environ", "os.getenv"} & source.imports())


def test_only_env_reads_the_environment() -> None:
    users = {source.path for source in all_sources() if _uses_environment(source)}
    assert users == READERS | NAMERS | WRITERS


def test_what_is_set_for_celery_is_its_switch() -> None:
    for source in all_sources():
        if source.path in WRITERS:
            lines = ast.unparse(source.tree).splitlines()
            uses = [line.strip() for line in lines if "os.environ" in line]
            assert uses == ["os.environ['CELERY_SKIP_CHECKS'] = 'yes'"]


def test_entry_points_only_name_the_settings() -> None:
    for source in all_sources():
        if source.path not in NAMERS:
            continue
        uses = [ast.unparse(call) for call in source.calls() if "environ" in ast.unparse(call.func)]
        assert uses == ["os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'chatorical.settings')"], (
            source.path
        )
