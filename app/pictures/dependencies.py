"""Hands the signer of picture URLs, and the reader of uploads, to those who ask."""

from typing import Annotated

from fastapi import Depends, Request

from app.pictures.reader import PictureReader
from app.pictures.urls import PictureURLs
from app.resources import OpenResources, client_url
from core.picture_urls import PictureURLSigner


def picture_signer(request: Request) -> PictureURLSigner:
    """The signer that `main` made."""
    signer: PictureURLSigner = request.app.state.picture_signer
    return signer


Signer = Annotated[PictureURLSigner, Depends(picture_signer)]


def _picture_reader(request: Request) -> PictureReader:
    reader: PictureReader = request.app.state.picture_reader
    return reader


Reader = Annotated[PictureReader, Depends(_picture_reader)]


def picture_urls(request: Request, resources: OpenResources, signer: Signer) -> PictureURLs:
    """Signed picture URLs for the client of this request."""
    return PictureURLs(signer, client_url(request, resources.settings))


SignedURLs = Annotated[PictureURLs, Depends(picture_urls)]
