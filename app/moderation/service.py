"""Takes verdicts in: each trace is heard once, the gravest verdict of a work holds."""

import logging
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy import select

from app.moderation.push_messages import MediaCheck, PushReader, Seal
from app.resources import Resources
from core.db.base import now_utc
from core.db.engine import Database
from core.db.moderation import NO_ANSWER, CheckState, decide, follow, locked_trace, overrule
from core.db.pictures import Picture
from core.db.stylizations import Status, Stylization
from core.errors import BadRequest, NotFound
from core.settings import Settings

log = logging.getLogger(__name__)

CHECK_EVENT: Final = "wxa_media_check"


def verify_address(settings: Settings, seal: Seal) -> None:
    """Whether it is WeChat that asks if this address is ours.

    Raises:
        NotFound: no push is set up.
        Forbidden: it is somebody else.
    """
    _reader(settings).check(seal, now=now_utc())


def take_push(resources: Resources, seal: Seal, body: bytes) -> None:
    """Take in what WeChat pushes; what is not a verdict of ours is let pass.

    Raises:
        NotFound: no push is set up.
        Forbidden: it is somebody else.
        BadRequest: it cannot be read.
    """
    now = now_utc()
    fields = _reader(resources.settings).read(body, seal, now=now)
    if fields.get("Event") != CHECK_EVENT:
        log.info("a push that is not a verdict: %.40r", fields.get("Event"))
        return
    told = _media_check(fields)
    if told.appid not in (None, resources.settings.wechat_appid):
        log.warning("a verdict for another mini program, %.40r", told.appid)
        return
    hear(resources.database, told, now)


def hear(database: Database, told: MediaCheck, now: datetime) -> None:
    """Write a verdict down. What comes again changes nothing.

    A verdict may overtake the worker that is writing its question down, so an unknown trace is kept
    for a day.
    """
    with database.transaction() as session:
        trace = locked_trace(session, told.trace_id)
        if trace.heard_at is not None:
            return
        trace.heard_at = now
        is_answer = told.errcode == 0 and told.result is not None
        trace.verdict = told.result.suggest if is_answer and told.result else NO_ANSWER
        trace.label = told.result.label if told.result else None
        if trace.stylization_id is None:
            log.warning("a verdict for a question that is not known (yet): %s", told.trace_id)
            return
        if not is_answer:
            log.warning("%s: WeChat could not check it (%d)", trace.stylization_id, told.errcode)
        follow(session, trace, now)


def list_undecided(database: Database) -> list[tuple[Stylization, Picture]]:
    """Works in review or pending, oldest first, with their results."""
    undecided = (
        select(Stylization, Picture)
        .join(Picture, Picture.id == Stylization.result_picture_id)
        .where(Stylization.check_state.in_([CheckState.PENDING, CheckState.REVIEW]))
        .where(Stylization.deleted_at.is_(None), Picture.removed_at.is_(None))
        .order_by(Stylization.created_at, Stylization.id)
    )
    with database.reading() as session:
        return [(row, picture) for row, picture in session.execute(undecided)]


def decide_by_hand(database: Database, stylization_id: str, state: CheckState) -> None:
    """A person decides, whatever the check has said so far or says later.

    Raises:
        NotFound: there is no such work, or it is not done.
    """
    with database.transaction() as session:
        row = session.get(Stylization, stylization_id, with_for_update=True)
        if row is None or row.status != Status.DONE:
            raise NotFound
        now = now_utc()
        overrule(session, row, state, now)
        decide(session, row, state, now)


def _media_check(fields: dict[str, Any]) -> MediaCheck:
    try:
        return MediaCheck.model_validate(fields)
    except ValidationError as error:
        names = ", ".join(".".join(map(str, fault["loc"])) for fault in error.errors())
        raise BadRequest(reason=f"the verdict cannot be read ({names})") from error


def _reader(settings: Settings) -> PushReader:
    token, key = settings.wechat_push_token, settings.wechat_push_aes_key
    if token is None:
        raise NotFound
    return PushReader(
        token.get_secret_value(),
        aes_key=key.get_secret_value() if key else None,
        appid=settings.wechat_appid,
    )
