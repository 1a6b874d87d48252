"""Signed picture URLs for the client of a request."""

from typing import Annotated

from fastapi import Depends, Request

from app.pictures.urls import PictureURLs
from app.resources import OpenResources, client_url


def picture_urls(request: Request, resources: OpenResources) -> PictureURLs:
    """Creates picture URLs that this client can use."""
    return PictureURLs(resources.picture_signer, client_url(request, resources.settings))


SignedURLs = Annotated[PictureURLs, Depends(picture_urls)]
