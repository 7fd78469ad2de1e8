"""The sign-in form of the console."""

from typing import TYPE_CHECKING, Any

from django import forms

from tenants.admin_scope import find_membership
from tenants.models import User

if TYPE_CHECKING:
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
else:
    from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Asks for the e-mail address, in whatever case it is typed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["username"]
        field.label = "E-mail address"
        field.widget.input_type = "email"
        field.widget.attrs["autocomplete"] = "username"

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This address and password do not belong together. Please check both.",
        "no_member": "You are not a member of any workspace. Ask an owner to add you.",
        "inactive": "This account is switched off. Ask a colleague to switch it on.",
    }

    def clean_username(self) -> str:
        """Accounts are kept in lower case."""
        address = self.cleaned_data["username"]
        if not isinstance(address, str):
            raise forms.ValidationError("Enter your e-mail address.")
        return address.strip().lower()

    def confirm_login_allowed(self, user: User) -> None:
        """Staff, and the members of some tenant."""
        super().confirm_login_allowed(user)
        if not user.is_superuser and find_membership(user) is None:
            raise forms.ValidationError(self.error_messages["no_member"], code="no_member")
