"""Turns the form of `POST /v1/stylizations` into an order."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from app.accounts.dependencies import Uploader
from app.shared.errors import InvalidValue, MissingFile, MissingStyle
from app.stylizations.service import Order
from app.upload_forms import UploadForm, read_upload_form


async def _order(request: Request, caller: Uploader) -> AsyncIterator[Order]:
    """Read the form; the caller is known, and counted, before the body is read."""
    async with read_upload_form(request, max_files=3) as form:
        yield _order_of(form, caller.user_id)


def _order_of(form: UploadForm, owner_id: str) -> Order:
    tau, keep_color, client_key = form.tau(), form.switch("keep_color"), form.client_key()
    content, style_picture, style_id = form.file("file"), form.file("style"), form.text("style_id")
    if content is None:
        raise MissingFile(field="file")
    if style_picture is not None and style_id is not None:
        reason = "style_id and a style picture exclude each other"
        raise InvalidValue(name="style", reason=reason, field="style")
    if style_picture is None and not style_id:
        raise MissingStyle(field="style_id")
    return Order(
        owner_id=owner_id,
        content=content,
        style_picture=style_picture,
        style_id=style_id,
        tau=tau,
        keep_color=keep_color,
        client_key=client_key,
    )


UploadedOrder = Annotated[Order, Depends(_order)]
