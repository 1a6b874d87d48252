"""Logins, and what one may do with oneself: see, end one's tokens, be forgotten."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from app.accounts import service
from app.accounts.dependencies import (
    MayEndAccount,
    MayRead,
    Signer,
    WeChatClient,
    is_forwarded,
)
from app.accounts.schemas import DevelopmentLogin, ErasureRead, MeRead, TokenRead, WeChatLogin
from app.error_schemas import answers
from app.resources import OpenResources
from core import errors
from core.notifications.destinations import is_loopback_host
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1/auth", tags=["accounts"])
me = APIRouter(prefix="/v1/me", tags=["accounts"])

DEVELOPMENT_CODE = "dev-"  # how a login code begins that needs no WeChat


@router.post(
    "/wechat",
    summary="Log in from a mini program",
    responses=answers(
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
    signer: Signer,
    wechat: WeChatClient,
    login: WeChatLogin,
) -> TokenRead:
    """Exchange the code of `wx.login` for a token of two hours.

    It asks the user for nothing, so log in again at the first 401 `unauthenticated`. With
    `DUALTRANS_DEV_LOGIN=1`, on the machine itself, a code `dev-NAME` logs the development user
    NAME in without WeChat.
    """
    response.headers["Cache-Control"] = "no-store"
    name = login.code.removeprefix(DEVELOPMENT_CODE)
    if name not in ("", login.code) and _may_develop(request, resources):
        return TokenRead.of(*service.development_login(resources.database, signer, name))
    return TokenRead.of(*service.wechat_login(resources.database, signer, wechat, login.code))


@router.post(
    "/dev",
    summary="Log in for development",
    responses=answers(errors.BadRequest, errors.NotFound, guarded=False),
)
def log_in_for_development(
    request: Request,
    response: Response,
    resources: OpenResources,
    signer: Signer,
    login: Annotated[DevelopmentLogin | None, Body()] = None,
) -> TokenRead:
    """A token for a named user without a password.

    Works only on the machine itself and only with `DUALTRANS_DEV_LOGIN=1`; otherwise this address
    does not exist (404).
    """
    if not _may_develop(request, resources):
        raise errors.NotFound
    response.headers["Cache-Control"] = "no-store"
    name = (login or DevelopmentLogin()).name
    return TokenRead.of(*service.development_login(resources.database, signer, name))


@router.post(
    "/revoke",
    summary="End all of one's tokens",
    status_code=204,
    responses=answers(errors.NotFound),
)
def end_tokens(resources: OpenResources, caller: MayEndAccount) -> None:
    """Every token of this user ends at once, on every device, the one that asks included.

    Keys stay: `dualtrans keys revoke` ends those. A new login is possible at once.
    """
    service.end_tokens(resources.database, caller.user_id)


@me.get("", summary="See who one is", responses=answers(errors.NotFound))
def read_me(resources: OpenResources, caller: MayRead, response: Response) -> MeRead:
    """The user behind the key or token, and what it may be used for."""
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
    summary="Erase oneself and everything of one's own",
    status_code=202,
    responses=answers(errors.NotFound),
)
def erase_me(resources: OpenResources, caller: MayEndAccount) -> ErasureRead:
    """Forget this user: jobs, history, styles, pictures, keys, tokens. It cannot be undone.

    With this answer jobs are cancelled, no key or token of the user holds any longer, and no
    address shows a picture of theirs. Files are then removed within minutes, and the last rows
    about an hour later.
    """
    return ErasureRead(erased_at=service.erase(resources.database, caller.user_id))


def _may_develop(request: Request, resources: OpenResources) -> bool:
    return resources.settings.dev_login and _is_from_this_machine(request)


def _is_from_this_machine(request: Request) -> bool:
    """Whether the client is on loopback, asked for loopback, and is no proxy of another one.

    The name that was asked for counts, because a foreign page in a browser on this machine may
    have a name of its own point here, to be taken for us (DNS rebinding).
    """
    if is_forwarded(request) or request.client is None:
        return False
    return is_loopback_host(request.client.host) and is_loopback_host(request.url.hostname or "")
