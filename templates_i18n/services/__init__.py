"""Everything that changes a tenant's texts. Each runs in the tenant's scope and leaves a trail."""

from templates_i18n.services.exchange import (
    FORMAT,
    VERSION,
    Imported,
    export_locale,
    export_po,
    import_locale,
    import_po,
)
from templates_i18n.services.saved_replies import (
    MAX_NAME,
    MAX_SAVED_REPLY,
    delete_saved_reply,
    require_name,
    set_saved_reply,
)
from templates_i18n.services.templates import (
    MAX_KEY,
    MAX_RATE_SECONDS,
    MAX_TEXT,
    delete_locale,
    delete_template,
    set_stored_text,
    set_template,
    update_template,
)
from templates_i18n.services.translations import (
    MAX_TRANSLATION,
    delete_translation,
    set_translation,
    set_translations,
)

__all__ = [
    "FORMAT",
    "MAX_KEY",
    "MAX_NAME",
    "MAX_RATE_SECONDS",
    "MAX_SAVED_REPLY",
    "MAX_TEXT",
    "MAX_TRANSLATION",
    "VERSION",
    "Imported",
    "delete_locale",
    "delete_saved_reply",
    "delete_template",
    "delete_translation",
    "export_locale",
    "export_po",
    "import_locale",
    "import_po",
    "require_name",
    "set_saved_reply",
    "set_stored_text",
    "set_template",
    "set_translation",
    "set_translations",
    "update_template",
]
