"""The addresses about the tenant itself."""

from django.urls import path

from chatorical.workspace_api import api_keys

urlpatterns = [
    path("v2/admin/api-keys", api_keys.ApiKeys.as_view()),
    path("v2/admin/api-keys/<uuid:key_id>", api_keys.OneApiKey.as_view()),
    path("v2/admin/api-keys/<uuid:key_id>/rotate", api_keys.ApiKeyRotation.as_view()),
]
