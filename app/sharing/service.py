"""Makes links, takes them back, and finds the work behind one."""

from dataclasses import dataclass

from sqlalchemy import select

from app.shared.database import Database
from app.shared.errors import Expired, NotFinished, NotFound
from app.shared.tables import Picture, Status, Stylization, new_id, now_utc
from app.stylizations.rows import own_row


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
        Expired: its picture has been forgotten.
    """
    with database.transaction() as session:
        row = own_row(session, owner_id, stylization_id, lock=True)
        if row.status != Status.DONE or row.result_picture_id is None:
            raise NotFinished(state=row.status)
        if not session.get_one(Picture, row.result_picture_id).is_available(now_utc()):
            raise Expired
        is_new = row.share_token is None
        row.share_token = row.share_token or new_id("shr")
        return row.share_token, is_new


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
        NotFound: there is no such link, or it was taken back.
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
        result = session.get_one(Picture, row.result_picture_id)
        thumb = session.get_one(Picture, row.thumb_picture_id)
    if not result.is_available(now_utc()):
        raise Expired
    return SharedWork(row, result, thumb)
