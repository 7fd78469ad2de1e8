"""What files a tenant takes."""

from django.conf import settings

from conversations.attached import FileKind
from tenants.settings import specs

_MIB = 1024 * 1024

ALLOWED = specs.define(
    "attachments.allowed",
    description="Whether customers and agents can send each other files.",
    default=lambda: True,
    validate=specs.boolean,
)
KINDS = specs.define(
    "attachments.kinds",
    description="Which kinds of files: image, document (PDF, text, office), audio, video, archive.",
    default=lambda: ["image", "document", "audio", "video"],
    validate=specs.some_of(*FileKind),
)
MAX_BYTES = specs.define(
    "attachments.maxBytes",
    description="How large a file may be.",
    default=lambda: min(10 * _MIB, settings.ATTACHMENT_MAX_BYTES),
    validate=specs.integer(minimum=1024, maximum=settings.ATTACHMENT_MAX_BYTES),
)
MAX_DAILY_BYTES = specs.define(
    "attachments.maxDailyBytes",
    description="How much may be taken in within 24 hours.",
    default=lambda: min(500 * _MIB, settings.ATTACHMENTS_MAX_TOTAL_BYTES),
    validate=specs.integer(minimum=0, maximum=settings.ATTACHMENTS_MAX_TOTAL_BYTES),
)
MAX_TOTAL_BYTES = specs.define(
    "attachments.maxTotalBytes",
    description="How much may be kept in all.",
    default=lambda: settings.ATTACHMENTS_MAX_TOTAL_BYTES,
    validate=specs.integer(minimum=0, maximum=settings.ATTACHMENTS_MAX_TOTAL_BYTES),
)
