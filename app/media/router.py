"""Pictures by signed address; no header is needed, and none is looked at but `If-None-Match`."""

from typing import Annotated, Any

from fastapi import APIRouter, Header, Query, Response

from app.error_schemas import answers
from app.media.dependencies import Signer
from app.media.service import find_picture, open_picture
from app.media.signatures import Variant
from app.resources import OpenResources
from app.shared.errors import Expired, Forbidden, NotFound
from app.shared.tables import now_utc

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


@router.head("/{picture_id}", include_in_schema=False)
@router.get(
    "/{picture_id}",
    summary="See a picture",
    response_class=Response,
    responses={
        **PICTURE_ANSWERS,
        **answers(Forbidden, NotFound, Expired, guarded=False),
    },
)
def see_picture(
    picture_id: str,
    resources: OpenResources,
    signer: Signer,
    exp: Annotated[str, Query(description="When it ends, in seconds since 1970.")] = "",
    kid: Annotated[str, Query(description="Which secret has signed.")] = "",
    sig: Annotated[str, Query(description="The signature.")] = "",
    variant: Annotated[Variant, Query(description="The picture, or a small WebP.")] = Variant.FULL,
    *,
    download: Annotated[bool, Query(description="Offer it as a file to be saved.")] = False,
    if_none_match: Annotated[str | None, Header()] = None,
) -> Response:
    """Give the picture behind a signed address, as the answers of this API contain it.

    Addresses are made by the service alone: take them whole, and ask the job again for a fresh one
    when 410 `expired` comes.
    """
    now = now_utc()
    left = signer.check(picture_id, variant, exp=exp, kid=kid, sig=sig, now=now)
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
