"""The routes of sharing. The owner needs an API key, the viewer of a shared link does not."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.accounts.dependencies import MayRead, MayStylize
from app.byte_responses import content_disposition
from app.error_schemas import error_responses
from app.languages import LocalizedTextRead, ResponseLanguage
from app.pictures.dependencies import SignedURLs
from app.resources import OpenResources, client_url
from app.sharing import service
from app.sharing.poster import Theme
from app.sharing.schemas import SharedRead, ShareRead
from core import errors
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1", tags=["sharing"])

NOT_SHAREABLE = (
    *(errors.NotFound, errors.NotFinished, errors.Expired),
    *(wechat_errors.CheckPending, wechat_errors.UnderReview, wechat_errors.ContentRejected),
)


@router.post(
    "/stylizations/{stylization_id}/share",
    summary="Share a stylization",
    status_code=201,
    responses={
        200: {"model": ShareRead, "description": "It is shared already, with this link."},
        **error_responses(*NOT_SHAREABLE),
    },
)
def share_stylization(
    request: Request,
    response: Response,
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
) -> ShareRead:
    """Create a link that nobody can guess. It shows the result and no data of the owner."""
    token, is_new = service.share(resources, caller.user_id, stylization_id)
    response.status_code = 201 if is_new else 200
    url = f"{client_url(request, resources.settings)}/v1/share/{token}"
    return ShareRead(token=token, url=url)


@router.get("/stylizations/{stylization_id}/poster", include_in_schema=False)  # an earlier URL
@router.get(
    "/stylizations/{stylization_id}/poster.jpg",
    summary="Get a poster of a stylization",
    response_class=Response,
    responses={
        200: {
            "description": "The poster: a JPEG with a width of 1080 px.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **error_responses(*NOT_SHAREABLE),
    },
)
def see_poster(
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    language: ResponseLanguage,
    theme: Annotated[Theme, Query(description="The colours of the poster.")] = Theme.LIGHT,
) -> Response:
    """The photo, the result and the name of the style in one picture, to save and to share.

    Its texts are in the language of `Accept-Language`, and it has the AI label of every result.
    While the stylization is shared, the poster has the mini program code that opens it, provided
    that the service has a mini program.
    """
    data = service.render_poster(resources, caller.user_id, stylization_id, language, theme)
    headers = {
        "Cache-Control": "private, no-store",
        "Vary": "Accept-Language",
        "Content-Disposition": content_disposition(f"dualtrans-poster-{stylization_id}.jpg"),
    }
    return Response(data, media_type="image/jpeg", headers=headers)


@router.delete(
    "/stylizations/{stylization_id}/share",
    summary="Stop sharing a stylization",
    status_code=204,
    responses=error_responses(errors.NotFound),
)
def unshare_stylization(stylization_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Invalidate the link. Picture URLs that a viewer has received stay valid until they expire."""
    service.unshare(resources.database, caller.user_id, stylization_id)


@router.get(
    "/share/{token}",
    summary="Get a shared stylization",
    responses=error_responses(
        *(errors.NotFound, errors.Expired, wechat_errors.CheckPending, wechat_errors.UnderReview),
        guarded=False,
    ),
)
def see_shared(
    token: str, resources: OpenResources, urls: SignedURLs, response: Response
) -> SharedRead:
    """The public view behind a link, for anyone who has the link."""
    shared = service.find_shared(resources, token)
    response.headers["Cache-Control"] = "no-store"
    return SharedRead(
        title=shared.row.title,
        style=LocalizedTextRead.model_validate(shared.row.style_name),
        tau=shared.row.tau,
        result_url=urls.signed_url(shared.result),
        thumb_url=urls.signed_url(shared.thumb),
        width=shared.result.width,
        height=shared.result.height,
        created_at=shared.row.created_at,
    )
