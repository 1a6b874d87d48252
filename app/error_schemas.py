"""The error envelope as the API's documentation shows it; `error_responses` is what sends it."""

from collections import defaultdict
from typing import Any

from pydantic import BaseModel, Field

from core import failures
from core.errors import (
    AppError,
    InvalidValue,
    MissingScope,
    RateLimited,
    ServerError,
    Unauthenticated,
)
from core.wechat import errors as wechat_errors

VOCABULARY = (failures, wechat_errors)  # imported, so that every subclass of AppError is known
RETRY_AFTER_HEADER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}


class ErrorBody(BaseModel):
    """What went wrong, for programs (`code`) and for people (`message`)."""

    code: str = Field(description="Stable; programs decide by it.", examples=["invalid_tau"])
    message: str = Field(description="In the language of `Accept-Language`; safe to show.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    request_id: str = Field(description="Also in the header `X-Request-ID`; name it in a report.")
    field: str | None = Field(
        default=None, description="The form field or parameter at fault, if one is."
    )
    retry_after_s: int | None = Field(
        default=None, description="Seconds to wait, as in `Retry-After`."
    )


class ErrorEnvelope(BaseModel):
    """Every answer from 400 on has this form."""

    error: ErrorBody


class FailureRead(BaseModel):
    """Why a stylization or a style has failed; the request for it is answered with 200."""

    code: str = Field(examples=["render_failed"])
    message: str = Field(description="In the language of `Accept-Language`; safe to show.")
    retryable: bool = Field(description="Whether a new try with the same picture may succeed.")


def failure_kind(code: str) -> type[AppError]:
    """The error that a row names by its code; a code of a later version counts as our defect."""
    return next((kind for kind in all_errors() if kind.code == code), ServerError)


def answers(*kinds: type[AppError], guarded: bool = True) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: each error it may answer, by status, with its code and words.

    Usage: `@router.get("/{id}", responses=answers(NotFound))`. A guarded route needs a key of a
    scope. Any route may find a parameter not valid.
    """
    by_status: dict[int, list[type[AppError]]] = defaultdict(list)
    always: tuple[type[AppError], ...] = (
        InvalidValue,
        ServerError,
        *([Unauthenticated, MissingScope] if guarded else []),
    )
    for kind in dict.fromkeys((*kinds, *always)):
        by_status[kind.status].append(kind)
    return {status: _answer(status, group) for status, group in sorted(by_status.items())}


def _answer(status: int, kinds: list[type[AppError]]) -> dict[str, Any]:
    answer: dict[str, Any] = {
        "model": ErrorEnvelope,
        "description": "; ".join(dict.fromkeys(f"`{kind.code}`" for kind in kinds)),
        "content": {"application/json": {"examples": {k.__name__: _example(k) for k in kinds}}},
    }
    if status in (RateLimited.status, 503):
        answer["headers"] = RETRY_AFTER_HEADER
    return answer


def _example(kind: type[AppError]) -> dict[str, Any]:
    return {
        "summary": kind.code,
        "value": {
            "error": {
                "code": kind.code,
                "message": kind.text.en,
                "retryable": kind.retryable,
                "request_id": "req_2f9c0b6d7a1e4f53",
            }
        },
    }


def _all_below(kind: type[AppError]) -> list[type[AppError]]:
    below = kind.__subclasses__()
    return [kind, *(error for child in below for error in _all_below(child))]


def all_errors() -> list[type[AppError]]:
    """Every answer there is, for the contract tests and the API's documentation."""
    return _all_below(AppError)
