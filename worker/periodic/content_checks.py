"""Requests WeChat's content checks, and repeats a request when no verdict arrives.

Several workers can run this: a check is leased for a minute before it is requested. WeChat pushes
the result to the API (`app/moderation`). A check without a verdict ends in a manual review.
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
from core.db.moderation import CheckState, CheckTrace, ContentCheck
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.moderation import (
    apply_result,
    lock_trace,
    record_policy_without_openid,
    set_check_state,
)
from core.picture_urls import PictureURLSigner, Variant
from core.settings import Settings
from core.wechat.client import WeChat
from core.wechat.errors import WeChatAccessRefused, WeChatRefused, WeChatUnavailable
from core.wechat.openids import find_openid

log = logging.getLogger(__name__)

READABLE_FORMATS: Final = frozenset({"JPEG", "PNG"})  # WeChat does not read WebP
MAX_READABLE_BYTES: Final = 10 * 1024 * 1024

VERDICT_TIMEOUT: Final = timedelta(minutes=30)  # WeChat states that a verdict takes no longer
MAX_REQUESTS: Final = 3  # without a verdict; then the result needs a manual review
BATCH_SIZE: Final = 20
LEASE: Final = timedelta(minutes=1)
FIRST_RETRY: Final = timedelta(seconds=15)
MAX_RETRY: Final = timedelta(minutes=10)
MAX_CHECK_AGE: Final = timedelta(days=1)  # after that the result needs a manual review
UNMATCHED_RESULT_RETENTION: Final = timedelta(days=1)


@dataclass(frozen=True)
class CheckRequest:
    """A leased check and what its request needs."""

    stylization_id: str
    owner_id: str
    picture: Picture
    failures: int


class ContentChecker:
    """Requests the content checks that are due, one after the other."""

    def __init__(
        self,
        *,
        database: Database,
        wechat: WeChat,
        signing_secrets: tuple[str, ...],
        settings: Settings,
    ) -> None:
        """`signing_secrets` sign the URLs from which WeChat downloads the pictures."""
        self._database = database
        self._wechat = wechat
        self._settings = settings
        # A URL must stay valid until the verdict arrives, even if URLs for clients expire sooner.
        lifetime_seconds = max(
            settings.url_lifetime_seconds, int(2 * VERDICT_TIMEOUT.total_seconds())
        )
        self._signer = PictureURLSigner(signing_secrets, lifetime_seconds=lifetime_seconds)

    def request_due(self) -> int:
        """Request the checks that are due. Returns the number of due checks in this batch."""
        due = select(ContentCheck.stylization_id).where(ContentCheck.due_at <= now_utc())
        with self._database.reading() as session:
            ids = session.scalars(due.order_by(ContentCheck.due_at).limit(BATCH_SIZE)).all()
        for stylization_id in ids:
            request = self._lease(stylization_id)
            if request is not None:
                self._send(request)
        return len(ids)

    def delete_unmatched_results(self) -> None:
        """Delete results that belong to no recorded request after a day."""
        is_unmatched = CheckTrace.stylization_id.is_(None)
        with self._database.transaction() as session:
            is_old = CheckTrace.created_at < now_utc() - UNMATCHED_RESULT_RETENTION
            session.execute(delete(CheckTrace).where(is_unmatched, is_old))

    def _lease(self, stylization_id: str) -> CheckRequest | None:
        """Return the request to send now, or None if the check needs none."""
        now = now_utc()
        with self._database.transaction() as session:
            row, check = _lock(session, stylization_id)
            if row is None or check is None or check.due_at is None or check.due_at > now:
                return None
            if row.deleted_at is not None:  # the deletion can still be undone
                is_final = now - row.deleted_at > UNDO_PERIOD
                check.due_at = None if is_final else row.deleted_at + UNDO_PERIOD + LEASE
                return None
            picture = session.get_one(Picture, row.result_picture_id)
            is_old = now - check.created_at > MAX_CHECK_AGE
            if check.asked >= MAX_REQUESTS or is_old:
                log.warning("WeChat returned no verdict for %s; it needs a manual review", row.id)
                set_check_state(session, row, CheckState.REVIEW, now)
                return None
            if not picture.is_available(now):  # an expired picture cannot be shared
                check.end()
                return None
            check.lease(until=now + LEASE)
            return CheckRequest(row.id, row.owner_id, picture, check.failures)

    def _send(self, request: CheckRequest) -> None:
        openid = find_openid(self._database, self._wechat.appid, request.owner_id)
        if openid is None:
            self._apply_policy_without_openid(request)
            return
        try:
            trace_id = self._wechat.request_content_check(self._url(request.picture), openid)
        except (WeChatUnavailable, WeChatAccessRefused) as error:
            self._postpone(request, error.reason)
        except WeChatRefused as refusal:
            self._record_refusal(request, refusal.reason)
        else:
            self._record_request(request, trace_id)

    def _url(self, picture: Picture) -> str:
        is_readable = picture.format in READABLE_FORMATS and picture.bytes <= MAX_READABLE_BYTES
        path = self._signer.path(
            picture.id,
            picture.file_format,
            now=now_utc(),
            expires_at=picture.expires_at,
            variant=Variant.FULL if is_readable else Variant.JPEG,
        )
        return self._settings.base_url + path

    def _record_request(self, request: CheckRequest, trace_id: str) -> None:
        now = now_utc()
        with self._database.transaction() as session:
            trace = lock_trace(session, trace_id)
            row, check = _lock(session, request.stylization_id)
            if row is None:
                return
            trace.stylization_id = row.id
            if check is not None and check.due_at is not None:
                check.record_request(verdict_until=now + VERDICT_TIMEOUT)
            apply_result(session, trace, now)  # the result may have arrived already

    def _record_refusal(self, request: CheckRequest, reason: str) -> None:
        log.error("the content check of %s was refused: %s", request.stylization_id, reason)
        self._update(
            request,
            lambda check, now: check.record_refusal(reason, until=now + VERDICT_TIMEOUT),
        )

    def _postpone(self, request: CheckRequest, reason: str) -> None:
        log.warning("the content check of %s is postponed: %s", request.stylization_id, reason)
        delay = min(FIRST_RETRY * 2 ** min(request.failures, 10), MAX_RETRY)
        self._update(request, lambda check, now: check.postpone(reason, until=now + delay))

    def _apply_policy_without_openid(self, request: CheckRequest) -> None:
        """Set the configured state, since WeChat only checks pictures of users with an openid."""
        now = now_utc()
        with self._database.transaction() as session:
            row, _ = _lock(session, request.stylization_id)
            if row is not None:
                state = CheckState(self._settings.moderation_without_openid)
                record_policy_without_openid(session, row, state, now)

    def _update(
        self, request: CheckRequest, update: Callable[[ContentCheck, datetime], None]
    ) -> None:
        now = now_utc()
        with self._database.transaction() as session:
            _, check = _lock(session, request.stylization_id)
            if check is not None and check.due_at is not None:
                update(check, now)


def _lock(session: Session, stylization_id: str) -> tuple[Stylization | None, ContentCheck | None]:
    """Lock the stylization before its check, always in this order, to avoid deadlocks."""
    row = session.get(Stylization, stylization_id, with_for_update=True, populate_existing=True)
    check = session.get(ContentCheck, stylization_id, with_for_update=True, populate_existing=True)
    return row, check
