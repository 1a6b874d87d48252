"""One log for every process: JSON lines to stderr, plain lines where a person reads along.

A line says which request it belongs to: the id that the API's edge gave it goes with the row to the
worker, so one search finds the whole way of an upload.
"""

import logging
import sys
from contextlib import AbstractContextManager
from typing import Literal

import structlog

LogFormat = Literal["auto", "json", "text"]

# Their information is of no use here; the edge writes a line of its own for each request.
QUIET = ("alembic", "rq", "httpx", "httpcore", "PIL", "uvicorn.access")
WITH_HANDLERS_OF_THEIR_OWN = ("uvicorn", "uvicorn.error", "uvicorn.access")  # ours serve them too
FIELDS = ("method", "route", "status", "seconds", "attempt", "code")  # of `extra=`, where given

IN_EVERY_LINE: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(FIELDS),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: str, form: LogFormat = "auto") -> None:
    """Send both logs, the standard one and structlog's, to stderr; stdout belongs to results.

    "auto" is text on a terminal and JSON elsewhere.
    """
    is_json = form == "json" or (form == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(log_formatter(is_json=is_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in WITH_HANDLERS_OF_THEIR_OWN:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[*IN_EVERY_LINE, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


def log_formatter(*, is_json: bool) -> logging.Formatter:
    """What turns a record into its line."""
    # A pretty trace would show the values of local names, tokens and secrets among them.
    plain = structlog.dev.plain_traceback
    last: list[structlog.typing.Processor] = [
        structlog.dev.ConsoleRenderer(exception_formatter=plain)
    ]
    if is_json:
        last = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=IN_EVERY_LINE,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *last],
    )


def log_context(**fields: object) -> AbstractContextManager[None]:
    """Every line written inside carries these fields; those that are None are left out.

    Usage: `with log_context(request_id=row.request_id, stylization_id=row.id): ...`
    """
    return structlog.contextvars.bound_contextvars(
        **{name: value for name, value in fields.items() if value is not None}
    )
