"""What is counted about files."""

from django.db import transaction
from prometheus_client import Counter

from attachments.models import StoredFile

KEPT = Counter("chatorical_attachments_total", "Files kept.", ["direction", "kind"])
KEPT_BYTES = Counter("chatorical_attachment_bytes_total", "Bytes of files kept.", ["direction"])
REFUSED = Counter("chatorical_attachments_refused_total", "Files refused.", ["direction", "code"])


def count_kept(direction: str, file: StoredFile) -> None:
    """One more, once the running transaction commits."""
    transaction.on_commit(KEPT.labels(direction, file.kind).inc)
    transaction.on_commit(lambda: KEPT_BYTES.labels(direction).inc(file.bytes))
