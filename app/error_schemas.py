"""Errors in the OpenAPI description; `error_handlers` sends them."""

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

ERROR_MODULES = (failures, wechat_errors)  # imported so that every subclass of AppError is known
RETRY_AFTER_HEADER = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}


class ErrorBody(BaseModel):
    """An error for programs (`code`) and for people (`message`)."""

    code: str = Field(description="Stable; use it in programs.", examples=["invalid_tau"])
    message: str = Field(description="In the language of `Accept-Language`; can be shown to users.")
    retryable: bool = Field(description="Whether the same request may succeed later.")
    request_id: str = Field(
        description="Also in the header `X-Request-ID`; quote it in bug reports."
    )
    field: str | None = Field(
        default=None,
        description=(
            "The field or parameter that is wrong, if it is one; inside a list or an object by its "
            "path, such as `looks.0.title`."
        ),
    )
    retry_after_s: int | None = Field(
        default=None, description="Seconds to wait, as in `Retry-After`."
    )


class ErrorEnvelope(BaseModel):
    """The body of every response with a status of 400 or more."""

    error: ErrorBody


class FailureRead(BaseModel):
    """Why a stylization or a style has failed. The request that reads it has status 200."""

    code: str = Field(examples=["render_failed"])
    message: str = Field(description="In the language of `Accept-Language`; can be shown to users.")
    retryable: bool = Field(description="Whether another attempt with the same photo may succeed.")


def failure_kind(code: str) -> type[AppError]:
    """The error class for the code on a row; an unknown code gives `ServerError`."""
    return next((kind for kind in all_errors() if kind.code == code), ServerError)


def error_responses(
    *kinds: type[AppError], guarded: bool = True
) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: its errors by status, with code and message.

    Usage: `@router.get("/{id}", responses=error_responses(NotFound))`. A guarded route needs a key
    with a scope. Every route can find a parameter invalid.
    """
    by_status: dict[int, list[type[AppError]]] = defaultdict(list)
    always: tuple[type[AppError], ...] = (
        InvalidValue,
        ServerError,
        *([Unauthenticated, MissingScope] if guarded else []),
    )
    for kind in dict.fromkeys((*kinds, *always)):
        by_status[kind.status].append(kind)
    return {status: _response(status, group) for status, group in sorted(by_status.items())}


def _response(status: int, kinds: list[type[AppError]]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "model": ErrorEnvelope,
        "description": "; ".join(dict.fromkeys(f"`{kind.code}`" for kind in kinds)),
        "content": {"application/json": {"examples": {k.__name__: _example(k) for k in kinds}}},
    }
    if status in (RateLimited.status, 503):
        response["headers"] = RETRY_AFTER_HEADER
    return response


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


def _with_subclasses(kind: type[AppError]) -> list[type[AppError]]:
    subclasses = kind.__subclasses__()
    return [kind, *(error for child in subclasses for error in _with_subclasses(child))]


def all_errors() -> list[type[AppError]]:
    """All errors, for the OpenAPI description and the contract tests."""
    return _with_subclasses(AppError)
