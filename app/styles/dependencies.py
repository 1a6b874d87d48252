"""Hands the presets and the reader of pictures to the routes."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import Uploader
from app.pictures import PictureReader
from app.shared.errors import MissingFile
from app.styles.presets import Presets
from app.styles.service import StyleOrder, checked_name
from app.upload_forms import read_upload_form


def _presets(request: Request) -> Presets:
    presets: Presets = request.app.state.presets
    return presets


def _picture_reader(request: Request) -> PictureReader:
    reader: PictureReader = request.app.state.picture_reader
    return reader


ShippedPresets = Annotated[Presets, Depends(_presets)]
Reader = Annotated[PictureReader, Depends(_picture_reader)]


async def _style_order(request: Request, caller: Uploader) -> AsyncIterator[StyleOrder]:
    """The form of `POST /v1/styles`; the caller is known before the body is read."""
    async with read_upload_form(request, max_files=2) as form:
        file = form.file("file")
        if file is None:
            raise MissingFile(field="file")
        yield StyleOrder(caller.user_id, file, checked_name(form.text("name")), form.client_key())


UploadedStyle = Annotated[StyleOrder, Depends(_style_order)]
