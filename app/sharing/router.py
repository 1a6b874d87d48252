"""Sharing over HTTP: the owner's side needs a key, the stranger's side none."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from app.accounts.dependencies import MayRead, MayStylize, WeChatClient
from app.error_schemas import answers
from app.languages import ReaderLanguage
from app.pictures.dependencies import Addresses
from app.resources import OpenResources, client_url
from app.sharing import service
from app.sharing.poster import Theme
from app.sharing.schemas import SharedRead, ShareRead
from app.styles.presets import Words
from core import errors
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1", tags=["sharing"])

NOT_TO_BE_SHARED = (
    *(errors.NotFound, errors.NotFinished, errors.Expired),
    *(wechat_errors.CheckPending, wechat_errors.UnderReview, wechat_errors.ContentRejected),
)


@router.post(
    "/stylizations/{stylization_id}/share",
    summary="Share a stylization",
    status_code=201,
    responses={
        200: {"model": ShareRead, "description": "It is shared already, by this link."},
        **answers(*NOT_TO_BE_SHARED),
    },
)
def share_stylization(
    request: Request,
    response: Response,
    stylization_id: str,
    resources: OpenResources,
    caller: MayStylize,
) -> ShareRead:
    """Make a link that nobody can guess; it shows the work and nothing of its owner."""
    token, is_new = service.share(resources.database, caller.user_id, stylization_id)
    response.status_code = 201 if is_new else 200
    url = f"{client_url(request, resources.settings)}/v1/share/{token}"
    return ShareRead(token=token, url=url)


@router.get(
    "/stylizations/{stylization_id}/poster",
    summary="See a stylization as a poster",
    response_class=Response,
    responses={
        200: {
            "description": "The poster, a JPEG 1080 px wide.",
            "content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}},
        },
        **answers(*NOT_TO_BE_SHARED),
    },
)
def see_poster(
    stylization_id: str,
    resources: OpenResources,
    caller: MayRead,
    wechat: WeChatClient,
    language: ReaderLanguage,
    theme: Annotated[Theme, Query(description="The ground that it stands on.")] = Theme.LIGHT,
) -> Response:
    """Photograph and result with the style's name, to be kept in an album and passed on.

    In the language of `Accept-Language`; labelled as every picture of ours. Of a shared work it
    carries the mini program's code that leads to it, where there is a mini program.
    """
    data = service.poster(resources, wechat, caller.user_id, stylization_id, language, theme)
    headers = {"Cache-Control": "private, no-store", "Vary": "Accept-Language"}
    return Response(data, media_type="image/jpeg", headers=headers)


@router.delete(
    "/stylizations/{stylization_id}/share",
    summary="Share a stylization no longer",
    status_code=204,
    responses=answers(errors.NotFound),
)
def unshare_stylization(stylization_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Take the link back. Picture addresses that somebody has opened hold until they expire."""
    service.unshare(resources.database, caller.user_id, stylization_id)


@router.get(
    "/share/{token}",
    summary="See a shared stylization",
    responses=answers(
        *(errors.NotFound, errors.Expired, wechat_errors.CheckPending, wechat_errors.UnderReview),
        guarded=False,
    ),
)
def see_shared(
    token: str, resources: OpenResources, addresses: Addresses, response: Response
) -> SharedRead:
    """The work behind a link, for anybody who has it."""
    work = service.find_shared(resources.database, token)
    response.headers["Cache-Control"] = "no-store"
    return SharedRead(
        title=work.row.title,
        style=Words.model_validate(work.row.style_name),
        tau=work.row.tau,
        result_url=addresses.of(work.result),
        thumb_url=addresses.of(work.thumb),
        width=work.result.width,
        height=work.result.height,
        created_at=work.row.created_at,
    )
