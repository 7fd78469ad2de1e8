"""The lines for a tenant's website."""

import hashlib
from base64 import b64encode
from io import StringIO

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from tenants import widget_build
from tenants.models import Tenant


def test_the_command_prints_both_lines(acme: Tenant) -> None:
    out = StringIO()
    call_command("widget_snippet", acme.slug, stdout=out)
    lines = [line for line in out.getvalue().splitlines() if line.startswith("<script ")]
    built = (settings.BASE_DIR / "widget" / "dist" / "widget.min.js").read_bytes()
    address = f"{settings.PUBLIC_ORIGIN}/widget.min.js"
    digest = b64encode(hashlib.sha384(built).digest()).decode()
    assert lines == [
        f'<script async src="{address}" data-tenant="{acme.slug}"></script>',
        f'<script async src="{address}?v={hashlib.sha256(built).hexdigest()[:20]}" '
        f'integrity="sha384-{digest}" crossorigin="anonymous" '
        f'data-tenant="{acme.slug}"></script>',
    ]


def test_there_is_no_line_for_nobody(db: None) -> None:
    with pytest.raises(CommandError, match="no tenant 'nobody'"):
        call_command("widget_snippet", "nobody")


@pytest.mark.parametrize("name", ["1.4.2", "", "abc123", "f" * 40, "g" * 20])
def test_versions_of_a_pages_own_are_no_builds(name: str) -> None:
    assert not widget_build.is_of_another_build(name)


def test_a_build_knows_its_own_version() -> None:
    assert not widget_build.is_of_another_build(widget_build.version())
    assert widget_build.is_of_another_build("f" * 20)
