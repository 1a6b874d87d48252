"""Every error of pydantic becomes one sentence in both languages that names the field."""

from typing import Any

import pytest
from pydantic_core._pydantic_core import list_all_errors

from app.validation_errors import OTHER, REASONS, validation_error
from core.errors import BadRequest
from tests.app.messages import assert_in_both_languages

EXPECTED = {"expected": "'jpeg' or 'png'"}  # the example of pydantic is empty
FAULTS: list[dict[str, Any]] = [
    {"type": error["type"], "ctx": (error.get("example_context") or {}) | EXPECTED, "input": 7}
    for error in list_all_errors()
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault["type"])
def test_every_error_of_pydantic_has_a_message(fault: dict[str, Any]) -> None:
    error = validation_error(fault, ("looks", 0, "tau"))

    assert_in_both_languages(error.messages())
    assert (error.status, error.field) == (422, "looks.0.tau")
    assert all("looks.0.tau" in message for message in error.messages().values())


def test_the_reasons_are_for_errors_that_exist() -> None:
    assert set(REASONS) <= {fault["type"] for fault in FAULTS}


def test_an_error_without_a_reason_says_that_the_value_is_not_accepted() -> None:
    error = validation_error({"type": "no_such_type", "msg": "Bad. Very bad."}, ("q",))

    assert error.message("zh") == f"字段 q 的值无效：{OTHER.zh}。"


def test_a_limit_is_given_with_the_value() -> None:
    fault = {"type": "less_than_equal", "ctx": {"le": 25.0}, "input": "30"}

    error = validation_error(fault, ("wait",))

    assert error.messages() == {
        "zh": "字段 wait 的值无效：不能大于 25，收到的是 30。",
        "en": "The value of wait is not valid: it must be at most 25, not 30.",
    }


def test_a_field_name_of_the_client_is_shortened_and_safe() -> None:
    error = validation_error({"type": "extra_forbidden", "input": 1}, ("\u2028" + "x" * 100,))

    assert error.field == "?" + "x" * 39


@pytest.mark.parametrize("kind", ["missing", "model_attributes_type", "no_such_type"])
@pytest.mark.parametrize("value", [None, 7, b"text"])
def test_an_error_of_the_whole_body_is_a_bad_request(kind: str, value: object) -> None:
    error = validation_error({"type": kind, "input": value}, ())

    assert isinstance(error, BadRequest)
    assert_in_both_languages(error.messages())
