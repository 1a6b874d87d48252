"""The routes of stylizations."""

from typing import Annotated

from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response
from fastapi.sse import EventSourceResponse

from app.accounts.dependencies import MayRead, MayStylize, Uploader
from app.client_text import checked_line
from app.error_schemas import RETRY_AFTER_HEADER, error_responses
from app.pagination import Cursor, CursorText, Limit
from app.request_bodies import JSONRoute
from app.resources import OpenResources, request_id_of
from app.stylizations import history, service
from app.stylizations.dependencies import (
    HistoryConditions,
    ParsedRequest,
    Serializer,
    StreamLimit,
)
from app.stylizations.events import EVENT_SCHEMA, stream_states
from app.stylizations.form_schema import STYLIZATION_FORM
from app.stylizations.requests import MAX_BATCH_KEY, MAX_TITLE, BatchBody
from app.stylizations.schemas import (
    StylizationBatch,
    StylizationChange,
    StylizationPage,
    StylizationRead,
)
from app.uploads import UPLOAD_ERRORS, client_key_of
from core import errors, failures

router = APIRouter(prefix="/v1/stylizations", tags=["stylizations"], route_class=JSONRoute)

MAX_WAIT_SECONDS = 25  # below the 60 s timeout of WeChat and most proxies
REQUEST_ERRORS = (
    errors.MissingStyle,
    errors.InvalidTau,
    errors.UnknownStyle,
    errors.UnknownPicture,
    failures.StyleFailed,
    errors.QuotaExceeded,
    errors.QueueFull,
)
WaitSeconds = Annotated[
    float,
    Query(
        ge=0,
        le=MAX_WAIT_SECONDS,
        allow_inf_nan=False,
        description="Respond when the stylization has ended, or after this many seconds.",
    ),
]


def _respond(body: StylizationRead, response: Response) -> StylizationRead:
    response.headers["Cache-Control"] = "no-store"
    if body.retry_after_s is not None:
        response.headers["Retry-After"] = str(body.retry_after_s)
    return body


@router.post(
    "",
    summary="Create a stylization",
    status_code=202,
    openapi_extra=STYLIZATION_FORM,
    responses={
        200: {
            "model": StylizationRead,
            "description": "A replay of a `client_key`: the stylization that it has created.",
        },
        202: {
            "description": "Created. `Location` has its address.",
            "headers": RETRY_AFTER_HEADER,
        },
        **error_responses(*UPLOAD_ERRORS, *REQUEST_ERRORS),
    },
)
def create_stylization(
    http_request: Request,
    response: Response,
    resources: OpenResources,
    request: ParsedRequest,
    serializer: Serializer,
) -> StylizationRead:
    """Apply a style to a photo. Upload the photo, or send the id of a stored one.

    The response has the `id` of the stylization. Poll `GET /v1/stylizations/{id}` every
    `poll_after_ms` milliseconds, or with `?wait=20`, until its status is `done`, `failed` or
    `cancelled`. A refused request stores nothing.

    ```
    curl -H "Authorization: Bearer $KEY" -F file=@photo.jpg -F style_id=nixi-black-pottery \\
         -F tau=0.8 http://127.0.0.1:8000/v1/stylizations
    curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
         -d '{"picture_id": "pic_...", "style_id": "great-wave", "tau": 0.8}' \\
         http://127.0.0.1:8000/v1/stylizations
    ```
    """
    (view,), is_new = service.create_stylizations(resources, [request])
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"{http_request.url.path}/{view.row.id}"
    return _respond(serializer.serialize(view), response)


@router.post(
    "/batch",
    summary="Create several stylizations of one photo",
    status_code=202,
    responses={
        200: {
            "model": StylizationBatch,
            "description": "A replay of a `client_key`: the stylizations that it has created.",
        },
        **error_responses(
            errors.BadRequest,
            errors.IdempotencyConflict,
            errors.ReplayOfDeleted,
            errors.RateLimited,
            *REQUEST_ERRORS,
        ),
    },
)
def create_batch(
    request: Request,
    response: Response,
    resources: OpenResources,
    caller: Uploader,
    batch: BatchBody,
    serializer: Serializer,
) -> StylizationBatch:
    """Request up to 12 variants of a stored photo: other styles, or other strengths.

    Either all of them are created or none. Each is a stylization with its own `id`.
    """
    key = client_key_of(batch.client_key, request.headers, longest=MAX_BATCH_KEY)
    batch = batch.model_copy(update={"client_key": key})
    requests = batch.requests(caller.user_id, request_id_of(request))
    views, is_new = service.create_stylizations(resources, requests)
    response.status_code = 202 if is_new else 200
    response.headers["Cache-Control"] = "no-store"
    return StylizationBatch(items=[serializer.serialize(view) for view in views])


@router.get("", summary="List your stylizations", responses=error_responses())
def list_stylizations(
    resources: OpenResources,
    caller: MayRead,
    serializer: Serializer,
    response: Response,
    conditions: HistoryConditions,
    cursor: CursorText = None,
    limit: Limit = 20,
) -> StylizationPage:
    """The history, newest first. A stylization stays in it after the removal of its pictures."""
    views, next_cursor = history.list_stylizations(
        resources.database, caller.user_id, conditions, cursor=Cursor.read(cursor), limit=limit
    )
    response.headers["Cache-Control"] = "no-store"
    items = [serializer.serialize(view) for view in views]
    return StylizationPage(items=items, next=next_cursor)


@router.get(
    "/{stylization_id}",
    summary="Get a stylization",
    responses={
        200: {"description": "Its current state.", "headers": RETRY_AFTER_HEADER},
        **error_responses(errors.NotFound),
    },
)
async def read_stylization(
    request: Request,
    response: Response,
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    serializer: Serializer,
    wait: WaitSeconds = 0,
) -> StylizationRead:
    """The current state, with fresh picture URLs.

    With `wait` the response is held until the stylization has ended or the seconds are over. The
    status code is 200 in both cases, so check `status`.
    """
    view = await run_sync(
        service.find_stylization, resources.database, caller.user_id, stylization_id
    )
    if wait and view.row.is_open:
        view = await resources.status_poller.wait_until_ended(
            view, request.is_disconnected, timeout_seconds=wait
        )
    return _respond(await run_sync(serializer.serialize, view), response)


@router.get(
    "/{stylization_id}/events",
    summary="Stream the states of a stylization",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events until it has ended, for at most ten minutes.",
            "content": {"text/event-stream": {"itemSchema": EVENT_SCHEMA}},
        },
        **error_responses(errors.NotFound, errors.TooManyStreams),
    },
)
async def follow_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    serializer: Serializer,
    _limit: StreamLimit,
) -> EventSourceResponse:
    """Send an event `state` at once and after every change. Its data is the body of `GET`.

    The stream ends after `done`, `failed` or `cancelled`. After 15 seconds without an event it
    sends a comment, so that no proxy closes the connection. It is closed after ten minutes. A
    client then reconnects, as browsers do, and receives the current state first. Therefore
    `Last-Event-ID` is not needed.
    """
    view = await run_sync(
        service.find_stylization, resources.database, caller.user_id, stylization_id
    )
    return stream_states(resources.status_poller, view, serializer.serialize)


@router.post(
    "/{stylization_id}/cancel",
    summary="Cancel a stylization",
    responses=error_responses(errors.NotFound, errors.AlreadyFinished),
)
def cancel_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
    serializer: Serializer,
    response: Response,
) -> StylizationRead:
    """Cancel a queued or running stylization. After its end the response is 409."""
    view = service.cancel_stylization(resources.database, caller.user_id, stylization_id)
    return _respond(serializer.serialize(view), response)


@router.patch(
    "/{stylization_id}",
    summary="Change a stylization",
    responses=error_responses(errors.BadRequest, errors.NotFound),
)
def change_stylization(
    stylization_id: str,
    change: StylizationChange,
    resources: OpenResources,
    caller: MayStylize,
    serializer: Serializer,
    response: Response,
) -> StylizationRead:
    """Set its title or mark it as a favourite. A missing field stays unchanged."""
    title = change.title
    if title is not None:
        title = checked_line(title, field="title", longest=MAX_TITLE)
    update = history.Change(title, change.favourite)
    view = history.change_stylization(resources.database, caller.user_id, stylization_id, update)
    return _respond(serializer.serialize(view), response)


@router.post(
    "/{stylization_id}",
    summary="Change a stylization without PATCH",
    responses=error_responses(errors.BadRequest, errors.NotFound),
)
def change_stylization_by_post(
    stylization_id: str,
    change: StylizationChange,
    resources: OpenResources,
    caller: MayStylize,
    serializer: Serializer,
    response: Response,
) -> StylizationRead:
    """The same as `PATCH`, which WeChat's `wx.request` cannot send."""
    return change_stylization(stylization_id, change, resources, caller, serializer, response)


@router.delete(
    "/{stylization_id}",
    summary="Delete a stylization",
    status_code=204,
    responses=error_responses(errors.NotFound),
)
def delete_stylization(stylization_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Delete it with its pictures; an open one is cancelled first.

    It is hidden from everyone at once. `restore` brings it back for ten minutes; after that its
    files are removed.
    """
    history.delete_stylization(resources.database, caller.user_id, stylization_id)


@router.post(
    "/{stylization_id}/restore",
    summary="Restore a deleted stylization",
    responses=error_responses(errors.NotFound),
)
def restore_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
    serializer: Serializer,
    response: Response,
) -> StylizationRead:
    """Undo a deletion within ten minutes. It stays cancelled, and its share link stays invalid."""
    view = history.restore_stylization(resources.database, caller.user_id, stylization_id)
    return _respond(serializer.serialize(view), response)
