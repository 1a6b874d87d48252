"""Makes links and posters, takes links back, and finds the work behind one."""

import logging
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.resources import Resources
from app.sharing.poster import Theme, compose_poster
from app.stylizations.views import own_row
from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.moderation import CheckState, state_of
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.errors import AppError, Expired, NotFinished, NotFound
from core.languages import Language
from core.settings import Settings
from core.storage import Storage
from core.wechat.client import WeChat
from core.wechat.errors import CheckPending, ContentRejected, UnderReview
from core.wechat.pages import SHARE_PAGE
from imaging.formats import PictureFormat
from imaging.labels import encode_labelled

log = logging.getLogger(__name__)

POSTER_QUALITY: Final = 90
CHECK_RETRY_SECONDS: Final = 5


@dataclass(frozen=True)
class SharedWork:
    """A row that is shared, with its pictures."""

    row: Stylization
    result: Picture
    thumb: Picture


def share(database: Database, owner_id: str, stylization_id: str) -> tuple[str, bool]:
    """A token for a work that is done.

    Returns:
        The token, and whether it is new; a work that is shared keeps the one it has.

    Raises:
        NotFound: there is none of this owner.
        NotFinished: it has no picture.
        CheckPending, UnderReview, ContentRejected: the content check keeps it to its owner.
        Expired: its picture has been forgotten.
    """
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True)
        _result_of(session, row)
        is_new = row.share_token is None
        row.share_token = row.share_token or new_id("shr")
        return row.share_token, is_new


def poster(
    resources: Resources,
    wechat: WeChat,
    owner_id: str,
    stylization_id: str,
    language: Language,
    theme: Theme,
) -> bytes:
    """Photograph and result side by side with the style's name, labelled: a JPEG to be passed on.

    That of a shared work carries the mini program's code that leads to it, where there is a mini
    program and WeChat answers.

    Raises:
        NotFound: there is none of this owner.
        NotFinished: it has no picture.
        CheckPending, UnderReview, ContentRejected: the content check keeps it to its owner.
        Expired: one of its pictures has been forgotten.
    """
    with resources.database.reading() as session:
        row = own_row(session, owner_id, stylization_id)
        result, photo = _result_of(session, row), session.get_one(Picture, row.picture_id)
    if not photo.is_available(now_utc()):
        raise Expired
    composed = compose_poster(
        _opened(resources.storage, photo),
        _opened(resources.storage, result),
        style_name=row.style_name[language],
        label=resources.settings.label,
        code_picture=_code_picture(resources.settings, wechat, row.share_token),
        language=language,
        theme=theme,
    )
    return encode_labelled(
        composed,
        PictureFormat.JPEG,
        label=resources.settings.label,
        produce_id=row.id,
        quality=POSTER_QUALITY,
    )


def _code_picture(
    settings: Settings, wechat: WeChat, share_token: str | None
) -> Image.Image | None:
    if share_token is None or settings.wechat_appid is None:
        return None
    try:
        data = wechat.code_picture(share_token, SHARE_PAGE)
        return Image.open(BytesIO(data), formats=("JPEG", "PNG"))
    except (AppError, OSError):
        log.warning("a poster goes without the mini program's code", exc_info=True)
        return None


def _result_of(session: Session, row: Stylization) -> Picture:
    if row.status != Status.DONE or row.result_picture_id is None:
        raise NotFinished(state=row.status)
    _must_have_passed(row)
    result = session.get_one(Picture, row.result_picture_id)
    if not result.is_available(now_utc()):
        raise Expired
    return result


def _must_have_passed(row: Stylization) -> None:
    match state_of(row):
        case CheckState.PENDING:
            raise CheckPending(retry_after_s=CHECK_RETRY_SECONDS)
        case CheckState.REVIEW:
            raise UnderReview
        case CheckState.RISKY:
            raise ContentRejected


def _opened(storage: Storage, picture: Picture) -> Image.Image:
    try:
        data = storage.read(picture.storage_key)
    except FileNotFoundError as gone:
        raise Expired from gone
    return Image.open(BytesIO(data))


def unshare(database: Database, owner_id: str, stylization_id: str) -> None:
    """Take the link back; whoever has it finds nothing from now on.

    Raises:
        NotFound: there is none of this owner.
    """
    with database.transaction() as session:
        own_row(session, owner_id, stylization_id, lock=True).share_token = None


def find_shared(database: Database, token: str) -> SharedWork:
    """The work behind a link.

    Raises:
        NotFound: there is no such link, it was taken back, or what it showed was found risky.
        CheckPending, UnderReview: the content check keeps it to its owner for now.
        Expired: the picture has been forgotten.
    """
    if "\0" in token:  # PostgreSQL cannot even be asked for it
        raise NotFound
    shared = select(Stylization).where(
        Stylization.share_token == token, Stylization.deleted_at.is_(None)
    )
    with database.reading() as session:
        row = session.scalars(shared).one_or_none()
        if row is None or row.result_picture_id is None or row.thumb_picture_id is None:
            raise NotFound
        if row.check_state == CheckState.RISKY:
            raise NotFound
        _must_have_passed(row)
        result = session.get_one(Picture, row.result_picture_id)
        thumb = session.get_one(Picture, row.thumb_picture_id)
    if not result.is_available(now_utc()):
        raise Expired
    return SharedWork(row, result, thumb)
