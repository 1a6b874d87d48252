"""Pictures: sent once to be used often, and seen by signed address.

To see one no header is needed, and none is looked at but `If-None-Match`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from app.accounts.dependencies import MayStylize, Uploader
from app.error_schemas import error_responses
from app.pictures import service
from app.pictures.dependencies import SignedURLs
from app.pictures.schemas import PictureRead
from app.pictures.service import UploadedPhoto, find_picture, open_picture
from app.resources import OpenResources
from app.uploads import FILE_FIELD, UPLOAD_ERRORS, form_documentation, read_upload_form
from core.db.base import now_utc
from core.errors import Expired, Forbidden, MissingFile, NotFound
from core.picture_urls import Variant

router = APIRouter(prefix="/v1/pictures", tags=["pictures"])

PICTURE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    },
    304: {"description": "It has not changed since the `ETag` of `If-None-Match`."},
}
PICTURE_FORM = form_documentation(
    {"file": {**FILE_FIELD, "description": "The photograph: JPEG, PNG, WebP, GIF, HEIC …"}},
    required=["file"],
)


async def _uploaded_photo(request: Request, _caller: Uploader) -> AsyncIterator[UploadedPhoto]:
    """Read the form of `POST /v1/pictures`; the caller is authenticated first."""
    async with read_upload_form(request, max_files=1) as form:
        file = form.file("file")
        if file is None:
            raise MissingFile(field="file")
        yield UploadedPhoto(file)


@router.post(
    "",
    summary="Keep a photograph to be stylized often",
    status_code=201,
    openapi_extra=PICTURE_FORM,
    responses={
        200: {"model": PictureRead, "description": "The same picture is here already."},
        **error_responses(*UPLOAD_ERRORS),
    },
)
def keep_picture(
    response: Response,
    resources: OpenResources,
    caller: Uploader,
    upload: Annotated[UploadedPhoto, Depends(_uploaded_photo)],
    urls: SignedURLs,
) -> PictureRead:
    """Send a photograph once, then order as many looks of it as you like by its id.

    ```
    curl -H "Authorization: Bearer $KEY" -F file=@photo.jpg http://127.0.0.1:8000/v1/pictures
    ```
    """
    picture, is_new = service.keep_picture(resources, caller.user_id, upload)
    response.status_code = 201 if is_new else 200
    return PictureRead.of(picture, urls)


@router.delete(
    "/{picture_id}",
    summary="Delete a photograph",
    status_code=204,
    responses=error_responses(NotFound),
)
def delete_picture(picture_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Forget a photograph that was kept; stylizations made of it keep what they have."""
    service.delete_picture(resources.database, caller.user_id, picture_id)


@router.head("/{picture_id}", include_in_schema=False)
@router.get(
    "/{picture_id}",
    summary="See a picture",
    response_class=Response,
    responses={
        **PICTURE_ANSWERS,
        **error_responses(Forbidden, NotFound, Expired, guarded=False),
    },
)
def see_picture(
    picture_id: str,
    resources: OpenResources,
    exp: Annotated[str, Query(description="When it ends, in seconds since 1970.")] = "",
    kid: Annotated[str, Query(description="Which secret has signed.")] = "",
    sig: Annotated[str, Query(description="The signature.")] = "",
    variant: Annotated[
        Variant, Query(description="The picture, a small WebP, or a JPEG.")
    ] = Variant.FULL,
    *,
    download: Annotated[bool, Query(description="Offer it as a file to be saved.")] = False,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give the picture behind a signed address, as the answers of this API contain it.

    Only the service can make these URLs. Use them unchanged, and read the stylization again
    when 410 `expired` comes.
    """
    now = now_utc()
    left = resources.picture_signer.check(picture_id, variant, exp=exp, kid=kid, sig=sig, now=now)
    tag = find_picture(resources.database, picture_id, variant, now=now)
    headers = {
        "ETag": tag.etag,
        "Cache-Control": f"private, max-age={int(left)}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": _disposition(picture_id, tag.media_type, download=download),
    }
    if if_none_match is not None and tag.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    data = open_picture(resources.storage, tag)
    return Response(data, media_type=tag.media_type, headers=headers)


def _disposition(picture_id: str, media_type: str, *, download: bool) -> str:
    ending = media_type.removeprefix("image/").replace("jpeg", "jpg")
    return f'attachment; filename="dualtrans-{picture_id}.{ending}"' if download else "inline"
