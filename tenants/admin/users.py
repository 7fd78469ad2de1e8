"""The accounts of people who sign in here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from tenants.console import StaffAdmin, column, moment
from tenants.models import User
from tenants.names import clean_full_name

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm

    UserCreationForm = AdminUserCreationForm[User]
    _ModelForm = forms.ModelForm[User]
else:
    from unfold.forms import AdminPasswordChangeForm, UserCreationForm

    _ModelForm = forms.ModelForm

# Rights come from being staff or a member of a tenant; groups of permissions are not used.
admin.site.unregister(Group)


class NewUserForm(UserCreationForm):
    """A new account with its first password."""

    class Meta:
        model = User
        fields = ("email", "full_name")

    def clean_email(self) -> str:
        """Addresses are compared in lower case."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("There is an account with this address already.")
        return email

    def clean_full_name(self) -> str:
        """Empty, or a name that shows something."""
        return clean_full_name(self)


class ChangedUserForm(_ModelForm):
    """An account's name and access; the password has a form of its own."""

    # Who is looking; UserAdmin.get_form sets it.
    viewer: ClassVar[User | None] = None

    class Meta:
        model = User
        fields = ("email", "full_name", "is_active", "is_staff", "is_superuser")
        labels: ClassVar[dict[str, str]] = {
            "is_active": "Account is on",
            "is_staff": "May open the admin",
            "is_superuser": "Platform staff",
        }
        help_texts: ClassVar[dict[str, str]] = {
            "is_active": "Switch off instead of deleting: what they did stays readable.",
            "is_staff": "Members also need this to sign in here.",
            "is_superuser": "Sees and changes every tenant.",
        }

    def clean_email(self) -> str:
        """Addresses are compared in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()

    def clean_full_name(self) -> str:
        """Empty, or a name that shows something."""
        return clean_full_name(self)

    def clean(self) -> dict[str, Any] | None:
        """Nobody locks themselves out."""
        values = super().clean()
        needed = ("is_active", "is_staff", "is_superuser")
        if self.viewer == self.instance and not all(self.cleaned_data.get(name) for name in needed):
            raise forms.ValidationError(
                "You cannot take your own access away. Ask a colleague to do it."
            )
        return values


@admin.register(User)
class UserAdmin(StaffAdmin[User], DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted."""

    form = ChangedUserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "full_name", "kind", "is_on", "seen")
    list_filter = ("is_active", "is_superuser")
    search_fields = ("email", "full_name")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("new_password", "seen", "joined")
    fieldsets = (
        (None, {"fields": ("email", "full_name", "new_password")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser")}),
        ("History", {"fields": ("seen", "joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "full_name", "password1", "password2")}),)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> type[forms.ModelForm[User]]:
        """Tell the form who is looking."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if issubclass(form, ChangedUserForm):
            form.viewer = request.user if isinstance(request.user, User) else None
        return form

    @column("Password")
    def new_password(self, user: User) -> str:
        """Nothing of the present one is shown, its hash included."""
        address = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a class="c-button" href="{}">Set a new password</a>', address)

    @column("Kind", labels={"Platform staff": "info"})
    def kind(self, user: User) -> str:
        """Staff of the platform, or of a tenant."""
        if user.is_superuser:
            return "Platform staff"
        return "May sign in" if user.is_staff else "No access"

    @column("On", ordering="is_active", is_yes_or_no=True)
    def is_on(self, user: User) -> bool:
        """Whether the account works."""
        return user.is_active

    @column("Last sign-in", ordering="last_login")
    def seen(self, user: User) -> str:
        """When they last signed in."""
        return moment(user.last_login)

    @column("Created", ordering="date_joined")
    def joined(self, user: User) -> str:
        """When the account was made."""
        return moment(user.date_joined)
