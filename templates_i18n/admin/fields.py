"""What the forms about texts have in common."""

from django import forms

from kernel.errors import InvalidParameter
from templates_i18n.locales import require_locale

LOCALE_HELP = (
    "A language such as lv, or “default”, which is used where none fits. A regional tag such as "
    "pt-BR counts for the widget's own words only: conversations keep the language."
)


def cleaned_locale(typed: str) -> str:
    """The locale in its one spelling; ValidationError for what is no language."""
    try:
        return require_locale(typed)
    except InvalidParameter as refusal:
        raise forms.ValidationError(refusal.public_message) from None
