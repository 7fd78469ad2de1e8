"""The addresses about the tenant itself."""

from django.urls import path

from tenants.api.v2 import api_keys, audit, invitations, members, settings, tenant

urlpatterns = [
    path("v2/admin/api-keys", api_keys.ApiKeys.as_view()),
    path("v2/admin/api-keys/<uuid:key_id>", api_keys.OneApiKey.as_view()),
    path("v2/admin/api-keys/<uuid:key_id>/rotate", api_keys.ApiKeyRotation.as_view()),
    path("v2/admin/tenant", tenant.OwnTenant.as_view()),
    path("v2/admin/settings", settings.Settings.as_view()),
    path("v2/admin/settings/<str:key>", settings.OneSetting.as_view()),
    path("v2/admin/members", members.Members.as_view()),
    path("v2/admin/members/invitations", invitations.Invitations.as_view()),
    path(
        "v2/admin/members/invitations/<uuid:invitation_id>",
        invitations.OneInvitation.as_view(),
    ),
    path("v2/admin/members/<uuid:member_id>", members.OneMember.as_view()),
    path("v2/admin/audit", audit.AuditTrail.as_view()),
    path("v2/admin/audit/export.json", audit.AuditJsonExport.as_view()),
    path("v2/admin/audit/export.csv", audit.AuditCsvExport.as_view()),
]
