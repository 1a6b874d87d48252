"""The routes of pictures: upload a photo once for several requests, and download by signed URL.

A signed URL needs no header. A download reads the headers of conditions and ranges only.
"""

from collections.abc import AsyncIterator
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from pydantic import BeforeValidator

from app.accounts.dependencies import MayStylize, Uploader
from app.byte_responses import (
    NOT_MODIFIED,
    PARTIAL,
    SentConditions,
    bytes_response,
    content_disposition,
)
from app.error_schemas import error_responses
from app.pictures import service
from app.pictures.dependencies import SignedURLs
from app.pictures.schemas import PictureRead
from app.pictures.service import UploadedPhoto, find_picture, read_picture
from app.resources import OpenResources
from app.uploads import FILE_FIELD, UPLOAD_ERRORS, form_documentation, read_upload_form
from core.db.base import now_utc
from core.errors import Expired, Forbidden, MissingFile, NotFound, RangeNotSatisfiable
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
    206: PARTIAL,
    304: NOT_MODIFIED,
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


@router.get(
    "/{picture_id}",
    summary="Get a picture",
    response_class=Response,
    responses={
        **PICTURE_RESPONSES,
        **error_responses(Forbidden, NotFound, Expired, RangeNotSatisfiable, guarded=False),
    },
)
def see_picture(
    file_name: Annotated[
        str,
        Path(
            alias="picture_id",
            description="The id and the extension of the file, such as `pic_….jpg`. URLs of "
            "earlier releases have no extension.",
        ),
    ],
    resources: OpenResources,
    conditions: SentConditions,
    exp: Annotated[str, Query(description="When the URL expires, as Unix time in seconds.")] = "",
    kid: Annotated[str, Query(description="Id of the secret that signed the URL.")] = "",
    sig: Annotated[str, Query(description="The signature.")] = "",
    variant: Annotated[
        Variant,
        Query(description="`full`: as stored; `thumb`: a WebP thumbnail; `jpeg`: as JPEG."),
    ] = Variant.FULL,
    *,
    download: Annotated[
        bool,
        BeforeValidator(lambda value: value or "1"),  # `?download` without a value
        Query(description="Send it as an attachment, to be saved as a file."),
    ] = False,
) -> Response:
    """Get a picture by the signed URL that another response of this API contains.

    Only the service can sign URLs, so use them unchanged; only `download` may be added. When the
    response is 410 `expired`, get the stylization again: it has a new URL.
    """
    now = now_utc()
    picture_id, dot, extension = file_name.partition(".")
    left_seconds = resources.picture_signer.check(
        picture_id, variant, exp=exp, kid=kid, sig=sig, now=now
    )
    file = find_picture(
        resources.database, picture_id, variant, extension=extension if dot else None, now=now
    )
    headers = {
        "Cache-Control": f"private, max-age={int(left_seconds)}, immutable",
        "X-Content-Type-Options": "nosniff",
        "Content-Disposition": content_disposition(file.download_name, is_download=download),
    }
    return bytes_response(
        conditions,
        lambda: read_picture(resources.storage, file),
        etag=file.etag,
        media_type=f"image/{file.format}",
        headers=headers,
    )
