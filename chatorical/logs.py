"""Structured logs: JSON lines in production, readable ones in development.

Every line carries what the context knows (`request_id`, `tenant_id`, `conversation_id`), and `-` as
its `request_id` where no request is at work, such as while a process starts. Values
under names that smell of secrets are replaced here, as a second net: callers must not log them.
"""

import logging.config
import re
from collections.abc import MutableMapping
from typing import Any

import structlog

from kernel import context

_SECRET_NAMES = ("token", "secret", "password", "authorization", "api_key", "text")


def _hide_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    for name in event:
        if name != "event" and any(word in name.lower() for word in _SECRET_NAMES):
            event[name] = "[hidden]"
    return event


# In addresses that servers and clients write into their own log lines.
_SECRETS_IN_ADDRESSES = re.compile(
    r"(token=|/bot|/webhook/|/v1/conversations/|/admin/invitations/[^\s/]+/)[^\s&\"'?/]+"
)


def _mask_addresses(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if isinstance(event["event"], str):
        event["event"] = _SECRETS_IN_ADDRESSES.sub(r"\1[hidden]", event["event"])
    return event


def _add_facts(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Whose request it is, as soon as that is known."""
    for name, value in context.gathered_facts().items():
        event.setdefault(name, value)
    event.setdefault("request_id", "-")
    return event


_SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    _add_facts,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    _hide_secrets,
    _mask_addresses,
]


def logging_config(*, level: str, pretty: bool) -> dict[str, Any]:
    """The dictConfig for the standard library's loggers, and structlog on top of them."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer()
    )
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if not pretty:
        final.append(structlog.processors.format_exc_info)
    config: dict[str, Any] = {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [*final, renderer],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # uvicorn's own handlers would write socket addresses, tokens included, past us.
            "uvicorn": {"handlers": [], "propagate": True, "level": "INFO"},
            "uvicorn.error": {"handlers": [], "propagate": True, "level": "INFO"},
            # Our own access line carries the same and the request id; theirs shows query strings.
            "uvicorn.access": {"handlers": [], "propagate": True, "level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "django.request": {"level": "ERROR"},
        },
    }
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    logging.config.dictConfig(config)
    return config
