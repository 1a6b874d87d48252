"""Creates and removes share links, finds the stylization of a link, and renders posters."""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.resources import Resources
from app.sharing.poster import Theme, compose_poster
from app.stylizations.views import find_owned_row
from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.moderation import CheckState
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.errors import AppError, Expired, NotFinished, NotFound
from core.languages import Language
from core.moderation import begin_missing_check, effective_check_state
from core.storage import Storage
from core.wechat.client import is_wechat_configured
from core.wechat.errors import CheckPending, ContentRejected, UnderReview
from core.wechat.pages import SHARE_PAGE
from imaging.formats import PictureFormat
from imaging.labels import encode_labelled

log = logging.getLogger(__name__)

POSTER_QUALITY: Final = 90
CHECK_RETRY_SECONDS: Final = 5


@dataclass(frozen=True)
class SharedStylization:
    """A shared row with its pictures."""

    row: Stylization
    result: Picture
    thumb: Picture


def share(resources: Resources, owner_id: str, stylization_id: str) -> tuple[str, bool]:
    """Share a stylization that is done.

    Returns:
        The token, and whether it is new; a shared stylization keeps its token.

    Raises:
        NotFound: the owner has no such stylization.
        NotFinished: it has no result.
        CheckPending, UnderReview, ContentRejected: the content check does not allow sharing.
        Expired: its result has been removed.
    """
    _begin_missing_check_of(resources, owner_id, stylization_id)
    with resources.database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True)
        _shareable_result(session, row)
        is_new = row.share_token is None
        row.share_token = row.share_token or new_id("shr")
        return row.share_token, is_new


def render_poster(
    resources: Resources,
    owner_id: str,
    stylization_id: str,
    language: Language,
    theme: Theme,
) -> bytes:
    """Return a labelled JPEG with the photo, the result and the name of the style.

    While the stylization is shared, it has the mini program code that opens it, provided that a
    mini program is set up and WeChat responds.

    Raises:
        NotFound: the owner has no such stylization.
        NotFinished: it has no result.
        CheckPending, UnderReview, ContentRejected: the content check does not allow sharing.
        Expired: its photo or its result has been removed.
    """
    _begin_missing_check_of(resources, owner_id, stylization_id)
    with resources.database.reading() as session:
        row = find_owned_row(session, owner_id, stylization_id)
        result, photo = _shareable_result(session, row), session.get_one(Picture, row.picture_id)
    if not photo.is_available(now_utc()):
        raise Expired
    poster = compose_poster(
        _open_picture(resources.storage, photo),
        _open_picture(resources.storage, result),
        style_name=row.style_name[language],
        label=resources.settings.label,
        code_picture=_code_picture(resources, row.share_token),
        language=language,
        theme=theme,
    )
    return encode_labelled(
        poster,
        PictureFormat.JPEG,
        label=resources.settings.label,
        produce_id=row.id,
        quality=POSTER_QUALITY,
    )


def _code_picture(resources: Resources, share_token: str | None) -> Image.Image | None:
    if share_token is None or not is_wechat_configured(resources.settings):
        return None
    try:
        data = resources.wechat.fetch_mini_program_code(share_token, SHARE_PAGE)
        return Image.open(BytesIO(data), formats=("JPEG", "PNG"))
    except (AppError, OSError):
        log.warning("rendering a poster without the mini program code", exc_info=True)
        return None


def _begin_missing_check_of(resources: Resources, owner_id: str, stylization_id: str) -> None:
    with resources.database.reading() as session:
        row = find_owned_row(session, owner_id, stylization_id)
    begin_missing_check(resources.database, row.id, resources.settings)


def _shareable_result(session: Session, row: Stylization) -> Picture:
    if row.status != Status.DONE or row.result_picture_id is None:
        raise NotFinished(state=row.status)
    _require_passed_check(row)
    result = session.get_one(Picture, row.result_picture_id)
    if not result.is_available(now_utc()):
        raise Expired
    return result


def _require_passed_check(row: Stylization) -> None:
    match effective_check_state(row):
        case CheckState.PENDING:
            raise CheckPending(retry_after_s=CHECK_RETRY_SECONDS)
        case CheckState.REVIEW:
            raise UnderReview
        case CheckState.RISKY:
            raise ContentRejected


def _open_picture(storage: Storage, picture: Picture) -> Image.Image:
    try:
        data = storage.read(picture.storage_key)
    except FileNotFoundError as error:
        raise Expired from error
    return Image.open(BytesIO(data))


def unshare(database: Database, owner_id: str, stylization_id: str) -> None:
    """End the sharing: the link is invalid from now on.

    Raises:
        NotFound: the owner has no such stylization.
    """
    with database.transaction() as session:
        find_owned_row(session, owner_id, stylization_id, lock=True).share_token = None


def find_shared(resources: Resources, token: str) -> SharedStylization:
    """Return the stylization of a share link.

    Raises:
        NotFound: the token is unknown or invalid, or the content check has rejected the result.
        CheckPending, UnderReview: the content check does not allow sharing yet.
        Expired: the result has been removed.
    """
    query = select(Stylization).where(
        Stylization.share_token == token, Stylization.deleted_at.is_(None)
    )
    with resources.database.reading() as session:
        row_id = session.scalar(query.with_only_columns(Stylization.id))
    if row_id is None:
        raise NotFound
    begin_missing_check(resources.database, row_id, resources.settings)
    with resources.database.reading() as session:
        row = session.scalars(query).one_or_none()
        if row is None or row.result_picture_id is None or row.thumb_picture_id is None:
            raise NotFound
        if row.check_state == CheckState.RISKY:
            raise NotFound
        _require_passed_check(row)
        result = session.get_one(Picture, row.result_picture_id)
        thumb = session.get_one(Picture, row.thumb_picture_id)
    if not result.is_available(now_utc()):
        raise Expired
    return SharedStylization(row, result, thumb)
