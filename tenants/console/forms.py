"""Forms whose saving is a service's work."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from django import forms
from django.db import IntegrityError, models, transaction

from kernel.errors import DomainError
from tenants.audit import SYSTEM, Actor
from tenants.errors import SealBroken

if TYPE_CHECKING:
    _ModelForm: TypeAlias = forms.ModelForm[Any]
else:
    _ModelForm = forms.ModelForm


class ServiceForm(_ModelForm):
    """Asks its service as the last step of validation, so that a refusal shows at the form.

    The service writes; `StaffAdmin.save_model` has nothing left to do. A form must therefore be
    validated once only, as the admin does.
    """

    # Who submits; `StaffAdmin.get_form` sets it on each request's own class.
    actor: ClassVar[Actor] = SYSTEM
    # Which field a refusal is about; None for the form as a whole.
    refused_field: ClassVar[str | None] = None
    already_there: ClassVar[str] = "There is one like this already."

    def carry_out(self) -> models.Model:
        """Call the service and return the row it has made or changed; DomainError refuses."""
        raise NotImplementedError

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's hook, unknown to its stubs
        if self.errors or not (self.has_changed() or self.instance._state.adding):
            return
        try:
            with transaction.atomic():
                self.instance = self.carry_out()
        except DomainError as refusal:
            self.add_error(self.refused_field, refusal.public_message)
        except IntegrityError:
            self.add_error(None, self.already_there)
        except SealBroken as broken:
            self.add_error(None, f"The stored secrets cannot be opened: {broken}")
