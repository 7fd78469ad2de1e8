"""What the forms about texts have in common."""

from django import forms

from chatorical.kernel.errors import InvalidParameter
from templates_i18n.locales import require_locale

LOCALE_HELP = "A language tag such as lv or pt-BR; “default” is used where none fits."


def cleaned_locale(typed: str) -> str:
    """The locale in its one spelling; ValidationError for what is no language."""
    try:
        return require_locale(typed)
    except InvalidParameter as refusal:
        raise forms.ValidationError(refusal.public_message) from None
