"""The addresses of files; they run under the fast handler."""

from django.urls import path

from attachments.api import customer, serving
from kernel.http import async_endpoint

urlpatterns = [
    path(
        "v2/conversations/<uuid:conversation_id>/attachments",
        async_endpoint(post=customer.upload),
    ),
    path("v2/attachments/<uuid:file_id>", async_endpoint(get=serving.read, head=serving.read)),
]
