"""The v2 addresses about texts."""

from django.urls import path

from templates_i18n.api.v2 import locales, saved_replies, templates, translations

urlpatterns = [
    path("v2/admin/templates", templates.Templates.as_view()),
    path("v2/admin/templates/preview", templates.TemplatePreview.as_view()),
    path("v2/admin/templates/<str:key>/<str:locale>", templates.OneTemplate.as_view()),
    path("v2/admin/translations", translations.Translations.as_view()),
    path("v2/admin/translations/<str:locale>", translations.LocaleTranslations.as_view()),
    path("v2/admin/translations/<str:locale>/<str:key>", translations.OneTranslation.as_view()),
    path("v2/admin/saved-replies", saved_replies.SavedReplies.as_view()),
    path("v2/admin/saved-replies/<str:name>/<str:locale>", saved_replies.OneSavedReply.as_view()),
    path("v2/admin/locales", locales.Locales.as_view()),
    path("v2/admin/locales/<str:locale>", locales.OneLocale.as_view()),
    path("v2/admin/locales/<str:locale>/export", locales.LocaleExport.as_view()),
    path("v2/admin/locales/<str:locale>/import", locales.LocaleImport.as_view()),
]
