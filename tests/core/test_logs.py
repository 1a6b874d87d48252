"""A line of the log is one JSON object that says which request it belongs to."""

import json
import logging
import subprocess
import sys
from pathlib import Path

import pytest

from core.logs import log_context, log_formatter

ROOT = Path(__file__).parents[3]
WRITE = """
import logging
from core.logs import log_context, configure_logging

configure_logging("info", {form!r})
with log_context(request_id="req_1", style_id=None):
    logging.getLogger("uvicorn.error").info("within")
logging.getLogger("app").debug("too quiet to be heard")
"""


def record(message: str, **given) -> logging.LogRecord:
    made = logging.LogRecord("app.middleware", logging.INFO, "", 1, message, (), None)
    made.__dict__.update(given)
    return made


def line_of(made: logging.LogRecord) -> dict:
    return json.loads(log_formatter(is_json=True).format(made))


def test_a_line_carries_what_was_said_around_it_and_no_more():
    with log_context(request_id="req_1", stylization_id="stl_1"):
        inside = line_of(record("claimed"))
    outside = line_of(record("idle"))

    assert (inside["event"], inside["level"], inside["logger"]) == (
        "claimed",
        "info",
        "app.middleware",
    )
    assert (inside["request_id"], inside["stylization_id"]) == ("req_1", "stl_1")
    assert "request_id" not in outside


def test_a_line_carries_the_fields_that_we_know_and_none_that_others_add():
    line = line_of(record("request", status=200, seconds=0.2, color_message="\x1b[1m"))

    assert (line["status"], line["seconds"]) == (200, 0.2)
    assert "color_message" not in line


def test_a_trace_stands_within_the_line():
    error = ValueError("of this kind")

    line = line_of(record("it failed", exc_info=(ValueError, error, None)))

    assert "ValueError: of this kind" in line["exception"]


def test_for_a_person_a_line_is_no_json():
    line = log_formatter(is_json=False).format(record("claimed"))

    assert "claimed" in line
    assert not line.startswith("{")


@pytest.mark.parametrize("form", ["auto", "json"])
def test_a_process_writes_all_its_loggers_to_stderr_as_json(form: str):
    process = subprocess.run(
        [sys.executable, "-c", WRITE.format(form=form)], cwd=ROOT, capture_output=True, text=True
    )

    (line,) = [json.loads(text) for text in process.stderr.splitlines()]
    assert (line["event"], line["request_id"]) == ("within", "req_1")
    assert "style_id" not in line
    assert process.stdout == ""
