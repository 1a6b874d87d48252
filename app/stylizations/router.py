"""The stylizations over HTTP."""

from collections.abc import Callable
from typing import Annotated

import anyio
from anyio.to_thread import run_sync
from fastapi import APIRouter, Query, Request, Response

from app.accounts.dependencies import MayRead, MayStylize
from app.error_schemas import RETRY_AFTER_HEADER, answers
from app.languages import ReaderLanguage
from app.media.dependencies import Addresses
from app.paging import Cursor, CursorText, Limit
from app.resources import OpenResources
from app.shared import errors
from app.shared.tables import Status
from app.styles.dependencies import Reader, ShippedPresets
from app.styles.router import UPLOAD_ERRORS
from app.stylizations import service
from app.stylizations.dependencies import UploadedOrder
from app.stylizations.schemas import StylizationPage, StylizationRead
from app.stylizations.service import Followed
from app.upload_forms import CLIENT_KEY_FIELD, FILE_FIELD, form_documentation

router = APIRouter(prefix="/v1/stylizations", tags=["stylizations"])

LONGEST_WAIT_SECONDS = 25  # well under the 60 s after which WeChat and most proxies give up
FIRST_LOOK_SECONDS = 0.2
SLOWEST_LOOK_SECONDS = 0.5

STYLIZATION_FORM = form_documentation(
    {
        "file": {
            **FILE_FIELD,
            "description": (
                "The photograph: JPEG, PNG, WebP, GIF, AVIF or HEIC, at least 64 px a side. It is "
                "turned upright, brought to sRGB and reduced to the render size (`GET /v1/config`)."
            ),
        },
        "style_id": {
            "type": "string",
            "description": "A preset, or an own style. Either this or `style`.",
            "examples": ["nixi-black-pottery"],
        },
        "style": {
            **FILE_FIELD,
            "description": "A style picture; it becomes an own style. Either this or `style_id`.",
        },
        "tau": {
            "type": "string",
            "pattern": r"^([0-9]{1,4}(\.[0-9]{0,20})?|\.[0-9]{1,20})$",
            "description": (
                "Style strength, a decimal from 0 (the photograph) over 1 (as learned) to 1.5. "
                "Absent: the style's own default. Anything else is refused, never clamped."
            ),
            "examples": ["0.8"],
        },
        "keep_color": {
            "type": "string",
            "enum": ["0", "1", "false", "true"],
            "description": "Whether the photograph keeps its own colours; absent: no.",
        },
        "client_key": CLIENT_KEY_FIELD,
    },
    required=["file"],
)


def _shown(
    followed: Followed, addresses: Addresses, language: errors.Language, response: Response
) -> StylizationRead:
    shown = StylizationRead.of(
        followed.row, followed.pictures, followed.position, addresses, language
    )
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
        **answers(
            *UPLOAD_ERRORS,
            errors.MissingStyle,
            errors.InvalidTau,
            errors.UnknownStyle,
            errors.StyleFailed,
            errors.QuotaExceeded,
            errors.QueueFull,
        ),
    },
)
def create_stylization(
    request: Request,
    response: Response,
    resources: OpenResources,
    order: UploadedOrder,
    presets: ShippedPresets,
    reader: Reader,
    addresses: Addresses,
    language: ReaderLanguage,
) -> StylizationRead:
    """Send a photograph and say which style it shall take on.

    The answer comes at once with an `id`; ask `GET /v1/stylizations/{id}` again after
    `poll_after_ms`, or with `?wait=20`, until the status is `done`, `failed` or `cancelled`.
    A refused request leaves nothing behind.

    ```
    curl -H "Authorization: Bearer $KEY" -F file=@photo.jpg -F style_id=nixi-black-pottery \\
         -F tau=0.8 http://127.0.0.1:8000/v1/stylizations
    ```
    """
    followed, is_new = service.create_stylization(resources, presets, reader, order)
    response.status_code = 202 if is_new else 200
    response.headers["Location"] = f"{request.url.path}/{followed.row.id}"
    return _shown(followed, addresses, language, response)


@router.get(
    "",
    summary="List one's own stylizations",
    responses=answers(),
)
def list_stylizations(
    resources: OpenResources,
    caller: MayRead,
    addresses: Addresses,
    language: ReaderLanguage,
    response: Response,
    status: Annotated[Status | None, Query(description="Only with this status.")] = None,
    style: Annotated[
        str | None,
        Query(pattern="^[A-Za-z0-9_-]{1,100}$", description="Only with this style's id."),
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 20,
) -> StylizationPage:
    """The history, newest first. Rows stay when their pictures have been forgotten."""
    found, following = service.list_stylizations(
        resources.database,
        caller.user_id,
        status=status,
        style_id=style,
        cursor=Cursor.read(cursor),
        limit=limit,
    )
    response.headers["Cache-Control"] = "no-store"
    items = [StylizationRead.of(f.row, f.pictures, f.position, addresses, language) for f in found]
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
    addresses: Addresses,
    language: ReaderLanguage,
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

    def look() -> Followed:
        return service.find_stylization(resources.database, caller.user_id, stylization_id)

    followed = await _ended(look, request, seconds=wait)
    return _shown(followed, addresses, language, response)


async def _ended(look: Callable[[], Followed], request: Request, *, seconds: float) -> Followed:
    """Look until it has ended; between two looks neither a thread nor a connection is held."""
    give_up = anyio.current_time() + seconds
    pause = FIRST_LOOK_SECONDS
    while True:
        followed = await run_sync(look)
        left = give_up - anyio.current_time()
        if not followed.row.is_open or left <= 0 or await request.is_disconnected():
            return followed
        await anyio.sleep(min(pause, left))
        pause = min(SLOWEST_LOOK_SECONDS, pause * 1.5)


@router.post(
    "/{stylization_id}/cancel",
    summary="Cancel a stylization",
    responses=answers(errors.NotFound, errors.AlreadyFinished),
)
def cancel_stylization(
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
    addresses: Addresses,
    language: ReaderLanguage,
    response: Response,
) -> StylizationRead:
    """Stop it while it is queued or running. One that has ended is refused with 409."""
    followed = service.cancel_stylization(resources.database, caller.user_id, stylization_id)
    return _shown(followed, addresses, language, response)


@router.delete(
    "/{stylization_id}",
    summary="Delete a stylization",
    status_code=204,
    responses=answers(errors.NotFound),
)
def delete_stylization(stylization_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Forget it with its pictures, at once; if it has not ended it is cancelled first."""
    service.delete_stylization(resources.database, caller.user_id, stylization_id)
