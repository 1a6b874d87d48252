"""The stylizations over HTTP."""

from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime

from app.accounts.dependencies import MayRead, MayStylize, Uploader
from app.error_schemas import RETRY_AFTER_HEADER, answers
from app.pagination import Cursor, CursorText, Limit
from app.pictures.dependencies import Reader
from app.resources import OpenResources, request_id_of
from app.styles.dependencies import ShippedPresets
from app.stylizations import history, service
from app.stylizations.dependencies import AnyOrder, NewsOfRows, Shows, StreamSeat
from app.stylizations.events import EVENT_SCHEMA, EventStream, states
from app.stylizations.history import Change, Search
from app.stylizations.requests import (
    LONGEST_BATCH_KEY,
    MAX_TITLE,
    MOST_STYLES,
    BatchOrder,
    StylizationOrder,
)
from app.stylizations.schemas import (
    StylizationBatch,
    StylizationChange,
    StylizationPage,
    StylizationRead,
)
from app.stylizations.subscriptions import Watch
from app.stylizations.views import Followed
from app.uploads import (
    CLIENT_KEY_FIELD,
    FILE_FIELD,
    UPLOAD_ERRORS,
    checked_line,
    client_key_of,
    form_documentation,
)
from core import errors, failures
from core.db.stylizations import Status
from styling.strength import MAX_STRENGTH, Strength

router = APIRouter(prefix="/v1/stylizations", tags=["stylizations"])

LONGEST_WAIT_SECONDS = 25  # well under the 60 s after which WeChat and most proxies give up
DISCONNECT_CHECK_SECONDS = 1.0

STYLIZATION_FORM = form_documentation(
    {
        "file": {
            **FILE_FIELD,
            "description": (
                "The photograph: JPEG, PNG, WebP, GIF, AVIF or HEIC, at least 64 px a side. It is "
                "turned upright, brought to sRGB and reduced to the render size (`GET /v1/config`)."
            ),
        },
        "picture_id": {
            "type": "string",
            "description": "A photograph that is here already, in place of `file`.",
        },
        "style_id": {
            "type": "string",
            "description": "A preset, or an own style. Either this, `styles` or `style`.",
            "examples": ["nixi-black-pottery"],
        },
        "styles": {
            "type": "string",
            "description": f"A mixture of at most {MOST_STYLES} styles, as JSON.",
            "examples": ['[{"id": "great-wave", "weight": 2}, {"id": "ink-landscape"}]'],
        },
        "style": {
            **FILE_FIELD,
            "description": "A style picture; it becomes an own style. Either this or `style_id`.",
        },
        "tau": {
            "type": "string",
            "pattern": r"^([0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20})$",
            "description": (
                f"Style strength, a decimal from 0 (the photo) to {MAX_STRENGTH:g}; 1 applies the "
                "style as trained. Absent: the style's own default. Anything else is refused, "
                "never clamped."
            ),
            "examples": ["0.8"],
        },
        "keep_color": {
            "type": "string",
            "enum": ["0", "1", "false", "true"],
            "description": "Whether the photograph keeps its own colours; absent: no.",
        },
        "levels": {
            "type": "string",
            "description": "Shares of `tau` for what is small, middle and large, as JSON.",
            "examples": ['{"colour": 1, "texture": 0.5, "structure": 0}'],
        },
        "output_format": {"type": "string", "enum": ["jpeg", "png", "webp"]},
        "max_side_px": {
            "type": "string",
            "pattern": "^[0-9]{1,6}$",
            "description": "The result's long side at most; absent: the render size.",
        },
        "title": {"type": "string", "maxLength": MAX_TITLE},
        "client_key": CLIENT_KEY_FIELD,
    },
    required=[],
    json_kind=StylizationOrder,
)
ORDER_ERRORS = (
    *UPLOAD_ERRORS,
    errors.MissingStyle,
    errors.InvalidTau,
    errors.UnknownStyle,
    errors.UnknownPicture,
    failures.StyleFailed,
    errors.QuotaExceeded,
    errors.QueueFull,
)


StrengthBound = Annotated[Strength | None, Query()]


def _search(
    status: Annotated[Status | None, Query(description="Only with this status.")] = None,
    style: Annotated[
        str | None,
        Query(pattern="^[A-Za-z0-9_-]{1,100}$", description="Only with this style's id in it."),
    ] = None,
    tau_from: StrengthBound = None,
    tau_to: StrengthBound = None,
    created_from: Annotated[
        AwareDatetime | None, Query(description="Of this time or later.")
    ] = None,
    created_before: Annotated[AwareDatetime | None, Query(description="Before this time.")] = None,
    favourite: Annotated[bool | None, Query(description="Only favourites, or only others.")] = None,
    q: Annotated[
        str | None,
        Query(max_length=MAX_TITLE, pattern=r"^[^\x00]*$", description="In the title."),
    ] = None,
) -> Search:
    return Search(status, style, tau_from, tau_to, created_from, created_before, favourite, q)


def _shown(shown: StylizationRead, response: Response) -> StylizationRead:
    response.headers["Cache-Control"] = "no-store"
    if shown.retry_after_s is not None:
        response.headers["Retry-After"] = str(shown.retry_after_s)
    return shown


@router.post(
    "",
    summary="Stylize a photograph",
    status_code=202,
    openapi_extra=STYLIZATION_FORM,
    responses={
        200: {
            "model": StylizationRead,
            "description": "The same `client_key` came before: its stylization as it stands.",
        },
        202: {"description": "Taken in; follow `Location`.", "headers": RETRY_AFTER_HEADER},
        **answers(*ORDER_ERRORS),
    },
)
def create_stylization(
    request: Request,
    response: Response,
    resources: OpenResources,
    order: AnyOrder,
    presets: ShippedPresets,
    reader: Reader,
    shows: Shows,
) -> StylizationRead:
    """Send a photograph, or name one that is here, and say which style it shall take on.

    The answer comes at once with an `id`; ask `GET /v1/stylizations/{id}` again after
    `poll_after_ms`, or with `?wait=20`, until the status is `done`, `failed` or `cancelled`.
    A refused request leaves nothing behind.

    ```
    curl -H "Authorization: Bearer $KEY" -F file=@photo.jpg -F style_id=nixi-black-pottery \\
         -F tau=0.8 http://127.0.0.1:8000/v1/stylizations
    curl -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" \\
         -d '{"picture_id": "pic_...", "style_id": "great-wave", "tau": 0.8}' \\
         http://127.0.0.1:8000/v1/stylizations
    ```
    """
    (followed,), is_new = service.create_stylizations(resources, presets, reader, [order])
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"{request.url.path}/{followed.row.id}"
    return _shown(shows.of(followed), response)


@router.post(
    "/batch",
    summary="Stylize one photograph in several looks",
    status_code=202,
    responses={
        200: {
            "model": StylizationBatch,
            "description": "The same `client_key` came before: its stylizations as they stand.",
        },
        **answers(
            errors.BadRequest,
            errors.IdempotencyConflict,
            errors.RateLimited,
            errors.MissingStyle,
            errors.InvalidTau,
            errors.UnknownStyle,
            errors.UnknownPicture,
            failures.StyleFailed,
            errors.QuotaExceeded,
            errors.QueueFull,
        ),
    },
)
def create_batch(
    request: Request,
    response: Response,
    resources: OpenResources,
    caller: Uploader,
    batch: BatchOrder,
    presets: ShippedPresets,
    reader: Reader,
    shows: Shows,
) -> StylizationBatch:
    """Order up to 12 looks of a picture that is here, other styles or other strengths.

    All are taken in or none. Each becomes a stylization of its own, to be followed by its `id`.
    """
    key = client_key_of(batch.client_key, request.headers, longest=LONGEST_BATCH_KEY)
    orders = batch.model_copy(update={"client_key": key}).orders(
        caller.user_id, request_id_of(request)
    )
    found, is_new = service.create_stylizations(resources, presets, reader, orders)
    response.status_code = 202 if is_new else 200
    response.headers["Cache-Control"] = "no-store"
    return StylizationBatch(items=[shows.of(each) for each in found])


@router.get(
    "",
    summary="Search one's own stylizations",
    responses=answers(),
)
def list_stylizations(
    resources: OpenResources,
    caller: MayRead,
    shows: Shows,
    response: Response,
    search: Annotated[Search, Depends(_search)],
    cursor: CursorText = None,
    limit: Limit = 20,
) -> StylizationPage:
    """The history, newest first. Rows stay when their pictures have been forgotten."""
    found, following = history.list_stylizations(
        resources.database, caller.user_id, search, cursor=Cursor.read(cursor), limit=limit
    )
    response.headers["Cache-Control"] = "no-store"
    items = [shows.of(each) for each in found]
    return StylizationPage(items=items, next=following)


@router.get(
    "/{stylization_id}",
    summary="Follow one stylization",
    responses={
        200: {"description": "As it stands.", "headers": RETRY_AFTER_HEADER},
        **answers(errors.NotFound),
    },
)
async def read_stylization(
    request: Request,
    response: Response,
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    shows: Shows,
    watch: NewsOfRows,
    wait: Annotated[
        float,
        Query(
            ge=0,
            le=LONGEST_WAIT_SECONDS,
            description="Answer only when it has ended, or after so many seconds.",
        ),
    ] = 0,
) -> StylizationRead:
    """The stylization as it stands, with fresh picture addresses.

    With `wait` the answer is held back until it has ended or the seconds are over, whichever comes
    first; 200 both times, so look at `status`.
    """
    found = await run_sync(
        service.find_stylization, resources.database, caller.user_id, stylization_id
    )
    if wait and found.row.is_open:
        found = await _ended(watch, found, request, seconds=wait)
    return _shown(await run_sync(shows.of, found), response)


async def _ended(watch: Watch, seen: Followed, request: Request, *, seconds: float) -> Followed:
    """Wait until it has ended, which holds neither a thread nor a connection."""
    give_up = anyio.current_time() + seconds
    with watch.following(seen) as follower:
        while follower.seen.row.is_open and not await request.is_disconnected():
            left = give_up - anyio.current_time()
            if left <= 0:
                break
            await follower.news(within_seconds=min(left, DISCONNECT_CHECK_SECONDS))
        return follower.seen


@router.get(
    "/{stylization_id}/events",
    summary="Follow one stylization by a stream of events",
    response_class=Response,
    responses={
        200: {
            "description": "Server-sent events until it has ended, for ten minutes at most.",
            "content": {"text/event-stream": {"itemSchema": EVENT_SCHEMA}},
        },
        **answers(errors.NotFound, errors.TooManyStreams),
    },
)
async def follow_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    shows: Shows,
    watch: NewsOfRows,
    _seat: StreamSeat,
) -> EventStream:
    """An event `state` at once and at every change; its data is what `GET` without `events` says.

    The stream ends after `done`, `failed` or `cancelled`. Every 15 seconds without one there is a
    comment, so that nothing on the way takes the connection for dead. After ten minutes it is
    closed, and a client connects anew, as browsers do by themselves: it begins with the present
    state, so nothing is missed, and `Last-Event-ID` is not needed.
    """
    found = await run_sync(
        service.find_stylization, resources.database, caller.user_id, stylization_id
    )
    return EventStream(states(watch, found, shows.of))


@router.post(
    "/{stylization_id}/cancel",
    summary="Cancel a stylization",
    responses=answers(errors.NotFound, errors.AlreadyFinished),
)
def cancel_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
    shows: Shows,
    response: Response,
) -> StylizationRead:
    """Stop it while it is queued or running. One that has ended is refused with 409."""
    followed = service.cancel_stylization(resources.database, caller.user_id, stylization_id)
    return _shown(shows.of(followed), response)


@router.patch(
    "/{stylization_id}",
    summary="Name a stylization, or mark it",
    responses=answers(errors.BadRequest, errors.NotFound),
)
def change_stylization(
    stylization_id: str,
    change: StylizationChange,
    resources: OpenResources,
    caller: MayStylize,
    shows: Shows,
    response: Response,
) -> StylizationRead:
    """Give it a title, or make it a favourite; what is left out stays as it is."""
    title = change.title
    if title is not None:
        title = checked_line(title, name="title", longest=MAX_TITLE)
    followed = history.change_stylization(
        resources.database, caller.user_id, stylization_id, Change(title, change.favourite)
    )
    return _shown(shows.of(followed), response)


@router.post(
    "/{stylization_id}",
    summary="Name a stylization, or mark it, without PATCH",
    responses=answers(errors.BadRequest, errors.NotFound),
)
def change_stylization_by_post(
    stylization_id: str,
    change: StylizationChange,
    resources: OpenResources,
    caller: MayStylize,
    shows: Shows,
    response: Response,
) -> StylizationRead:
    """The same as `PATCH`, which `wx.request` of WeChat does not have."""
    return change_stylization(stylization_id, change, resources, caller, shows, response)


@router.delete(
    "/{stylization_id}",
    summary="Delete a stylization",
    status_code=204,
    responses=answers(errors.NotFound),
)
def delete_stylization(stylization_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Forget it with its pictures; if it has not ended it is cancelled first.

    Nobody sees it any more from now on. For ten minutes `restore` brings it back, then its bytes
    are removed.
    """
    history.delete_stylization(resources.database, caller.user_id, stylization_id)


@router.post(
    "/{stylization_id}/restore",
    summary="Bring a deleted stylization back",
    responses=answers(errors.NotFound),
)
def restore_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
    shows: Shows,
    response: Response,
) -> StylizationRead:
    """Undo a deletion within ten minutes. Its cancelling and the end of its link stay."""
    followed = history.restore_stylization(resources.database, caller.user_id, stylization_id)
    return _shown(shows.of(followed), response)
