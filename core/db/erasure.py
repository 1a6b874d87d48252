"""Erasure of a user: what is marked at once, and when the last rows are deleted.

The API marks everything in one transaction. The workers' retention task does the rest; each of its
steps can be repeated, so that the next run completes what a dead process left behind.
"""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Select, delete, exists, select, update
from sqlalchemy.orm import Session

from core.db.notifications import Webhook
from core.db.pictures import Picture
from core.db.styles import Style, StyleStatus
from core.db.stylizations import OPEN_STATUSES, Stylization
from core.db.users import ApiKey, User, UserKind, WeChatIdentity

# Uploads and forward passes that were running may still end and add rows, which are then found.
ERASURE_GRACE_PERIOD: Final = timedelta(hours=1)


def erase_user(session: Session, user: User, *, now: datetime) -> None:
    """Lock a user out, cancel their jobs, and mark everything they own as deleted.

    API keys, webhooks and the openid are deleted at once. A later WeChat login creates a new user.
    """
    user.erase(now=now)
    session.execute(delete(ApiKey).where(ApiKey.user_id == user.id))
    session.execute(delete(WeChatIdentity).where(WeChatIdentity.user_id == user.id))
    session.execute(delete(Webhook).where(Webhook.owner_id == user.id))
    mark_for_erasure(session, user.id, now=now)


def mark_for_erasure(session: Session, user_id: str, *, now: datetime) -> None:
    """Cancel open jobs; mark stylizations, styles and pictures as deleted. Can be repeated."""
    open_rows = select(Stylization).where(
        Stylization.owner_id == user_id, Stylization.status.in_(OPEN_STATUSES)
    )
    for row in session.scalars(open_rows.with_for_update()):
        row.cancel(now=now)
    session.flush()
    for table in (Stylization, Style, Picture):
        session.execute(
            update(table)
            .where(table.owner_id == user_id, table.deleted_at.is_(None))
            .values(deleted_at=now)
        )


def erased_users(limit: int) -> Select[User]:
    """Select the users who requested erasure and whose rows still exist, oldest request first."""
    return select(User).where(User.kind == UserKind.ERASED).order_by(User.erased_at).limit(limit)


def delete_erased_rows(session: Session, user: User, *, now: datetime) -> bool:
    """Delete an erased user and all their rows, once no bytes are stored and no job is open.

    Returns whether the user was deleted.
    """
    if user.erased_at is None or now - user.erased_at < ERASURE_GRACE_PERIOD:
        return False
    if _has_remaining_work(session, user.id):
        return False
    for table in (Stylization, Style, Picture):  # referencing tables before referenced ones
        session.execute(delete(table).where(table.owner_id == user.id))
    session.execute(delete(User).where(User.id == user.id))
    return True


def _has_remaining_work(session: Session, user_id: str) -> bool:
    has_bytes = exists().where(Picture.owner_id == user_id, Picture.removed_at.is_(None))
    is_open = exists().where(Stylization.owner_id == user_id, Stylization.status.in_(OPEN_STATUSES))
    is_preparing = exists().where(Style.owner_id == user_id, Style.status == StyleStatus.PREPARING)
    return bool(session.scalar(select(has_bytes | is_open | is_preparing)))
