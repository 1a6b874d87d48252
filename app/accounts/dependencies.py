"""What routes ask for: one who may do this, and leave to upload. Scopes are asked for here."""

from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from app.accounts.rate_limits import UploadRate
from app.accounts.service import Caller, recognise
from app.accounts.tokens import TokenSigner
from app.resources import OpenResources
from core.db.users import Scope
from core.errors import Unauthenticated
from core.wechat.client import WeChat

PROXY_HEADERS: Final = frozenset({"forwarded", "x-forwarded-for", "x-real-ip"})

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Key or token",
    description="A key of `dualtrans keys create`, or the token of a login.",
)


def is_forwarded(request: Request) -> bool:
    """Whether a proxy forwarded the request, so that its address is not the client's."""
    return not PROXY_HEADERS.isdisjoint(request.headers)


def token_signer(request: Request) -> TokenSigner:
    """The signer that `main` made."""
    signer: TokenSigner = request.app.state.token_signer
    return signer


Signer = Annotated[TokenSigner, Depends(token_signer)]


def _wechat(request: Request) -> WeChat:
    wechat: WeChat = request.app.state.wechat
    return wechat


WeChatClient = Annotated[WeChat, Depends(_wechat)]


def current_user(
    wanted: SecurityScopes,
    resources: OpenResources,
    signer: Signer,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller, by `Authorization: Bearer`, if they may do what the route says.

    Raises:
        Unauthenticated: no key or token, or one that does not hold.
        MissingScope: a key that was not made for this.
    """
    if credentials is None:
        raise Unauthenticated
    caller = recognise(resources.database, signer, credentials.credentials)
    for scope in wanted.scopes:
        caller.must_hold(scope)
    return caller


MayRead = Annotated[Caller, Security(current_user, scopes=[Scope.READ.value])]
MayStylize = Annotated[Caller, Security(current_user, scopes=[Scope.STYLIZE.value])]
MayEndAccount = Annotated[Caller, Security(current_user, scopes=[Scope.ACCOUNT.value])]


def uploader(request: Request, caller: MayStylize) -> Caller:
    """The caller, with one upload of this minute taken; asked before the body is read."""
    rate: UploadRate = request.app.state.upload_rate
    rate.take(caller.rate_key, limit=caller.uploads_per_minute)
    return caller


Uploader = Annotated[Caller, Depends(uploader)]
