"""The openid of a user is the newest one of the mini program."""

from datetime import timedelta

import pytest

from core.db.base import Base, now_utc
from core.db.engine import open_database
from core.db.users import User, UserKind, WeChatIdentity
from core.settings import Settings
from core.wechat.openids import find_openid


@pytest.mark.parametrize(
    ("appid", "user_id", "openid"),
    [("wx1", "usr_1", "o-new"), ("wx2", "usr_1", "o-other"), ("wx1", "usr_nobody", None)],
)
def test_the_newest_openid_of_the_mini_program_is_found(
    database_url: str, appid: str, user_id: str, openid: str | None
) -> None:
    database = open_database(Settings(database_url=database_url))
    Base.metadata.create_all(database.engine)
    identities = [("wx1", "o-old", 2), ("wx1", "o-new", 1), ("wx2", "o-other", 0)]
    with database.transaction() as session:
        session.add(User(id="usr_1", kind=UserKind.WECHAT, name=""))
        session.flush()
        for app, name, age_days in identities:
            created_at = now_utc() - timedelta(days=age_days)
            session.add(
                WeChatIdentity(appid=app, openid=name, user_id="usr_1", created_at=created_at)
            )

    found = find_openid(database, appid, user_id)
    database.close()

    assert found == openid
