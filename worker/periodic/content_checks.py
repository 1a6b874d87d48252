"""Asks WeChat whether works may be shared, and asks again when no verdict comes.

Safe with several workers: a question is taken for a minute before it is put. What WeChat answers
reaches the API (`app/moderation`); here is only asked, waited and, in the end, given up: `review`.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from core.db.base import UNDO_PERIOD, now_utc
from core.db.engine import Database
from core.db.moderation import (
    CheckState,
    CheckTrace,
    ContentCheck,
    decide,
    follow,
    locked_trace,
)
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.picture_urls import PictureURLSigner, Variant
from core.settings import Settings
from core.wechat.worker_client import NotReached, Refused, WeChatAccount, WeChatCalls

log = logging.getLogger(__name__)

CHECK_PATH: Final = "/wxa/media_check_async"
VERSION: Final = 2
PICTURE: Final = 2  # of `media_type`
SOCIAL_LOG: Final = 4  # of `scene`: what one shows to others
READ_FORMATS: Final = frozenset({"JPEG", "PNG"})  # of ours; WebP is none that WeChat reads
MOST_BYTES: Final = 10 * 1024 * 1024

VERDICT_TIMEOUT: Final = timedelta(minutes=30)  # WeChat states that a verdict takes no longer
MAX_REQUESTS: Final = 3  # without a verdict; then the result goes to manual review
AT_ONCE: Final = 20
TAKEN_FOR: Final = timedelta(minutes=1)
FIRST_RETRY: Final = timedelta(seconds=15)
LONGEST_RETRY: Final = timedelta(minutes=10)
GIVEN_UP_AFTER: Final = timedelta(days=1)  # whatever the reason
STRAY_TRACES_KEPT: Final = timedelta(days=1)


Step = Callable[[ContentCheck, datetime], None]


@dataclass(frozen=True)
class Question:
    """A work that is to be asked of now."""

    stylization_id: str
    owner_id: str
    picture: Picture
    failures: int


class Checker:
    """Puts the questions that are due, one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        account: WeChatAccount,
        calls: WeChatCalls,
        secrets: tuple[str, ...],
        settings: Settings,
    ) -> None:
        """`secrets` sign the addresses by which WeChat fetches the pictures."""
        self._database = database
        self._account = account
        self._calls = calls
        self._settings = settings
        self._timeout = VERDICT_TIMEOUT
        # An address must outlive the answer, however short those of clients are.
        lifetime = max(settings.url_lifetime_seconds, int(2 * self._timeout.total_seconds()))
        self._signer = PictureURLSigner(secrets, lifetime_seconds=lifetime)

    def ask_due(self) -> int:
        """Ask what is due now. Returns how many works were looked at."""
        due = select(ContentCheck.stylization_id).where(ContentCheck.due_at <= now_utc())
        with self._database.reading() as session:
            ids = session.scalars(due.order_by(ContentCheck.due_at).limit(AT_ONCE)).all()
        for stylization_id in ids:
            question = self._take(stylization_id)
            if question is not None:
                self._put(question)
        return len(ids)

    def forget(self) -> None:
        """Forget answers to questions that nobody has asked."""
        stray = CheckTrace.stylization_id.is_(None)
        with self._database.transaction() as session:
            old = CheckTrace.created_at < now_utc() - STRAY_TRACES_KEPT
            session.execute(delete(CheckTrace).where(stray, old))

    # Taking

    def _take(self, stylization_id: str) -> Question | None:
        now = now_utc()
        with self._database.transaction() as session:
            row, check = _locked(session, stylization_id)
            if row is None or check is None or check.due_at is None or check.due_at > now:
                return None
            if row.deleted_at is not None:  # it may be brought back
                is_over = now - row.deleted_at > UNDO_PERIOD
                check.due_at = None if is_over else row.deleted_at + UNDO_PERIOD + TAKEN_FOR
                return None
            picture = session.get_one(Picture, row.result_picture_id)
            is_old = now - check.created_at > GIVEN_UP_AFTER
            if check.asked >= MAX_REQUESTS or is_old:
                log.warning("%s: no verdict; a person has to decide", row.id)
                decide(session, row, CheckState.REVIEW, now)
                return None
            if not picture.is_available(now):  # there is nothing left to be shared
                check.end()
                return None
            check.take(until=now + TAKEN_FOR)
            return Question(row.id, row.owner_id, picture, check.failures)

    # Asking

    def _put(self, question: Question) -> None:
        openid = self._account.openid_of_user(question.owner_id)
        if openid is None:
            self._let_policy_decide(question)
            return
        content = {
            "media_url": self._address(question.picture),
            "media_type": PICTURE,
            "version": VERSION,
            "scene": SOCIAL_LOG,
            "openid": openid,
        }
        try:
            answer = self._calls.post(CHECK_PATH, content)
        except NotReached as away:
            self._put_off(question, str(away))
        except Refused as refusal:
            self._note_refused(question, str(refusal))
        else:
            self._note_asked(question, str(answer.get("trace_id", "")))

    def _address(self, picture: Picture) -> str:
        is_read = picture.format in READ_FORMATS and picture.bytes <= MOST_BYTES
        path = self._signer.path(
            picture.id,
            now=now_utc(),
            expires_at=picture.expires_at,
            variant=Variant.FULL if is_read else Variant.JPEG,
        )
        return self._settings.base_url + path

    # Noting

    def _note_asked(self, question: Question, trace_id: str) -> None:
        if not trace_id:
            self._put_off(question, "an answer without a trace_id")
            return
        now = now_utc()
        with self._database.transaction() as session:
            trace = locked_trace(session, trace_id)
            row, check = _locked(session, question.stylization_id)
            if row is None:
                return
            trace.stylization_id = row.id
            if check is not None and check.due_at is not None:
                check.note_asked(answer_until=now + self._timeout)
            follow(session, trace, now)  # the answer may have been faster

    def _note_refused(self, question: Question, reason: str) -> None:
        log.error("%s cannot be checked: %s", question.stylization_id, reason)
        self._change(
            question, lambda check, now: check.note_refused(reason, until=now + self._timeout)
        )

    def _put_off(self, question: Question, reason: str) -> None:
        log.warning("%s is checked later: %s", question.stylization_id, reason)
        pause = min(FIRST_RETRY * 2 ** min(question.failures, 10), LONGEST_RETRY)
        self._change(question, lambda check, now: check.put_off(reason, until=now + pause))

    def _let_policy_decide(self, question: Question) -> None:
        """Its owner has been forgotten by WeChat's login since."""
        now = now_utc()
        with self._database.transaction() as session:
            row, _ = _locked(session, question.stylization_id)
            if row is not None:
                decide(session, row, CheckState(self._settings.moderation_without_openid), now)

    def _change(self, question: Question, step: Step) -> None:
        now = now_utc()
        with self._database.transaction() as session:
            _, check = _locked(session, question.stylization_id)
            if check is not None and check.due_at is not None:
                step(check, now)


def _locked(
    session: Session, stylization_id: str
) -> tuple[Stylization | None, ContentCheck | None]:
    """Always the row before its check, so that no two wait for each other."""
    row = session.get(Stylization, stylization_id, with_for_update=True, populate_existing=True)
    check = session.get(ContentCheck, stylization_id, with_for_update=True, populate_existing=True)
    return row, check
