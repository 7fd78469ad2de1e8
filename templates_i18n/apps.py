from django.apps import AppConfig


class TemplatesI18nConfig(AppConfig):
    """The texts of system messages, per tenant and locale."""

    name = "templates_i18n"
    verbose_name = "Templates"
