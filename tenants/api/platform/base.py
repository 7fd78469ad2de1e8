"""What the platform's calls have in common."""

from tenants.api.authentication import PlatformAuthentication
from tenants.api.views import ServiceView

TAGS = ["Platform"]


class PlatformView(ServiceView):
    """A call with the service token, about any tenant: each method opens the scopes it needs.

    The audit trail names the service token as who acted.
    """

    authentication_classes = (PlatformAuthentication,)
    has_own_scopes = True
