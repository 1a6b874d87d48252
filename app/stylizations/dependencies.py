"""Dependencies of the stylization routes: the parsed request, the serializer, status changes."""

import unicodedata
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import AfterValidator, AwareDatetime, Field, TypeAdapter, ValidationError

from app.accounts.dependencies import MayRead, Uploader
from app.client_text import checked_line
from app.languages import ResponseLanguage
from app.pictures.dependencies import SignedURLs
from app.pictures.service import StoredPhoto, UploadedPhoto
from app.pictures.urls import PictureURLs
from app.request_bodies import JSON, media_type_of, wrong_media_type
from app.resources import OpenResources, request_id_of
from app.stylizations.history import HistoryFilter
from app.stylizations.requests import (
    MAX_TITLE,
    Levels,
    NamedStyles,
    StyleShareBody,
    StyleShares,
    StylizationBody,
    StylizationRequest,
    UploadedStyle,
    named_styles,
    request_from,
)
from app.stylizations.schemas import StylizationRead
from app.stylizations.throughput import ThroughputMeter
from app.stylizations.views import StylizationView
from app.uploads import FORM, UploadForm, client_key_of, read_upload_form
from app.validation_errors import validation_error
from core.db.stylizations import Status
from core.errors import InvalidValue, MissingFile
from core.languages import Language, LocalizedText
from imaging.formats import PictureFormat
from styling.brush import DEFAULT_BRUSH
from styling.strength import Strength

# The request of `POST /v1/stylizations`

LEVELS = TypeAdapter(Levels)
STYLE_SHARES: TypeAdapter[tuple[StyleShareBody, ...]] = TypeAdapter(StyleShares)


async def _parse_request(request: Request, caller: Uploader) -> AsyncIterator[StylizationRequest]:
    """Read the body after the caller was authenticated and the rate limit was checked."""
    request_id = request_id_of(request) or None
    media_type = media_type_of(request.headers)
    if media_type == JSON:
        parsed = request_from(await _read_json(request), caller.user_id)
        yield replace(parsed, request_id=request_id)
        return
    if media_type != FORM:
        raise wrong_media_type(FORM, JSON)
    async with read_upload_form(request, file_fields=("file", "style")) as form:
        yield replace(_request_from_form(form, caller.user_id), request_id=request_id)


async def _read_json(request: Request) -> StylizationBody:
    try:
        body = StylizationBody.model_validate(await request.json())
    except ValidationError as error:
        first = error.errors()[0]
        raise validation_error(first, first["loc"]) from error
    key = client_key_of(body.client_key, request.headers)
    return body.model_copy(update={"client_key": key})


def _request_from_form(form: UploadForm, owner_id: str) -> StylizationRequest:
    title = checked_line(form.text("title"), field="title", longest=MAX_TITLE)
    return StylizationRequest(
        owner_id=owner_id,
        tau=form.tau(),
        levels=form.json("levels", LEVELS),
        brush=form.choice("brush", DEFAULT_BRUSH),
        keep_color=form.boolean("keep_color"),
        output_format=form.choice("output_format", PictureFormat.JPEG),
        max_side_px=form.number("max_side_px"),
        title=title or None,
        client_key=form.client_key(),
        photo=_photo(form),
        style=_style(form),
    )


def _photo(form: UploadForm) -> UploadedPhoto | StoredPhoto:
    file, picture_id = form.file("file"), form.text("picture_id")
    if file is not None and picture_id is not None:
        reason = LocalizedText(
            zh="picture_id 与 file 只能提供一个", en="send either picture_id or file, not both"
        )
        raise InvalidValue("picture_id", reason)
    if file is not None:
        return UploadedPhoto(file)
    if not picture_id:
        raise MissingFile(field="file")
    return StoredPhoto(picture_id)


def _style(form: UploadForm) -> UploadedStyle | NamedStyles:
    file, style_id = form.file("style"), form.text("style_id")
    styles = form.json("styles", STYLE_SHARES)
    if file is not None and (style_id is not None or styles is not None):
        reason = LocalizedText(
            zh="风格图片与风格 id 只能提供一个",
            en="send either a style picture or the id of a style, not both",
        )
        raise InvalidValue("style", reason)
    if file is not None:
        return UploadedStyle(file)
    return named_styles(style_id, styles)


ParsedRequest = Annotated[StylizationRequest, Depends(_parse_request)]


# The conditions of `GET /v1/stylizations`

SearchedText = Annotated[
    str,
    Field(max_length=4 * MAX_TITLE),  # before accents are composed
    AfterValidator(partial(unicodedata.normalize, "NFC")),
    Field(max_length=MAX_TITLE),
]
"""A title as a client has typed it, whose accents may be characters of their own."""


def _history_filter(
    status: Annotated[Status | None, Query(description="Only with this status.")] = None,
    style: Annotated[
        str | None,
        Query(description="Only with the style of this id, alone or in a mixture."),
    ] = None,
    tau_from: Annotated[
        Strength | None, Query(description="Only with this strength or a higher one.")
    ] = None,
    tau_to: Annotated[
        Strength | None, Query(description="Only with this strength or a lower one.")
    ] = None,
    tau_below: Annotated[
        Strength | None, Query(description="Only with a lower strength than this.")
    ] = None,
    created_from: Annotated[
        AwareDatetime | None, Query(description="Only created at this time or later.")
    ] = None,
    created_before: Annotated[
        AwareDatetime | None, Query(description="Only created before this time.")
    ] = None,
    favourite: Annotated[
        bool | None, Query(description="True: only favourites; false: only the others.")
    ] = None,
    q: Annotated[
        SearchedText | None,
        Query(
            description=(
                "Only with this text in the title or in the name of a style, in Chinese or in "
                "English. Case, the width of letters and the encoding of accents do not matter."
            )
        ),
    ] = None,
) -> HistoryFilter:
    return HistoryFilter(
        status=status,
        style_id=style,
        tau_from=tau_from,
        tau_to=tau_to,
        tau_below=tau_below,
        created_from=created_from,
        created_before=created_before,
        favourite=favourite,
        text=q,
    )


HistoryConditions = Annotated[HistoryFilter, Depends(_history_filter)]


# Responses


@dataclass(frozen=True)
class StylizationSerializer:
    """Turns views into responses for one client: its base URL and its language."""

    urls: PictureURLs
    language: Language
    throughput_meter: ThroughputMeter

    def serialize(self, view: StylizationView) -> StylizationRead:
        """Return the response body. May query the database, so never call it on the event loop."""
        throughput = self.throughput_meter.current() if view.row.is_open else None
        return StylizationRead.of(view, self.urls, self.language, throughput)


def _serializer(
    resources: OpenResources, urls: SignedURLs, language: ResponseLanguage
) -> StylizationSerializer:
    return StylizationSerializer(urls, language, resources.throughput_meter)


Serializer = Annotated[StylizationSerializer, Depends(_serializer)]


# Event streams


async def _limit_streams(resources: OpenResources, caller: MayRead) -> AsyncIterator[None]:
    """Count the stream of this caller until it has ended."""
    with resources.stream_limiter.count_stream(caller.user_id):
        yield


StreamLimit = Annotated[None, Depends(_limit_streams)]
