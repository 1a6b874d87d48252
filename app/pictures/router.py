"""The routes of pictures: upload a photo once for several requests, and download by signed URL.

A signed URL needs no header. The only header that a download reads is `If-None-Match`.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from app.accounts.dependencies import MayStylize, Uploader
from app.error_schemas import error_responses
from app.pictures import service
from app.pictures.dependencies import SignedURLs
from app.pictures.schemas import PictureRead
from app.pictures.service import UploadedPhoto, find_picture, read_picture
from app.resources import OpenResources
from app.uploads import FILE_FIELD, UPLOAD_ERRORS, form_documentation, read_upload_form
from core.db.base import now_utc
from core.errors import Expired, Forbidden, MissingFile, NotFound
from core.picture_urls import Variant

router = APIRouter(prefix="/v1/pictures", tags=["pictures"])

PICTURE_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The picture.",
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("image/jpeg", "image/png", "image/webp")
        },
    },
    304: {"description": "Unchanged since the `ETag` of `If-None-Match`."},
}
PICTURE_FORM = form_documentation(
    {"file": {**FILE_FIELD, "description": "The photo: JPEG, PNG, WebP, GIF, AVIF or HEIC."}},
    required=["file"],
)


async def _uploaded_photo(request: Request, _caller: Uploader) -> AsyncIterator[UploadedPhoto]:
    """Read the form of `POST /v1/pictures`; the caller is authenticated first."""
    async with read_upload_form(request) as form:
        file = form.file("file")
        if file is None:
            raise MissingFile(field="file")
        yield UploadedPhoto(file)


@router.post(
    "",
    name="keep_picture",  # the operation id, which generated clients use
    summary="Upload a photo for several stylizations",
    status_code=201,
    openapi_extra=PICTURE_FORM,
    responses={
        200: {"model": PictureRead, "description": "The same photo is stored already."},
        **error_responses(*UPLOAD_ERRORS),
    },
)
def store_photo(
    response: Response,
    resources: OpenResources,
    caller: Uploader,
    upload: Annotated[UploadedPhoto, Depends(_uploaded_photo)],
    urls: SignedURLs,
) -> PictureRead:
    """Upload a photo once, then send its id as `picture_id` to stylize it any number of times.

    ```
    curl -H "Authorization: Bearer $KEY" -F file=@photo.jpg http://127.0.0.1:8000/v1/pictures
    ```
    """
    picture, is_new = service.store_photo(resources, caller.user_id, upload)
    response.status_code = 201 if is_new else 200
    return PictureRead.of(picture, urls)


@router.delete(
    "/{picture_id}",
    summary="Delete a photo",
    status_code=204,
    responses=error_responses(NotFound),
)
def delete_picture(picture_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Delete an uploaded photo. Stylizations that use it keep it until they are deleted."""
    service.delete_photo(resources.database, caller.user_id, picture_id)


@router.head("/{picture_id}", include_in_schema=False)
@router.get(
    "/{picture_id}",
    summary="Get a picture",
    response_class=Response,
    responses={
        **PICTURE_RESPONSES,
        **error_responses(Forbidden, NotFound, Expired, guarded=False),
    },
)
def see_picture(
    picture_id: str,
    resources: OpenResources,
    exp: Annotated[str, Query(description="When the URL expires, as Unix time in seconds.")] = "",
    kid: Annotated[str, Query(description="Id of the secret that signed the URL.")] = "",
    sig: Annotated[str, Query(description="The signature.")] = "",
    variant: Annotated[
        Variant,
        Query(description="`full`: as stored; `thumb`: a WebP thumbnail; `jpeg`: as JPEG."),
    ] = Variant.FULL,
    *,
    download: Annotated[
        bool, Query(description="Send it as an attachment, to be saved as a file.")
    ] = False,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Get a picture by the signed URL that another response of this API contains.

    Only the service can sign URLs, so use them unchanged. When the response is 410 `expired`, get
    the stylization again: it has a new URL.
    """
    now = now_utc()
    left_seconds = resources.picture_signer.check(
        picture_id, variant, exp=exp, kid=kid, sig=sig, now=now
    )
    file = find_picture(resources.database, picture_id, variant, now=now)
    headers = {
        "ETag": file.etag,
        "Cache-Control": f"private, max-age={int(left_seconds)}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": _disposition(picture_id, file.media_type, download=download),
    }
    if if_none_match is not None and file.etag in if_none_match:
        return Response(status_code=304, headers=headers)
    data = read_picture(resources.storage, file)
    return Response(data, media_type=file.media_type, headers=headers)


def _disposition(picture_id: str, media_type: str, *, download: bool) -> str:
    extension = media_type.removeprefix("image/").replace("jpeg", "jpg")
    return f'attachment; filename="dualtrans-{picture_id}.{extension}"' if download else "inline"
