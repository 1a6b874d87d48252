"""An owner's history: list, change, delete and restore stylizations."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Select, exists, func, or_, select

from app.pagination import Cursor, page_of
from app.pictures.service import release_pictures
from app.stylizations.views import StylizationView, find_owned_row, load_pictures, load_views
from core.db.base import UNDO_PERIOD, now_utc
from core.db.engine import Database
from core.db.moderation import CheckState
from core.db.search_text import searchable
from core.db.stylizations import Status, StyleShare, Stylization
from core.errors import NotFound
from core.notifications.outbox import enqueue_notifications

# The previous version, which still runs during an upgrade, writes rows without a search text.
SEARCHED: Final = func.coalesce(Stylization.search_text, func.lower(Stylization.title))


@dataclass(frozen=True)
class HistoryFilter:
    """The conditions of a search; None leaves a condition out."""

    status: Status | None = None
    style_id: str | None = None  # of a mixture: any of its styles
    tau_from: float | None = None
    tau_to: float | None = None
    tau_below: float | None = None
    created_from: datetime | None = None
    created_before: datetime | None = None
    favourite: bool | None = None
    text: str | None = None  # part of the title or of a style's name, however it is spelled

    def apply(self, rows: Select[Stylization]) -> Select[Stylization]:
        """Return the query restricted to rows that meet every condition."""
        if self.status is not None:
            rows = rows.where(Stylization.status == self.status)
        if self.tau_from is not None:
            rows = rows.where(Stylization.tau >= self.tau_from)
        if self.tau_to is not None:
            rows = rows.where(Stylization.tau <= self.tau_to)
        if self.tau_below is not None:
            rows = rows.where(Stylization.tau < self.tau_below)
        if self.favourite is not None:
            rows = rows.where(Stylization.favourite.is_(self.favourite))
        if self.created_from is not None:
            rows = rows.where(Stylization.created_at >= self.created_from)
        if self.created_before is not None:
            rows = rows.where(Stylization.created_at < self.created_before)
        if self.style_id is not None:
            is_in_mixture = exists().where(
                StyleShare.stylization_id == Stylization.id, StyleShare.style_id == self.style_id
            )
            rows = rows.where(or_(Stylization.style_id == self.style_id, is_in_mixture))
        if self.text is not None and (wanted := searchable(self.text)):
            rows = rows.where(SEARCHED.contains(wanted, autoescape=True))
        return rows


def list_stylizations(
    database: Database,
    owner_id: str,
    conditions: HistoryFilter,
    *,
    cursor: Cursor | None,
    limit: int,
) -> tuple[list[StylizationView], str | None]:
    """Return a page of matching stylizations, newest first, and the cursor of the next page."""
    query = conditions.apply(
        select(Stylization)
        .where(Stylization.owner_id == owner_id, Stylization.deleted_at.is_(None))
        .order_by(Stylization.created_at.desc(), Stylization.id.desc())
        .limit(limit + 1)
    )
    if cursor is not None:
        query = query.where(cursor.precedes(Stylization.created_at, Stylization.id))
    with database.reading() as session:
        rows, next_cursor = page_of(list(session.scalars(query)), limit)
        return load_views(session, rows), next_cursor


@dataclass(frozen=True)
class Change:
    """New values of a stylization; None leaves a value unchanged, an empty title removes it."""

    title: str | None = None
    favourite: bool | None = None


def change_stylization(
    database: Database, owner_id: str, stylization_id: str, change: Change
) -> StylizationView:
    """Set the title or the favourite mark.

    Raises:
        NotFound: the owner has no such stylization.
    """
    with database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True)
        if change.title is not None:
            row.title = change.title or None
        if change.favourite is not None:
            row.favourite = change.favourite
        return load_views(session, [row])[0]


def delete_stylization(database: Database, owner_id: str, stylization_id: str) -> None:
    """Delete a stylization and its pictures, and end its sharing; an open one is cancelled first.

    Raises:
        NotFound: the owner has no such stylization.
    """
    now = now_utc()
    with database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True)
        if row.is_open:
            row.cancel(now=now)
            enqueue_notifications(session, row)
        row.deleted_at = now
        row.share_token = None
        session.flush()
        release_pictures(session, load_pictures(session, [row]), now)


def restore_stylization(database: Database, owner_id: str, stylization_id: str) -> StylizationView:
    """Restore a stylization within `UNDO_PERIOD` of its deletion.

    It stays cancelled and unshared. Pictures that the content check has rejected stay deleted.

    Raises:
        NotFound: the owner has no such deleted stylization, or the period is over.
    """
    with database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True, deleted=True)
        if row.deleted_at is None or now_utc() - row.deleted_at > UNDO_PERIOD:
            raise NotFound
        results = (row.result_picture_id, row.thumb_picture_id)
        is_rejected = row.check_state == CheckState.RISKY
        for picture in load_pictures(session, [row]).values():
            if is_rejected and picture.id in results:
                continue
            # A picture that was deleted before its stylization stays deleted.
            deleted_together = (
                picture.deleted_at is not None and picture.deleted_at >= row.deleted_at
            )
            if deleted_together and picture.removed_at is None:
                picture.deleted_at = None
        row.deleted_at = None
        return load_views(session, [row])[0]
