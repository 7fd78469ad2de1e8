"""The page behind an invitation's link: for people who have no way into the console yet.

The link alone says neither who has an account nor what the tenant is called, unless it works.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import login, password_validation
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods

from chatorical.console.sign_in import SignInForm, remember_place, too_often
from kernel.errors import RateLimited
from kernel.http import address_of, network_of
from tenants import admin_scope, rate_limits
from tenants.errors import AccountExists, InvitationNotFound, MemberExists, OverLimit
from tenants.invitations import selectors, services
from tenants.invitations.models import Invitation
from tenants.models import Tenant, User
from tenants.names import MAX_NAME, clean_full_name
from tenants.rate_limits import Dimension
from tenants.scope import platform_scope, tenant_scope

if TYPE_CHECKING:
    from django.forms import PasswordInput
    from django.forms import TextInput as TextWidget
else:
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminTextInputWidget as TextWidget

_BACKEND = "django.contrib.auth.backends.ModelBackend"


class NewPersonForm(forms.Form):
    """What an account needs beside the address, which the invitation has."""

    full_name = forms.CharField(
        label="Your name",
        max_length=MAX_NAME,
        widget=TextWidget(attrs={"autocomplete": "name", "autofocus": ""}),
    )
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=1024,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 10 characters.",
    )
    repeated = forms.CharField(
        label="The password once more",
        strip=False,
        max_length=1024,
        widget=PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, data: Any, *, email: str) -> None:
        super().__init__(data)
        self._email = email

    def clean_full_name(self) -> str:
        """A name that shows something."""
        return clean_full_name(self)

    def clean(self) -> dict[str, Any]:
        """By the same rules as everywhere else in the console."""
        cleaned: dict[str, Any] = super().clean() or {}
        password, repeated = cleaned.get("password"), cleaned.get("repeated")
        if password is None or repeated is None:
            return cleaned
        if password != repeated:
            self.add_error("repeated", "The two passwords differ.")
        try:
            person = User(email=self._email, full_name=cleaned.get("full_name", ""))
            password_validation.validate_password(password, person)
        except forms.ValidationError as refusal:
            self.add_error("password", refusal)
        return cleaned


class InvitedSignInForm(SignInForm):
    """Asks for the password of an account that may not be a member of anything yet."""

    def __init__(self, request: HttpRequest, password: str | None, *, email: str) -> None:
        data = None if password is None else {"username": email, "password": password}
        super().__init__(request, data)
        self.fields["password"].widget.attrs["autofocus"] = ""

    def confirm_login_allowed(self, user: User) -> None:
        """The invitation is what lets them in."""
        if not user.is_active:
            raise forms.ValidationError(self.error_messages["inactive"], code="inactive")


@never_cache
@sensitive_post_parameters()
@sensitive_variables("token")
@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
def accept_invitation(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    """Show the invitation; on POST let the person in and sign them in."""
    response = _answer(request, slug, token)
    # Not even our own pages are told the address that one came from: it is a secret.
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


def _answer(request: HttpRequest, slug: str, token: str) -> HttpResponse:
    counted = [Dimension("sign_in_address", network_of(address_of(request)))]
    try:
        rate_limits.take(None, counted)
    except RateLimited as error:
        return _too_often(request, error.retry_after_seconds or 60)
    try:
        tenant, invitation = _find(slug, token)
        rate_limits.give_back(None, counted)
        return _attend(request, tenant, invitation, token)
    except InvitationNotFound:
        return _dead(request)
    except OverLimit:
        return _full(request)


def _find(slug: str, token: str) -> tuple[Tenant, Invitation]:
    tenant_id = Tenant.objects.filter(slug=slug).values_list("pk", flat=True).first()
    if tenant_id is None:
        raise InvitationNotFound()
    with tenant_scope(tenant_id) as tenant:
        return tenant, selectors.find_by_token(tenant=tenant, token=token)


def _attend(
    request: HttpRequest, tenant: Tenant, invitation: Invitation, token: str
) -> HttpResponse:
    """The holder of the link may know whether the address has an account."""
    email = invitation.email
    if isinstance(request.user, User) and request.user.email == email:
        if request.method == "POST":
            return _join(request, tenant, token, request.user)
        return _page(request, tenant, invitation)
    sent = request.POST if request.method == "POST" else None
    if User.objects.filter(email=email).exists():
        password = None if sent is None else sent.get("password", "")
        sign_in = InvitedSignInForm(request, password, email=email)
        user = sign_in.get_user() if sign_in.is_valid() else None
        if isinstance(user, User):
            return _join(request, tenant, token, user)
        return _page(request, tenant, invitation, form=sign_in)
    form = NewPersonForm(sent, email=email)
    if form.is_valid():
        return _begin(request, tenant, token, form)
    return _page(request, tenant, invitation, form=form, is_new=True)


@contextmanager
def _joining(tenant: Tenant) -> Iterator[Tenant]:
    """The tenant's scope, in which the account and the membership are one transaction."""
    with platform_scope("accepted invitation"), tenant_scope(tenant.pk) as scoped:
        yield scoped


def _begin(request: HttpRequest, tenant: Tenant, token: str, form: NewPersonForm) -> HttpResponse:
    try:
        with _joining(tenant) as scoped:
            member = services.accept_as_new_person(
                tenant=scoped,
                token=token,
                full_name=form.cleaned_data["full_name"],
                password=form.cleaned_data["password"],
            )
    except AccountExists:
        # Made a moment ago: the same page now asks for that account's password.
        return HttpResponseRedirect(request.path)
    # As the sign-in form does for those who have an account: strangers' guesses then close it for
    # new addresses only.
    remember_place(request, member.user)
    return _enter(request, tenant, member.user, f"Welcome to {tenant.name}.")


def _join(request: HttpRequest, tenant: Tenant, token: str, user: User) -> HttpResponse:
    try:
        with _joining(tenant) as scoped:
            services.accept_as(tenant=scoped, token=token, user=user)
    except MemberExists:
        return _enter(request, tenant, user, f"You are a member of {tenant.name} already.")
    return _enter(request, tenant, user, f"Welcome to {tenant.name}.")


def _enter(request: HttpRequest, tenant: Tenant, user: User, greeting: str) -> HttpResponse:
    if request.user != user:
        login(request, user, backend=_BACKEND)
    admin_scope.choose(request, tenant.pk)
    messages.success(request, greeting)
    return HttpResponseRedirect(reverse("admin:index"))


def _page(
    request: HttpRequest,
    tenant: Tenant,
    invitation: Invitation,
    *,
    form: forms.Form | None = None,
    is_new: bool = False,
) -> HttpResponse:
    context = {"invitation": invitation, "form": form, "is_new": is_new}
    return _render(request, f"Join {tenant.name}", context, HTTPStatus.OK)


def _dead(request: HttpRequest) -> HttpResponse:
    """The same for every link that does not work, whatever the reason."""
    advice = (
        "It may have been used, taken back, or be older than seven days, or a part of the link is "
        "missing. Ask for a new one."
    )
    return _render(
        request, "This invitation does not work", {"advice": advice}, HTTPStatus.NOT_FOUND
    )


def _full(request: HttpRequest) -> HttpResponse:
    """The invitation stays good: what is full is the inviter's to change."""
    advice = "You cannot join at the moment. Ask the person who invited you; your link stays good."
    return _render(request, "Not yet", {"advice": advice}, HTTPStatus.CONFLICT)


def _too_often(request: HttpRequest, seconds: int) -> HttpResponse:
    response = _render(
        request, "Please wait", {"advice": too_often(seconds)}, HTTPStatus.TOO_MANY_REQUESTS
    )
    response.headers["Retry-After"] = str(seconds)
    return response


def _render(
    request: HttpRequest, title: str, context: dict[str, Any], status: HTTPStatus
) -> HttpResponse:
    whole = {**admin.site.each_context(request), "title": title, **context}
    return TemplateResponse(request, "console/invitation.html", whole, status=status)
