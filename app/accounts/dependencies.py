"""Authentication: the caller of a request, what a key may do, and the upload limit."""

from typing import Annotated

from fastapi import Depends, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer, SecurityScopes

from app.accounts.service import Caller, authenticate
from app.resources import OpenResources
from core.db.users import Scope
from core.errors import Unauthenticated

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Key or token",
    description="An API key from `dualtrans keys create`, or the token of a login.",
)


def current_user(
    required: SecurityScopes,
    resources: OpenResources,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller that `Authorization: Bearer` identifies, if the scopes of the route allow it.

    Raises:
        Unauthenticated: there is no key or token, or it is not valid.
        MissingScope: the key lacks a scope of the route.
    """
    if credentials is None:
        raise Unauthenticated
    caller = authenticate(resources.database, resources.token_signer, credentials.credentials)
    for scope in required.scopes:
        caller.require_scope(scope)
    return caller


MayRead = Annotated[Caller, Security(current_user, scopes=[Scope.READ.value])]
MayStylize = Annotated[Caller, Security(current_user, scopes=[Scope.STYLIZE.value])]
MayManageAccount = Annotated[Caller, Security(current_user, scopes=[Scope.ACCOUNT.value])]


def uploader(resources: OpenResources, caller: MayStylize) -> Caller:
    """The caller, after one upload was counted; this happens before the body is read.

    Raises:
        RateLimited: the caller has used the uploads of this minute.
    """
    resources.upload_limiter.count(caller.rate_key, limit=caller.uploads_per_minute)
    return caller


Uploader = Annotated[Caller, Depends(uploader)]
