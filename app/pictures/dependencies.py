"""Hands the signer of picture addresses, and the reader of uploads, to those who ask."""

from typing import Annotated

from fastapi import Depends, Request

from app.pictures.reader import PictureReader
from app.pictures.urls import PictureAddresses
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


def picture_addresses(
    request: Request, resources: OpenResources, signer: Signer
) -> PictureAddresses:
    """Addresses for this request's client, as of now."""
    return PictureAddresses(signer, client_url(request, resources.settings))


Addresses = Annotated[PictureAddresses, Depends(picture_addresses)]
