"""The console's Django apps, set up without what only a process that shows the console needs.

Django's own configuration imports every page of the console, and the theme's all of its widgets,
wherever Django starts: in workers, in beat, in each command. `chatorical.urls` imports them here.
"""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.admin.checks import check_admin_app, check_dependencies
from django.core import checks


class ThemeConfig(AppConfig):
    """Unfold's templates and files."""

    name = "unfold"


class ConsoleConfig(SimpleAdminConfig):
    """The admin with Unfold's site, which is made when the first page registers."""

    default_site = "unfold.sites.UnfoldAdminSite"

    def ready(self) -> None:
        """Register Django's checks of the admin."""
        checks.register(check_dependencies, checks.Tags.admin)
        checks.register(_check_pages, checks.Tags.admin)


def _check_pages(
    app_configs: Sequence[AppConfig] | None, **options: Any
) -> list[checks.CheckMessage]:
    # There is nothing to check before the pages have registered.
    admin.autodiscover()
    return check_admin_app(app_configs, **options)
