"""Filters of more than one list."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.admin import RelatedFieldListFilter as AutocompleteSelectFilter
else:
    from unfold.contrib.filters.admin import AutocompleteSelectFilter


class TenantFilter(AutocompleteSelectFilter):
    """Chooses one tenant by typing part of its name; there may be thousands."""


TENANT: Any = ("tenant", TenantFilter)
