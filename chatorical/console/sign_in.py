"""The sign-in form of the console, and how often it may be tried.

Attempts are counted before a password is looked at, and those that succeed are given back: by the
address, and by the account. For the account, all addresses count together, but for those from which
its owner has signed in lately; each of these has a count of its own. So guessing from everywhere
ends, while the owner gets in from the usual place.
"""

import hashlib
from typing import TYPE_CHECKING, Any

import redis
import structlog
from django import forms
from django.http import HttpRequest

from kernel.errors import RateLimited
from kernel.http import address_of, network_of
from tenants import rate_limits
from tenants.admin_scope import memberships_of
from tenants.models import User
from tenants.rate_limits import Dimension
from tenants.redis_client import key, redis_client

if TYPE_CHECKING:
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
else:
    from unfold.forms import AuthenticationForm


logger = structlog.get_logger(__name__)

_REMEMBERED_SECONDS = 30 * 86_400


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
        if not user.is_superuser and not memberships_of(user):
            raise forms.ValidationError(self.error_messages["no_member"], code="no_member")

    def clean(self) -> dict[str, Any]:
        """Sign in, unless that has been tried too often."""
        if self.request is None:
            cleaned: dict[str, Any] = super().clean()
            return cleaned
        account = _account_of(self.cleaned_data.get("username", ""))
        network = network_of(address_of(self.request))
        try:
            counted = _count_attempt(account, network)
        except RateLimited as error:
            raise forms.ValidationError(
                too_often(error.retry_after_seconds or 60), code="rate_limited"
            ) from None
        cleaned = super().clean()
        if self.get_user() is not None:
            rate_limits.give_back(None, counted)
            _remember(account, network)
        return cleaned


def remember_place(request: HttpRequest, user: User) -> None:
    """Note that the account's owner signs in from where this request comes, by another page."""
    _remember(_account_of(user.email), network_of(address_of(request)))


def too_often(seconds: int) -> str:
    """What a person reads who has to wait."""
    minutes = -(-seconds // 60)
    when = "a minute" if minutes == 1 else f"{minutes} minutes"
    return f"Too many attempts to sign in. Please try again in {when}."


def _account_of(email: str) -> str:
    return hashlib.sha256(email.encode()).hexdigest()


def _count_attempt(account: str, network: str) -> list[Dimension]:
    where = network if _is_remembered(account, network) else "elsewhere"
    dimensions = [
        Dimension("sign_in_address", network),
        Dimension("sign_in_account", f"{account}:{where}"),
    ]
    rate_limits.take(None, dimensions)
    return dimensions


def _is_remembered(account: str, network: str) -> bool:
    try:
        return bool(redis_client().exists(key("signed-in", account, network)))
    except redis.RedisError as error:
        logger.warning("redis_away", used_for="sign-ins", error=type(error).__name__)
        return False


def _remember(account: str, network: str) -> None:
    try:
        redis_client().set(key("signed-in", account, network), 1, ex=_REMEMBERED_SECONDS)
    except redis.RedisError as error:
        logger.warning("redis_away", used_for="sign-ins", error=type(error).__name__)
