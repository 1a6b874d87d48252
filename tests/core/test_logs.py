"""A log line is one JSON object that contains the id of its request."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.logs import log_context, log_formatter

ROOT = Path(__file__).parents[2]
PROGRAM = """
import logging
from core.logs import log_context, configure_logging

configure_logging("info", {log_format!r})
with log_context(request_id="req_1", style_id=None):
    logging.getLogger("uvicorn.error").info("within")
logging.getLogger("app").debug("below the log level")
"""
WARNINGS = """
import logging, warnings
from rq.logutils import setup_loghandlers
from core.logs import configure_logging

configure_logging("info")
warnings.warn("in two\\nlines", UserWarning)
warnings.warn_explicit("of a library", RuntimeWarning, "library.py", 7)
setup_loghandlers("WARNING")  # as a worker of RQ does
for name in ("rq.worker", "alembic.runtime", "httpx", "PIL.Image", "sqlalchemy.pool", "asyncio"):
    logging.getLogger(name).warning("from %s", name)
"""
UNCAUGHT = """
import threading
from core.logs import configure_logging

class Unraisable:
    def __del__(self):
        raise LookupError("in a destructor")

configure_logging("info")
thread = threading.Thread(target=lambda: int("in a thread"))
thread.start()
thread.join()
Unraisable()
raise RuntimeError("in the main thread")
"""
API = """
import warnings
import uvicorn
from app.main import create_app

def create():
    app = create_app()
    warnings.warn("of a library")
    return app

server = uvicorn.Server(uvicorn.Config(create, factory=True, port=0))
server.should_exit = True
server.run()
"""
WORKER = """
import warnings
from core.errors import SetupError
from worker import __main__ as worker

def import_model():
    warnings.warn("of a library")
    raise SetupError("no model")

worker.import_model = import_model
worker.main()
"""


def make_record(message: str, **fields) -> logging.LogRecord:
    record = logging.LogRecord("app.middleware", logging.INFO, "", 1, message, (), None)
    record.__dict__.update(fields)
    return record


def parse_line(record: logging.LogRecord) -> dict:
    return json.loads(log_formatter(is_json=True).format(record))


def test_a_line_contains_the_fields_of_its_context_only():
    with log_context(request_id="req_1", stylization_id="stl_1"):
        inside = parse_line(make_record("claimed"))
    outside = parse_line(make_record("idle"))

    assert (inside["event"], inside["level"], inside["logger"]) == (
        "claimed",
        "info",
        "app.middleware",
    )
    assert (inside["request_id"], inside["stylization_id"]) == ("req_1", "stl_1")
    assert "request_id" not in outside


def test_a_line_contains_known_extra_fields_only():
    line = parse_line(make_record("request", status=200, seconds=0.2, color_message="\x1b[1m"))

    assert (line["status"], line["seconds"]) == (200, 0.2)
    assert "color_message" not in line


def test_a_traceback_is_part_of_the_line():
    error = ValueError("of this kind")

    line = parse_line(make_record("it failed", exc_info=(ValueError, error, None)))

    assert "ValueError: of this kind" in line["exception"]


def test_text_format_is_not_json():
    line = log_formatter(is_json=False).format(make_record("claimed"))

    assert "claimed" in line
    assert not line.startswith("{")


@pytest.mark.parametrize("log_format", ["auto", "json"])
def test_a_process_writes_all_its_loggers_to_stderr_as_json(log_format: str):
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(log_format=log_format)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    (line,) = [json.loads(text) for text in process.stderr.splitlines()]
    assert (line["event"], line["request_id"]) == ("within", "req_1")
    assert "style_id" not in line
    assert process.stdout == ""


def lines_of(program: str, data_dir: Path) -> list[dict]:
    """Run the program. Every line that it writes must be JSON."""
    process = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DUALTRANS_DATA_DIR": str(data_dir)},
        capture_output=True,
        text=True,
    )
    return [json.loads(line) for line in (process.stdout + process.stderr).splitlines()]


def test_warnings_of_libraries_are_lines_of_the_log(tmp_path: Path):
    lines = lines_of(WARNINGS, tmp_path)

    events = [line["event"] for line in lines]
    assert events[0].endswith("UserWarning: in two\nlines")
    assert events[1] == "library.py:7: RuntimeWarning: of a library"
    assert [line["level"] for line in lines] == ["warning"] * len(lines)
    assert [line["logger"] for line in lines[:3]] == ["py.warnings", "py.warnings", "rq.worker"]
    assert len(lines) == 8


def test_uncaught_exceptions_are_lines_of_the_log(tmp_path: Path):
    lines = lines_of(UNCAUGHT, tmp_path)

    assert {line["event"] for line in lines} == {"uncaught exception"}
    for line, place in zip(lines, ["thread", "destructor", "main thread"], strict=True):
        assert place in line["exception"]


@pytest.mark.parametrize(
    ("program", "last"), [(API, "Finished server process"), (WORKER, "the worker cannot start")]
)
def test_every_line_of_a_process_is_json_when_a_library_warns(program, last, tmp_path: Path):
    events = [line["event"] for line in lines_of(program, tmp_path)]

    assert any(event.endswith("UserWarning: of a library") for event in events)
    assert last in events[-1]
