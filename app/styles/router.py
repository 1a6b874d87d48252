"""The routes of styles."""

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from app.accounts.dependencies import MayRead, MayStylize
from app.byte_responses import (
    NOT_MODIFIED,
    PARTIAL,
    SentConditions,
    bytes_response,
    content_disposition,
    is_known,
)
from app.error_schemas import error_responses
from app.languages import ResponseLanguage
from app.pagination import Cursor, CursorText, Limit
from app.pictures.dependencies import SignedURLs
from app.resources import OpenResources
from app.styles import service
from app.styles.dependencies import UploadedStyleForm
from app.styles.schemas import OWN_CATEGORY, StylePage, StyleRead
from app.uploads import CLIENT_KEY_FIELD, FILE_FIELD, UPLOAD_ERRORS, form_documentation
from core import errors

router = APIRouter(prefix="/v1/styles", tags=["styles"])

STYLE_FORM = form_documentation(
    {
        "file": {
            **FILE_FIELD,
            "description": "The style picture: JPEG, PNG, WebP, GIF, AVIF or HEIC.",
        },
        "name": {"type": "string", "maxLength": service.MAX_NAME, "examples": ["外婆的刺绣"]},
        "client_key": CLIENT_KEY_FIELD,
    },
    required=["file"],
)


@router.get(
    "",
    summary="List styles",
    response_model=StylePage,
    responses={
        304: NOT_MODIFIED,
        **error_responses(),
    },
)
def list_styles(
    resources: OpenResources,
    caller: MayRead,
    urls: SignedURLs,
    language: ResponseLanguage,
    kind: Annotated[
        Literal["preset", "own"] | None,
        Query(description="Only styles of this kind. Default: both."),
    ] = None,
    category: Annotated[
        str | None, Query(max_length=100, description="Only styles of this category.")
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The presets in their order, then your own styles, newest first.

    `limit` counts your own styles; the first page has all presets in addition.
    """
    position = Cursor.read(cursor)
    items: list[StyleRead] = []
    next_cursor = None
    if kind != "own" and position is None:
        presets = resources.presets.in_category(category)
        items += [StyleRead.of_preset(preset, urls) for preset in presets]
    if kind != "preset" and category in (None, OWN_CATEGORY):
        styles, next_cursor = service.list_own(
            resources.database, caller.user_id, cursor=position, limit=limit
        )
        items += [
            StyleRead.of_own(own.style, own.picture, own.refinement, urls, language)
            for own in styles
        ]
    return _cacheable(StylePage(items=items, next=next_cursor), if_none_match)


def _cacheable(page: StylePage, if_none_match: str | None) -> Response:
    response = JSONResponse(page.model_dump(mode="json"))
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if is_known(if_none_match, etag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


@router.post(
    "",
    summary="Create a style",
    status_code=201,
    openapi_extra=STYLE_FORM,
    responses={
        200: {
            "model": StyleRead,
            "description": "A replay of a `client_key`: the style that it has created.",
        },
        **error_responses(*UPLOAD_ERRORS),
    },
)
def add_style(
    request: Request,
    response: Response,
    resources: OpenResources,
    upload: UploadedStyleForm,
    urls: SignedURLs,
    language: ResponseLanguage,
) -> StyleRead:
    """Create your own style from a picture.

    A worker computes its style code within seconds; until then the status is `preparing`. You can
    use it in `POST /v1/stylizations` at once: such a stylization waits for the style code. A mini
    program needs this route, since `wx.uploadFile` sends one file per call.
    """
    own, is_new = service.create_style(resources, upload)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"{request.url.path}/{own.style.id}"
    return StyleRead.of_own(own.style, own.picture, own.refinement, urls, language)


@router.get("/{style_id}", summary="Get a style", responses=error_responses(errors.NotFound))
def read_style(
    style_id: str,
    resources: OpenResources,
    caller: MayRead,
    urls: SignedURLs,
    language: ResponseLanguage,
) -> StyleRead:
    """A preset, or one of your own styles with its status."""
    preset = resources.presets.find(style_id)
    if preset is not None:
        return StyleRead.of_preset(preset, urls)
    own = service.find_own(resources.database, caller.user_id, style_id)
    return StyleRead.of_own(own.style, own.picture, own.refinement, urls, language)


@router.delete(
    "/{style_id}",
    summary="Delete a style",
    status_code=204,
    responses=error_responses(errors.NotFound, errors.Forbidden),
)
def delete_style(style_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Delete your own style and its picture. Its stylizations stay. Presets cannot be deleted."""
    service.delete_style(resources, caller.user_id, style_id)


@router.get("/{style_id}/preview", include_in_schema=False)  # an earlier URL
@router.get(
    "/{style_id}/preview.webp",
    summary="Get the preview of a preset",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
        206: PARTIAL,
        304: NOT_MODIFIED,
        **error_responses(errors.NotFound, errors.RangeNotSatisfiable, guarded=False),
    },
)
def see_preview(
    style_id: str,
    resources: OpenResources,
    conditions: SentConditions,
    v: Annotated[str | None, Query(description="Version of the preview.")] = None,
) -> Response:
    """The preview of a preset. Needs no key; with the current `v` it can be cached forever."""
    preset = resources.presets.find(style_id)
    if preset is None:
        raise errors.NotFound
    lifetime = "max-age=31536000, immutable" if v == preset.preview_tag else "max-age=3600"
    headers = {
        "Cache-Control": f"public, {lifetime}",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": content_disposition(f"{preset.entry.id}.webp"),
    }
    return bytes_response(
        conditions,
        lambda: preset.preview,
        etag=f'"{preset.preview_tag}"',
        media_type="image/webp",
        headers=headers,
    )
