"""For members of several tenants: which of them the console shows."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from tenants import admin_scope
from tenants.models import User


@require_POST
def choose_workspace(request: HttpRequest) -> HttpResponse:
    """Change over to one of the person's own tenants; any other is unknown."""
    assert isinstance(request.user, User)
    wanted = request.POST.get("workspace")
    tenant = next((one for one in request.user.workspaces if str(one.pk) == wanted), None)
    if tenant is None:
        raise Http404
    admin_scope.choose(request, tenant.pk)
    return HttpResponseRedirect(reverse("admin:index"))
