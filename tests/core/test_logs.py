"""A log line is one JSON object that contains the id of its request."""

import json
import logging
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
