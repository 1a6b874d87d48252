"""Turns every exception into the error response of the API."""

import logging

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from starlette.exceptions import HTTPException

from app.languages import language_of
from app.methods import allowed_methods
from app.resources import request_id_of
from app.uploads import file_too_large
from app.validation_errors import validation_error
from core import errors
from core.errors import AppError
from core.languages import LocalizedText
from core.settings import Settings

log = logging.getLogger(__name__)


def install_error_handlers(app: FastAPI, settings: Settings) -> None:
    """Register the handlers, so that every error has the same form."""

    def handle_app_error(request: Request, error: Exception) -> JSONResponse:
        return error_response(
            request, error if isinstance(error, AppError) else errors.ServerError()
        )

    def handle_http_error(request: Request, error: Exception) -> Response:
        converted = _from_http(error, settings)
        if isinstance(converted, errors.MethodNotAllowed):
            return _method_response(request, converted)
        response = error_response(request, converted)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    def handle_validation_error(request: Request, error: Exception) -> JSONResponse:
        return error_response(request, _from_validation(error))

    def handle_unexpected_error(request: Request, error: Exception) -> JSONResponse:
        # The server logs the trace too, but without the request id.
        log.error("unexpected error: %s", type(error).__name__, exc_info=error)
        return error_response(request, errors.ServerError())

    app.add_exception_handler(AppError, handle_app_error)
    app.add_exception_handler(HTTPException, handle_http_error)
    app.add_exception_handler(RequestValidationError, handle_validation_error)
    app.add_exception_handler(Exception, handle_unexpected_error)


def error_response(request: Request, error: AppError) -> JSONResponse:
    """The response for an error, in the client's language; the middleware counts its code."""
    request.state.error_code = error.code
    body: dict[str, object] = {
        "code": error.code,
        "message": error.message(language_of(request.headers.get("Accept-Language", ""))),
        "retryable": error.retryable,
        "request_id": request_id_of(request),
    }
    headers = {"Vary": "Accept-Language", "Cache-Control": "no-store"}
    if error.field is not None:
        body["field"] = error.field
    if error.retry_after_s is not None:
        body["retry_after_s"] = error.retry_after_s
        headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, errors.Unauthenticated):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, errors.RangeNotSatisfiable):
        headers["Content-Range"] = f"bytes */{error.values['size']}"
    return JSONResponse({"error": body}, error.status, headers)


def _method_response(request: Request, error: errors.MethodNotAllowed) -> Response:
    """The response to a method without a route: 405, and for `OPTIONS` 204; both with `Allow`."""
    is_question = request.method == "OPTIONS"
    response = Response(status_code=204) if is_question else error_response(request, error)
    response.headers["Allow"] = ", ".join(allowed_methods(request))
    return response


def _from_http(error: Exception, settings: Settings) -> AppError:
    """Translate an exception of the framework: unknown route, wrong method, malformed body.

    FastAPI raises one instead of an error that occurs while it reads the body.
    """
    if isinstance(error.__cause__, AppError):
        return error.__cause__
    status = getattr(error, "status_code", 500)
    if status == errors.NotFound.status:
        return errors.NotFound()
    if status == errors.MethodNotAllowed.status:
        return errors.MethodNotAllowed()
    if status == errors.FileTooLarge.status:
        return file_too_large(settings.max_upload_bytes)
    if status < 500:
        return errors.BadRequest(LocalizedText(zh="无法读取", en="it cannot be read"))
    return errors.ServerError()


def _from_validation(error: Exception) -> AppError:
    if not isinstance(error, RequestValidationError):
        return errors.ServerError()
    first = error.errors()[0]
    _, *path = first["loc"]  # without the place, such as "body" or "query"
    return validation_error(first, path)
