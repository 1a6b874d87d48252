"""Logins, and the caller's own account: read it, revoke tokens, erase it."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from app.accounts import service
from app.accounts.dependencies import MayManageAccount, MayRead
from app.accounts.schemas import (
    MAX_DEVELOPMENT_NAME,
    DevelopmentLogin,
    ErasureRead,
    MeRead,
    TokenRead,
    WeChatLogin,
)
from app.client_text import checked_name
from app.error_schemas import error_responses
from app.proxies import is_from_this_machine
from app.request_bodies import JSONRoute
from app.resources import OpenResources
from core import errors
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1/auth", tags=["accounts"], route_class=JSONRoute)
me = APIRouter(prefix="/v1/me", tags=["accounts"])

DEVELOPMENT_CODE = "dev-"  # prefix of login codes that do not need WeChat


@router.post(
    "/wechat",
    summary="Log in from a mini program",
    responses=error_responses(
        errors.BadRequest,
        wechat_errors.InvalidLoginCode,
        wechat_errors.AccountBlocked,
        wechat_errors.LoginNotSetUp,
        errors.RateLimited,
        wechat_errors.WeChatUnavailable,
        wechat_errors.WeChatRefused,
        guarded=False,
    ),
)
def log_in_by_wechat(
    request: Request,
    response: Response,
    resources: OpenResources,
    login: WeChatLogin,
) -> TokenRead:
    """Exchange the code of `wx.login` for a token that is valid for two hours.

    A login needs no action of the user, so log in again at the first 401 `unauthenticated`. With
    `DUALTRANS_DEV_LOGIN=1` and from the same machine, a code `dev-NAME` logs in the development
    user NAME without WeChat.
    """
    response.headers["Cache-Control"] = "no-store"
    name = login.code.removeprefix(DEVELOPMENT_CODE)
    if name not in ("", login.code) and _allows_development_login(request, resources):
        return TokenRead.of(*service.development_login(resources, name))
    return TokenRead.of(*service.wechat_login(resources, login.code))


@router.post(
    "/dev",
    summary="Log in for development",
    responses=error_responses(errors.BadRequest, errors.NotFound, guarded=False),
)
def log_in_for_development(
    request: Request,
    response: Response,
    resources: OpenResources,
    login: Annotated[DevelopmentLogin | None, Body()] = None,
) -> TokenRead:
    """Get a token for a named user without a password.

    This works only from the same machine and only with `DUALTRANS_DEV_LOGIN=1`; otherwise the
    response is 404.
    """
    if not _allows_development_login(request, resources):
        raise errors.NotFound
    response.headers["Cache-Control"] = "no-store"
    given = (login or DevelopmentLogin()).name
    name = checked_name(given, field="name", longest=MAX_DEVELOPMENT_NAME)
    return TokenRead.of(*service.development_login(resources, name))


@router.post(
    "/revoke",
    name="end_tokens",  # the operation id, which generated clients use
    summary="Revoke all of your tokens",
    status_code=204,
    responses=error_responses(errors.NotFound),
)
def revoke_tokens(resources: OpenResources, caller: MayManageAccount) -> None:
    """Revoke every token of this user on every device, including the one of this request.

    API keys stay valid; `dualtrans keys revoke` revokes them. A new login is possible at once.
    """
    service.revoke_tokens(resources.database, caller.user_id)


@me.get("", summary="Get your account", responses=error_responses(errors.NotFound))
def read_me(resources: OpenResources, caller: MayRead, response: Response) -> MeRead:
    """The user of the key or token, and what it may be used for."""
    response.headers["Cache-Control"] = "no-store"
    user = service.find_user(resources.database, caller.user_id)
    return MeRead(
        id=user.id,
        kind=user.kind,
        created_at=user.created_at,
        scopes=sorted(caller.scopes),
        uploads_per_minute=caller.uploads_per_minute or resources.settings.uploads_per_minute,
    )


@me.delete(
    "",
    summary="Erase your account and all of its data",
    status_code=202,
    responses=error_responses(errors.NotFound),
)
def erase_me(resources: OpenResources, caller: MayManageAccount) -> ErasureRead:
    """Erase this user with jobs, history, styles, pictures, keys and tokens. It cannot be undone.

    When the response arrives, jobs are cancelled, keys and tokens are revoked, and picture URLs no
    longer work. Files are deleted within minutes, and the last rows about an hour later.
    """
    return ErasureRead(erased_at=service.erase(resources.database, caller.user_id))


def _allows_development_login(request: Request, resources: OpenResources) -> bool:
    return resources.settings.dev_login and is_from_this_machine(request)
