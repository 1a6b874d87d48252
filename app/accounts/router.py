"""The development login; others come with their own rooms."""

import ipaddress
from typing import Annotated

from fastapi import APIRouter, Body, Request

from app.accounts.dependencies import Signer
from app.accounts.schemas import DevelopmentLogin, TokenRead, UserRead
from app.accounts.service import development_login
from app.error_schemas import answers
from app.resources import OpenResources
from app.shared.errors import BadRequest, NotFound

router = APIRouter(prefix="/v1/auth", tags=["accounts"])


@router.post(
    "/dev",
    summary="Log in for development",
    responses=answers(BadRequest, NotFound, guarded=False),
)
def log_in_for_development(
    request: Request,
    resources: OpenResources,
    signer: Signer,
    login: Annotated[DevelopmentLogin | None, Body()] = None,
) -> TokenRead:
    """A token for a named user without a password.

    Works only on the machine itself and only with `DUALTRANS_DEV_LOGIN=1`; otherwise this address
    does not exist (404).
    """
    if not (resources.settings.dev_login and _is_from_this_machine(request)):
        raise NotFound
    name = (login or DevelopmentLogin()).name
    user, token = development_login(resources.database, signer, name)
    return TokenRead(token=token.text, expires_at=token.expires_at, user=UserRead(id=user.id))


def _is_from_this_machine(request: Request) -> bool:
    """Whether the client is on loopback and no proxy speaks for another one."""
    forwarded = {"forwarded", "x-forwarded-for", "x-real-ip"} & set(request.headers)
    if forwarded or request.client is None:
        return False
    try:
        return ipaddress.ip_address(request.client.host).is_loopback
    except ValueError:
        return False
