"""What routes ask for: the one who calls, and leave to upload."""

from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from app.accounts.rates import UploadRate
from app.accounts.service import Caller, recognise
from app.accounts.tokens import TokenSigner
from app.resources import OpenResources
from app.shared.errors import Unauthenticated

bearer = HTTPBearer(
    auto_error=False,
    scheme_name="Key or token",
    description="A key of `dualtrans keys create`, or the token of a login.",
)


def token_signer(request: Request) -> TokenSigner:
    """The signer that `main` made."""
    signer: TokenSigner = request.app.state.token_signer
    return signer


Signer = Annotated[TokenSigner, Depends(token_signer)]


def current_user(
    resources: OpenResources,
    signer: Signer,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(bearer)],
) -> Caller:
    """The caller, by `Authorization: Bearer`.

    Raises:
        Unauthenticated: no key or token, or one that does not hold.
    """
    if credentials is None:
        raise Unauthenticated
    return recognise(resources.database, signer, credentials.credentials)


CurrentUser = Annotated[Caller, Depends(current_user)]


def uploader(request: Request, caller: CurrentUser) -> Caller:
    """The caller, with one upload of this minute taken; asked before the body is read."""
    rate: UploadRate = request.app.state.upload_rate
    rate.take(caller.rate_key)
    return caller


Uploader = Annotated[Caller, Depends(uploader)]
