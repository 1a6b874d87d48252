"""Forgetting a user: what is marked at once, and the rows that go when nothing else is left.

The mark is one transaction of the API. The rest is the worker's housekeeping: each step may be done
again, so that a process that dies half-way leaves nothing that the next round does not find.
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

# An upload or a forward that had begun before may still end; what it leaves is found and removed.
ERASURE_GRACE_PERIOD: Final = timedelta(hours=1)


def erase_user(session: Session, user: User, *, now: datetime) -> None:
    """Let nobody in as this user again, end their jobs, and mark all they own as deleted.

    Keys, webhooks and openid go at once; a later login by WeChat is a new user's.
    """
    user.erase(now=now)
    session.execute(delete(ApiKey).where(ApiKey.user_id == user.id))
    session.execute(delete(WeChatIdentity).where(WeChatIdentity.user_id == user.id))
    session.execute(delete(Webhook).where(Webhook.owner_id == user.id))
    mark_for_erasure(session, user.id, now=now)


def mark_for_erasure(session: Session, user_id: str, *, now: datetime) -> None:
    """Cancel what is open; mark stylizations, styles and pictures deleted. Safe to do again."""
    still_open = select(Stylization).where(
        Stylization.owner_id == user_id, Stylization.status.in_(OPEN_STATUSES)
    )
    for row in session.scalars(still_open.with_for_update()):
        row.cancel(now=now)
    session.flush()
    for table in (Stylization, Style, Picture):
        session.execute(
            update(table)
            .where(table.owner_id == user_id, table.deleted_at.is_(None))
            .values(deleted_at=now)
        )


def erased_users(limit: int) -> Select[User]:
    """Those who asked to be forgotten and whose rows are still there."""
    return select(User).where(User.kind == UserKind.ERASED).order_by(User.erased_at).limit(limit)


def delete_erased_rows(session: Session, user: User, *, now: datetime) -> bool:
    """Delete the user and every row of theirs, once no bytes are left and no work is under way.

    Returns whether they are gone.
    """
    if (
        user.erased_at is None
        or now - user.erased_at < ERASURE_GRACE_PERIOD
        or _is_held(session, user.id)
    ):
        return False
    for table in (Stylization, Style, Picture):  # in the order in which they name each other
        session.execute(delete(table).where(table.owner_id == user.id))
    session.execute(delete(User).where(User.id == user.id))
    return True


def _is_held(session: Session, user_id: str) -> bool:
    has_bytes = exists().where(Picture.owner_id == user_id, Picture.removed_at.is_(None))
    is_open = exists().where(Stylization.owner_id == user_id, Stylization.status.in_(OPEN_STATUSES))
    is_prepared = exists().where(Style.owner_id == user_id, Style.status == StyleStatus.PREPARING)
    return bool(session.scalar(select(has_bytes | is_open | is_prepared)))
