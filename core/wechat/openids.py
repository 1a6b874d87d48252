"""Finds the openid by which WeChat identifies a user of this service."""

from sqlalchemy import select

from core.db.engine import Database
from core.db.users import WeChatIdentity


def find_openid(database: Database, appid: str, user_id: str) -> str | None:
    """Return the newest openid of a user in one mini program, or None if there is none."""
    openids = (
        select(WeChatIdentity.openid)
        .where(WeChatIdentity.user_id == user_id, WeChatIdentity.appid == appid)
        .order_by(WeChatIdentity.created_at.desc())
        .limit(1)
    )
    with database.reading() as session:
        return session.scalar(openids)
