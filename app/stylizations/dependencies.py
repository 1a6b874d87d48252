"""What routes ask for: an order out of a form or JSON, a way to show rows, news of them."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, BinaryIO

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from app.accounts.dependencies import MayRead, Uploader
from app.languages import ReaderLanguage
from app.pictures.dependencies import Addresses
from app.pictures.urls import PictureAddresses
from app.resources import request_id_of
from app.stylizations.requests import (
    MAX_TITLE,
    Levels,
    Order,
    StyleShareOrder,
    StylizationOrder,
    checked_styles,
    order_of,
)
from app.stylizations.schemas import StylizationRead
from app.stylizations.subscriptions import StreamSeats, Watch
from app.stylizations.throughput import ThroughputMeter
from app.stylizations.views import Followed
from app.uploads import UploadForm, checked_line, client_key_of, read_upload_form
from core.errors import BadRequest, InvalidValue, MissingFile, MissingStyle
from core.languages import Language
from imaging.formats import PictureFormat

MAX_JSON_BYTES = 64 * 1024


async def _order(request: Request, caller: Uploader) -> AsyncIterator[Order]:
    """Read the body; the caller is known, and counted, before it is read."""
    request_id = request_id_of(request) or None
    if request.headers.get("Content-Type", "").partition(";")[0].strip() == "application/json":
        order = order_of(await _json(request), caller.user_id)
        yield replace(order, request_id=request_id)
        return
    async with read_upload_form(request, max_files=3) as form:
        yield replace(_order_of(form, caller.user_id), request_id=request_id)


async def _json(request: Request) -> StylizationOrder:
    try:
        body = await request.body()
    except ClientDisconnect as gone:
        raise BadRequest(reason="the connection broke off") from gone
    if len(body) > MAX_JSON_BYTES:
        raise BadRequest(reason=f"the body has {len(body)} bytes, at most {MAX_JSON_BYTES} fit")
    try:
        given = StylizationOrder.model_validate_json(body)
    except ValidationError as error:
        raise RequestValidationError(error.errors(include_url=False)) from error
    key = client_key_of(given.client_key, request.headers)
    return given.model_copy(update={"client_key": key})


def _order_of(form: UploadForm, owner_id: str) -> Order:
    title = checked_line(form.text("title"), name="title", longest=MAX_TITLE)
    return Order(
        owner_id=owner_id,
        tau=form.tau(),
        levels=form.json("levels", Levels),
        keep_color=form.switch("keep_color"),
        output_format=_output_format(form),
        max_side_px=form.number("max_side_px"),
        title=title or None,
        client_key=form.client_key(),
        content=_content(form),
        style=_style(form),
    )


def _content(form: UploadForm) -> BinaryIO | str:
    file, picture_id = form.file("file"), form.text("picture_id")
    if file is not None and picture_id is not None:
        reason = "picture_id and a file exclude each other"
        raise InvalidValue(name="picture_id", reason=reason, field="picture_id")
    if file is None and not picture_id:
        raise MissingFile(field="file")
    return file or picture_id or ""


def _style(form: UploadForm) -> BinaryIO | tuple[StyleShareOrder, ...]:
    picture, style_id = form.file("style"), form.text("style_id")
    styles = form.json("styles", tuple[StyleShareOrder, ...])
    if picture is not None and (style_id is not None or styles is not None):
        reason = "style_id and a style picture exclude each other"
        raise InvalidValue(name="style", reason=reason, field="style")
    if picture is not None:
        return picture
    if style_id is not None and styles is None:
        return _one_style(style_id)
    return checked_styles(style_id, styles)


def _one_style(style_id: str) -> tuple[StyleShareOrder, ...]:
    """What cannot be an id is no style of ours: it is told as one that is not there."""
    if not style_id:
        raise MissingStyle(field="style_id")
    return (StyleShareOrder.model_construct(id=style_id, weight=1.0),)


def _output_format(form: UploadForm) -> PictureFormat:
    given = form.text("output_format")
    if given is None:
        return PictureFormat.JPEG
    try:
        return PictureFormat(given)
    except ValueError as error:
        reason = f"{', '.join(PictureFormat)} are possible"
        raise InvalidValue(name="output_format", reason=reason, field="output_format") from error


AnyOrder = Annotated[Order, Depends(_order)]


@dataclass(frozen=True)
class Showing:
    """How rows are shown to this caller."""

    addresses: PictureAddresses
    language: Language
    pace: ThroughputMeter

    def of(self, found: Followed) -> StylizationRead:
        """The row as it stands. It may look at the database, so not on the event loop."""
        pace = self.pace.now() if found.row.is_open else None
        return StylizationRead.of(found, self.addresses, self.language, pace)


def _showing(request: Request, addresses: Addresses, language: ReaderLanguage) -> Showing:
    return Showing(addresses, language, request.app.state.pace)


Shows = Annotated[Showing, Depends(_showing)]


async def _watch(request: Request) -> Watch:
    watch: Watch = request.app.state.watch
    return watch


NewsOfRows = Annotated[Watch, Depends(_watch)]


async def _stream_seat(request: Request, caller: MayRead) -> AsyncIterator[None]:
    """Held until the stream has ended, however it ends."""
    seats: StreamSeats = request.app.state.stream_seats
    with seats.taken_by(caller.user_id):
        yield


StreamSeat = Annotated[None, Depends(_stream_seat)]
