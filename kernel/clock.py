"""Time as the wire shows it: UTC, milliseconds, `Z`."""

from datetime import UTC, datetime, timedelta

from django.utils import timezone

ONE_MILLISECOND = timedelta(milliseconds=1)


def now_ms() -> datetime:
    """The present, cut to whole milliseconds, so that what is shown equals what is stored."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def iso_ms(moment: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, such as `2026-01-31T09:05:00.250Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )


def iso_ms_or_none(moment: datetime | None) -> str | None:
    """As `iso_ms`, with None for None."""
    return None if moment is None else iso_ms(moment)
