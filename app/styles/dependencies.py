"""Dependencies of the style routes: the presets and the uploaded style."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import Uploader
from app.client_text import checked_line
from app.resources import request_id_of
from app.styles.service import MAX_NAME, StyleUpload
from app.uploads import read_upload_form
from core.errors import MissingFile


async def _style_upload(request: Request, caller: Uploader) -> AsyncIterator[StyleUpload]:
    """Read the form of `POST /v1/styles`; the caller is authenticated first."""
    async with read_upload_form(request) as form:
        file = form.file("file")
        if file is None:
            raise MissingFile(field="file")
        name = checked_line(form.text("name"), field="name", longest=MAX_NAME)
        request_id = request_id_of(request) or None
        yield StyleUpload(caller.user_id, file, name, form.client_key(), request_id)


UploadedStyleForm = Annotated[StyleUpload, Depends(_style_upload)]
