"""Fields that hold sealed values, known by the models themselves.

`sealing` refuses to seal for a place that no field declares, so a rotation of data keys, which goes
through these fields, cannot miss one.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.checks import CheckMessage, Error
from django.db import models

from tenants.models import TenantOwned

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class SealedTextField(_TextField):
    """An envelope made by `sealing.seal(table=…, field=…)` for the place named here.

    The place is part of what is authenticated: it never changes, whatever becomes of model names.
    Migrations see an ordinary text field. An empty value means that nothing is stored.
    """

    def __init__(self, *args: Any, place: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        self.place = place
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        """As the text field that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        """Also: it says its place, and its rows belong to a tenant, whose data key seals."""
        problems: list[CheckMessage] = super().check(**kwargs)
        if not all(self.place) or not issubclass(self.model, TenantOwned):
            problems.append(
                Error(
                    "A sealed field needs place=(table, field) and a tenant-owned model.",
                    obj=self,
                    id="tenants.E002",
                )
            )
        return problems


@dataclass(frozen=True, slots=True)
class SealedField:
    """One field of one model, and the place that its envelopes are bound to."""

    model: type[TenantOwned]
    attribute: str
    table: str
    field: str


@lru_cache(maxsize=1)
def sealed_fields() -> tuple[SealedField, ...]:
    """Every sealed field of every model that is installed."""
    return tuple(
        SealedField(model, field.attname, *field.place)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, SealedTextField) and issubclass(model, TenantOwned)
    )


@lru_cache(maxsize=1)
def sealed_places() -> frozenset[tuple[str, str]]:
    """All places that values may be sealed for."""
    return frozenset((field.table, field.field) for field in sealed_fields())
