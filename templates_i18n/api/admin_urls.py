"""The operator's addresses about texts; they run under ordinary Django."""

from django.urls import path

from templates_i18n.api import admin

urlpatterns = [
    path("v1/admin/message-templates", admin.TemplateList.as_view()),
    path("v1/admin/message-templates/upsert", admin.UpsertTemplate.as_view()),
    path("v1/admin/message-templates/delete-locale", admin.DeleteLocale.as_view()),
    path("v1/admin/settings", admin.Settings.as_view()),
]
