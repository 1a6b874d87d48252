"""Records the results of content checks that WeChat pushes, and the decisions of operators."""

import logging
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from app.client_text import quoted
from app.moderation.push_messages import MediaCheckEvent, PushReader, PushSignature
from app.resources import Resources
from core.db.base import now_utc
from core.db.engine import Database
from core.db.moderation import CHECK_FAILED, CheckState
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.errors import BadRequest, NotFound
from core.languages import LocalizedText
from core.moderation import apply_result, lock_trace, record_manual_review
from core.settings import Settings

log = logging.getLogger(__name__)

CHECK_EVENT: Final = "wxa_media_check"


def verify_push_url(settings: Settings, signature: PushSignature) -> None:
    """Verify that WeChat sent the request that checks the URL of the message push.

    Raises:
        NotFound: the message push is not configured.
        Forbidden: the signature is wrong or too old.
    """
    _push_reader(settings).verify(signature, now=now_utc())


def receive_push(resources: Resources, signature: PushSignature, body: bytes) -> None:
    """Record the result of a content check. Other messages are ignored.

    Raises:
        NotFound: the message push is not configured.
        Forbidden: the message is not from WeChat, or the signature is too old.
        BadRequest: the message cannot be read.
    """
    now = now_utc()
    fields = _push_reader(resources.settings).read(body, signature, now=now)
    if fields.get("Event") != CHECK_EVENT:
        log.info("ignored a WeChat push with the event %.40r", fields.get("Event"))
        return
    event = _media_check_event(fields)
    if event.appid not in (None, resources.settings.wechat_appid):
        log.warning("ignored a content check result for another mini program: %.40r", event.appid)
        return
    record_result(resources.database, event, now)


def record_result(database: Database, event: MediaCheckEvent, now: datetime) -> None:
    """Record the result of a content check and apply it. A repeated result changes nothing.

    WeChat can push a result before the worker has recorded its request. Such a result is kept for
    a day, and the worker applies it.
    """
    with database.transaction() as session:
        trace = lock_trace(session, event.trace_id)
        if trace.heard_at is not None:
            return
        trace.heard_at = now
        result = event.result if event.errcode == 0 else None
        trace.verdict = result.suggest if result is not None else CHECK_FAILED
        trace.label = event.result.label if event.result is not None else None
        if trace.stylization_id is None:
            log.warning("received a result for an unknown content check: %s", event.trace_id)
            return
        if result is None:
            log.warning("WeChat could not check %s (%d)", trace.stylization_id, event.errcode)
        apply_result(session, trace, now)


def list_unapproved(database: Database) -> list[tuple[Stylization, Picture]]:
    """Return stylizations in `pending` or `review` with their results, oldest first."""
    unapproved = (
        select(Stylization, Picture)
        .join(Picture, Picture.id == Stylization.result_picture_id)
        .where(Stylization.check_state.in_([CheckState.PENDING, CheckState.REVIEW]))
        .where(Stylization.deleted_at.is_(None), Picture.removed_at.is_(None))
        .order_by(Stylization.created_at, Stylization.id)
    )
    with database.reading() as session:
        return [(row, picture) for row, picture in session.execute(unapproved)]


def review_manually(database: Database, stylization_id: str, state: CheckState) -> None:
    """Set the decision of an operator. It takes precedence over earlier and later verdicts.

    Raises:
        NotFound: the stylization does not exist or is not done.
    """
    with database.transaction() as session:
        row = session.get(Stylization, stylization_id, with_for_update=True)
        if row is None or row.status != Status.DONE:
            raise NotFound
        record_manual_review(session, row, state, now_utc())


def _media_check_event(fields: dict[str, Any]) -> MediaCheckEvent:
    try:
        return MediaCheckEvent.model_validate(fields)
    except ValidationError as error:
        names = ", ".join(".".join(map(quoted, fault["loc"])) for fault in error.errors())
        reason = LocalizedText(
            zh=f"内容安全检查结果中的字段无效（{names}）",
            en=f"fields of the content check result are not valid ({names})",
        )
        raise BadRequest(reason) from error


def _push_reader(settings: Settings) -> PushReader:
    token, key = settings.wechat_push_token, settings.wechat_push_aes_key
    if token is None:
        raise NotFound
    return PushReader(
        token.get_secret_value(),
        aes_key=key.get_secret_value() if key else None,
        appid=settings.wechat_appid,
    )
