"""Structured logs: JSON lines in production, readable ones in development.

Every line carries what the context knows (`request_id`, `tenant_id`, `conversation_id`), and `-` as
its `request_id` where no request is at work, such as while a process starts. Values
under names that smell of secrets are replaced here, as a second net: callers must not log them.
"""

import logging.config
from collections.abc import MutableMapping
from typing import Any

import structlog

from chatorical.log_masks import hide_secrets, mask_text
from kernel import context


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
    hide_secrets,
]


def logging_config(*, level: str, pretty: bool) -> dict[str, Any]:
    """The dictConfig for the standard library's loggers, and structlog on top of them."""
    renderer: Any = (
        structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        if pretty
        else structlog.processors.JSONRenderer()
    )
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta, mask_text]
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
            # It would write the address of every call.
            "stripe": {"level": "WARNING"},
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
