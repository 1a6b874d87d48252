"""Turns the errors of pydantic into errors of the API, with reasons in both languages."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from app.client_text import quoted
from app.request_bodies import JSON, missing_json, wrong_media_type
from core.errors import AppError, BadRequest, InvalidValue
from core.languages import LocalizedText

WHOLE_NUMBER: Final = LocalizedText(zh="须为整数", en="it must be a whole number")
NUMBER: Final = LocalizedText(zh="须为数字", en="it must be a number")
TRUE_OR_FALSE: Final = LocalizedText(zh="须为 true 或 false", en="it must be true or false")
LIST: Final = LocalizedText(zh="须为数组", en="it must be a list")
OBJECT: Final = LocalizedText(zh="须为对象", en="it must be an object")
CHOICE: Final = LocalizedText(zh="须为以下之一：{allowed}", en="it must be one of {allowed}")
TIME: Final = LocalizedText(
    zh="须为 ISO 8601 时间，例如 2026-01-31T08:00:00Z",
    en="it must be a time in ISO 8601, such as 2026-01-31T08:00:00Z",
)

REASONS: Final[Mapping[str, LocalizedText]] = {
    "missing": LocalizedText(zh="缺少该字段", en="it is missing"),
    "extra_forbidden": LocalizedText(zh="没有这个字段", en="there is no such field"),
    "string_type": LocalizedText(zh="须为字符串", en="it must be a string"),
    "string_too_short": LocalizedText(
        zh="有 {length} 个字符，至少 {min_length} 个",
        en="it has {length} characters; the minimum is {min_length}",
    ),
    "string_too_long": LocalizedText(
        zh="有 {length} 个字符，最多 {max_length} 个",
        en="it has {length} characters; the limit is {max_length}",
    ),
    "string_pattern_mismatch": LocalizedText(
        zh="不符合格式 {pattern}", en="it does not match the pattern {pattern}"
    ),
    "int_type": WHOLE_NUMBER,
    "int_parsing": WHOLE_NUMBER,
    "int_parsing_size": WHOLE_NUMBER,
    "int_from_float": WHOLE_NUMBER,
    "float_type": NUMBER,
    "float_parsing": NUMBER,
    "finite_number": LocalizedText(zh="须为有限的数字", en="it must be a finite number"),
    "greater_than": LocalizedText(
        zh="须大于 {gt}，收到的是 {value}", en="it must be greater than {gt}, not {value}"
    ),
    "greater_than_equal": LocalizedText(
        zh="不能小于 {ge}，收到的是 {value}", en="it must be at least {ge}, not {value}"
    ),
    "less_than": LocalizedText(
        zh="须小于 {lt}，收到的是 {value}", en="it must be less than {lt}, not {value}"
    ),
    "less_than_equal": LocalizedText(
        zh="不能大于 {le}，收到的是 {value}", en="it must be at most {le}, not {value}"
    ),
    "bool_type": TRUE_OR_FALSE,
    "bool_parsing": TRUE_OR_FALSE,
    "list_type": LIST,
    "tuple_type": LIST,
    "too_short": LocalizedText(
        zh="有 {length} 项，至少 {min_length} 项",
        en="it has {length} items; the minimum is {min_length}",
    ),
    "too_long": LocalizedText(
        zh="有 {length} 项，最多 {max_length} 项",
        en="it has {length} items; the limit is {max_length}",
    ),
    "dict_type": OBJECT,
    "model_type": OBJECT,
    "model_attributes_type": OBJECT,
    "enum": CHOICE,
    "literal_error": CHOICE,
    "datetime_type": TIME,
    "datetime_parsing": TIME,
    "datetime_from_date_parsing": TIME,
    "datetime_object_invalid": TIME,
    "timezone_aware": LocalizedText(
        zh="时间缺少时区，例如 Z 或 +08:00",
        en="the time needs an offset from UTC, such as Z or +08:00",
    ),
}
"""Reasons by pydantic's type of error. `_values` gives the values of the names in braces."""

OTHER: Final = LocalizedText(zh="这个值不被接受", en="the value is not accepted")


def validation_error(fault: Mapping[str, Any], path: Sequence[str | int]) -> AppError:
    """The error of the API for one error of pydantic.

    Args:
        fault: an item of `ValidationError.errors()`.
        path: the names and positions that lead to the value; empty for the whole body.
    """
    if not path:
        return _body_error(fault)
    reason = REASONS.get(_type_of(fault), OTHER)
    values = _values(fault)
    return InvalidValue(
        ".".join(map(quoted, path)),
        LocalizedText(zh=reason.zh.format_map(values), en=reason.en.format_map(values)),
    )


def _body_error(fault: Mapping[str, Any]) -> BadRequest:
    if fault["type"] == "missing":
        return missing_json()
    if isinstance(fault.get("input"), bytes):  # FastAPI has not parsed it
        return wrong_media_type(JSON)
    return BadRequest(LocalizedText(zh="正文须为 JSON 对象", en="the body must be a JSON object"))


def _type_of(fault: Mapping[str, Any]) -> str:
    """Pydantic's type of the error; a text that was normalised before has the types of lists."""
    kind: str = fault["type"]
    is_length_of_text = kind in ("too_short", "too_long") and isinstance(fault.get("input"), str)
    return f"string_{kind}" if is_length_of_text else kind


def _values(fault: Mapping[str, Any]) -> dict[str, object]:
    """The values for the placeholders of a reason."""
    context, value = fault.get("ctx", {}), fault.get("input")
    length = len(value) if isinstance(value, str | list | tuple) else 0
    return {
        **{name: f"{v:g}" if isinstance(v, float) else v for name, v in context.items()},
        "value": quoted(value),
        "length": context.get("actual_length", length),  # of a normalised text
        "allowed": ", ".join(re.findall(r"'([^']*)'", str(context.get("expected", "")))),
    }
