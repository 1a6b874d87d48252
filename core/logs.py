"""Logging of all processes: JSON lines to stderr, or plain text on a terminal.

Every line contains the id of its request. The API's middleware creates the id, and the row passes
it to the worker, so that one search finds everything that happened to an upload.

Python itself writes warnings and uncaught exceptions to stderr as text. They are logged instead.
"""

import logging
import sys
import threading
import warnings
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Literal

import structlog

log = logging.getLogger(__name__)

LogFormat = Literal["auto", "json", "text"]

# Only their warnings are logged; the middleware writes its own line for each request.
QUIET_LOGGERS = ("alembic", "rq", "httpx", "httpcore", "PIL", "uvicorn.access")
LOGGERS_WITH_HANDLERS = ("uvicorn", "uvicorn.error", "uvicorn.access")  # replaced by ours
EXTRA_FIELDS = ("method", "route", "status", "seconds", "attempt", "code")  # passed as `extra=`

SHARED_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(EXTRA_FIELDS),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def configure_logging(level: str, log_format: LogFormat = "auto") -> None:
    """Send the standard log and structlog's to stderr. stdout is reserved for results.

    `auto` selects text on a terminal and JSON elsewhere.
    """
    is_json = log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(log_formatter(is_json=is_json))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in LOGGERS_WITH_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    structlog.configure(
        processors=[*SHARED_PROCESSORS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    _log_what_python_prints()


def _log_what_python_prints() -> None:
    warnings.formatwarning = _format_warning
    logging.captureWarnings(True)  # noqa: FBT003  # the parameter has no public name
    sys.excepthook = _log_uncaught
    threading.excepthook = _log_uncaught_outside
    sys.unraisablehook = _log_uncaught_outside


def _format_warning(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    line: str | None = None,  # noqa: ARG001  # the source line, which the log leaves out
) -> str:
    return f"{filename}:{lineno}: {category.__name__}: {message}"


def _log_uncaught(
    kind: type[BaseException], error: BaseException | None, traceback: TracebackType | None
) -> None:
    """Log an exception that nothing has caught. An interrupt by Ctrl-C is not an error."""
    if issubclass(kind, KeyboardInterrupt):
        log.info("interrupted")
    else:
        log.error("uncaught exception", exc_info=(kind, error or kind(), traceback))


def _log_uncaught_outside(found: "threading.ExceptHookArgs | sys.UnraisableHookArgs") -> None:
    """Log an exception in another thread, or in a place that cannot raise, such as a destructor."""
    _log_uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def log_formatter(*, is_json: bool) -> logging.Formatter:
    """Return a formatter that writes a record as one line."""
    # A pretty traceback would print local variables, which may contain tokens and secrets.
    plain_traceback = structlog.dev.plain_traceback
    renderers: list[structlog.typing.Processor] = [
        structlog.dev.ConsoleRenderer(exception_formatter=plain_traceback)
    ]
    if is_json:
        renderers = [
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED_PROCESSORS,
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderers],
    )


def log_context(**fields: object) -> AbstractContextManager[None]:
    """Add these fields to every line inside the block. Fields that are None are left out.

    Usage: `with log_context(request_id=row.request_id, stylization_id=row.id): ...`
    """
    return structlog.contextvars.bound_contextvars(
        **{name: value for name, value in fields.items() if value is not None}
    )
