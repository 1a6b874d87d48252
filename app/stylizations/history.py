"""One's own history: searched, named, marked, deleted and brought back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, exists, func, or_, select

from app.pagination import Cursor, page_of
from app.pictures.service import let_go
from app.stylizations.views import Followed, followed, own_row, pictures_of
from core.db.base import UNDO_PERIOD, now_utc
from core.db.engine import Database
from core.db.moderation import CheckState
from core.db.stylizations import Status, StyleShare, Stylization
from core.errors import NotFound
from core.notifications.outbox import enqueue_notifications


@dataclass(frozen=True)
class Search:
    """What to look for; None leaves a question out."""

    status: Status | None = None
    style_id: str | None = None  # a mixture has several
    tau_from: float | None = None
    tau_to: float | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    favourite: bool | None = None
    text: str | None = None  # in the title, whatever its case

    def narrowed(self, rows: Select[Stylization]) -> Select[Stylization]:
        """The rows that answer every question."""
        if self.status is not None:
            rows = rows.where(Stylization.status == self.status)
        if self.tau_from is not None:
            rows = rows.where(Stylization.tau >= self.tau_from)
        if self.tau_to is not None:
            rows = rows.where(Stylization.tau <= self.tau_to)
        if self.favourite is not None:
            rows = rows.where(Stylization.favourite.is_(self.favourite))
        if self.created_from is not None:
            rows = rows.where(Stylization.created_at >= self.created_from)
        if self.created_before is not None:
            rows = rows.where(Stylization.created_at < self.created_before)
        if self.style_id is not None:
            mixed_in = exists().where(
                StyleShare.stylization_id == Stylization.id, StyleShare.style_id == self.style_id
            )
            rows = rows.where(or_(Stylization.style_id == self.style_id, mixed_in))
        if self.text:
            title = func.lower(Stylization.title)
            rows = rows.where(title.contains(self.text.lower(), autoescape=True))
        return rows


def list_stylizations(
    database: Database, owner_id: str, search: Search, *, cursor: Cursor | None, limit: int
) -> tuple[list[Followed], str | None]:
    """What the search finds, newest first, and the cursor of the next page."""
    wanted = search.narrowed(
        select(Stylization)
        .where(Stylization.owner_id == owner_id, Stylization.deleted_at.is_(None))
        .order_by(Stylization.created_at.desc(), Stylization.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        wanted = wanted.where(cursor.precedes(Stylization.created_at, Stylization.id))
    with database.reading() as session:
        rows, following = page_of(list(session.scalars(wanted)), limit)
        return followed(session, rows), following


@dataclass(frozen=True)
class Change:
    """What shall be noted on a stylization; None leaves it as it is, an empty title takes it."""

    title: str | None = None
    favourite: bool | None = None


def change_stylization(
    database: Database, owner_id: str, stylization_id: str, change: Change
) -> Followed:
    """Name it, or mark it as a favourite.

    Raises:
        NotFound: there is none of this owner.
    """
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True)
        if change.title is not None:
            row.title = change.title or None
        if change.favourite is not None:
            row.favourite = change.favourite
        return followed(session, [row])[0]


def delete_stylization(database: Database, owner_id: str, stylization_id: str) -> None:
    """Forget it and its pictures; cancels it first if it has not ended, and ends its sharing.

    Raises:
        NotFound: there is none of this owner.
    """
    now = now_utc()
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True)
        if row.is_open:
            row.cancel(now=now)
            enqueue_notifications(session, row)
        row.deleted_at = now
        row.share_token = None
        session.flush()
        let_go(session, pictures_of(session, [row]), now)


def restore_stylization(database: Database, owner_id: str, stylization_id: str) -> Followed:
    """Bring back what was deleted within the last ten minutes; it stays cancelled, and unshared.

    Pictures that the content check has taken away stay away.

    Raises:
        NotFound: there is none of this owner, or its time is over.
    """
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True, deleted=True)
        if row.deleted_at is None or now_utc() - row.deleted_at > UNDO_PERIOD:
            raise NotFound
        lost = (row.result_picture_id, row.thumb_picture_id)
        is_risky = row.check_state == CheckState.RISKY
        for picture in pictures_of(session, [row]).values():
            went_with_it = picture.deleted_at is not None and picture.deleted_at >= row.deleted_at
            is_here = went_with_it and picture.removed_at is None
            if is_here and not (is_risky and picture.id in lost):
                picture.deleted_at = None
        row.deleted_at = None
        return followed(session, [row])[0]
