"""The link that an inviter passes on."""

from django.conf import settings
from django.urls import reverse

from tenants.invitations.services import NewInvitation
from tenants.models import Tenant

# The name of the page in the URLconf.
PAGE = "accept-invitation"


def link_of(*, tenant: Tenant, issued: NewInvitation) -> str:
    """The whole address, with the token in it: a secret."""
    return f"{settings.PUBLIC_ORIGIN}{reverse(PAGE, args=[tenant.slug, issued.token])}"
