"""The styles over HTTP."""

import hashlib
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse

from app.accounts.dependencies import MayRead, MayStylize
from app.error_schemas import answers
from app.languages import ReaderLanguage
from app.pagination import Cursor, CursorText, Limit
from app.pictures.dependencies import Addresses, Reader
from app.resources import OpenResources
from app.styles import service
from app.styles.dependencies import ShippedPresets, UploadedStyle
from app.styles.schemas import StylePage, StyleRead
from app.uploads import CLIENT_KEY_FIELD, FILE_FIELD, UPLOAD_ERRORS, form_documentation
from core import errors

router = APIRouter(prefix="/v1/styles", tags=["styles"])

STYLE_FORM = form_documentation(
    {
        "file": {**FILE_FIELD, "description": "The style picture: JPEG, PNG, WebP, GIF, HEIC …"},
        "name": {"type": "string", "maxLength": service.MAX_NAME, "examples": ["外婆的刺绣"]},
        "client_key": CLIENT_KEY_FIELD,
    },
    required=["file"],
)


@router.get(
    "",
    summary="List the styles",
    response_model=StylePage,
    responses={
        304: {"description": "Nothing has changed since the `ETag` of `If-None-Match`."},
        **answers(),
    },
)
def list_styles(
    resources: OpenResources,
    caller: MayRead,
    presets: ShippedPresets,
    addresses: Addresses,
    language: ReaderLanguage,
    kind: Annotated[
        Literal["preset", "own"] | None, Query(description="Only these; absent: both.")
    ] = None,
    category: Annotated[str | None, Query(max_length=100, description="Only of this one.")] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The presets in their order, then one's own styles, newest first.

    `limit` counts own styles; all presets stand on the first page.
    """
    place = Cursor.read(cursor)
    items: list[StyleRead] = []
    following = None
    if kind != "own" and place is None:
        items += [StyleRead.of_preset(preset, addresses) for preset in presets]
    if kind != "preset":
        own, following = service.list_own(
            resources.database, caller.user_id, cursor=place, limit=limit
        )
        items += [StyleRead.of_own(o.style, o.picture, addresses, language) for o in own]
    if category is not None:
        items = [item for item in items if item.category == category]
    return _cacheable(StylePage(items=items, next=following), if_none_match)


def _cacheable(page: StylePage, if_none_match: str | None) -> Response:
    response = JSONResponse(page.model_dump(mode="json"))
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Language"}
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


@router.post(
    "",
    summary="Add a style of one's own",
    status_code=201,
    openapi_extra=STYLE_FORM,
    responses={
        200: {"model": StyleRead, "description": "The same `client_key` came before: its style."},
        **answers(*UPLOAD_ERRORS),
    },
)
def add_style(
    request: Request,
    response: Response,
    resources: OpenResources,
    order: UploadedStyle,
    reader: Reader,
    addresses: Addresses,
    language: ReaderLanguage,
) -> StyleRead:
    """Upload a picture whose style shall be taken on.

    A worker computes its code once, within seconds; until then its status is `preparing`. It can
    be named in `POST /v1/stylizations` at once: such a stylization waits for it. A mini program
    brings its style picture this way, since `wx.uploadFile` carries one file a call.
    """
    own, is_new = service.create_style(resources, reader, order)
    response.status_code = 201 if is_new else 200
    response.headers["Location"] = f"{request.url.path}/{own.style.id}"
    return StyleRead.of_own(own.style, own.picture, addresses, language)


@router.get("/{style_id}", summary="See one style", responses=answers(errors.NotFound))
def read_style(
    style_id: str,
    resources: OpenResources,
    caller: MayRead,
    presets: ShippedPresets,
    addresses: Addresses,
    language: ReaderLanguage,
) -> StyleRead:
    """A preset, or a style of one's own with its status."""
    preset = presets.find(style_id)
    if preset is not None:
        return StyleRead.of_preset(preset, addresses)
    own = service.find_own(resources.database, caller.user_id, style_id)
    return StyleRead.of_own(own.style, own.picture, addresses, language)


@router.delete(
    "/{style_id}",
    summary="Delete a style of one's own",
    status_code=204,
    responses=answers(errors.NotFound, errors.Forbidden),
)
def delete_style(
    style_id: str, resources: OpenResources, caller: MayStylize, presets: ShippedPresets
) -> None:
    """Forget the style and its picture. What was made with it stays; presets cannot be deleted."""
    service.delete_style(resources.database, presets, caller.user_id, style_id)


@router.get(
    "/{style_id}/preview",
    summary="See a preset's preview",
    response_class=Response,
    responses={
        200: {"content": {"image/webp": {"schema": {"type": "string", "format": "binary"}}}},
        304: {"description": "It has not changed since the `ETag` of `If-None-Match`."},
        **answers(errors.NotFound, guarded=False),
    },
)
def see_preview(
    style_id: str,
    presets: ShippedPresets,
    v: Annotated[str | None, Query(description="Changes with the preview.")] = None,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """The preview of a preset: public, and to be cached for good under its `v`."""
    preset = presets.find(style_id)
    if preset is None:
        raise errors.NotFound
    etag = f'"{preset.preview_tag}"'
    lifetime = "max-age=31536000, immutable" if v == preset.preview_tag else "max-age=3600"
    headers = {
        "ETag": etag,
        "Cache-Control": f"public, {lifetime}",
        "X-Content-Type-Options": "nosniff",
    }
    if if_none_match is not None and etag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(preset.preview, media_type="image/webp", headers=headers)
