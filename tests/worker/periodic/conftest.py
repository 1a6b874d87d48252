"""A WeChat client and a user whom WeChat knows, for the tasks that call WeChat."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete

from app.accounts.keys import local_user
from core.db.users import WeChatIdentity
from core.wechat.client import WeChat, open_wechat
from tests.fake_wechat_services import APPID
from tests.worker.conftest import WorkerStack


@pytest.fixture
def wechat(stack: WorkerStack) -> Iterator[WeChat]:
    """A client with the settings of the test. WeChat knows the owner of all rows as "o-li"."""
    with stack.database.transaction() as session:
        user_id = local_user(session).id
        session.add(WeChatIdentity(appid=APPID, openid="o-li", user_id=user_id))
    with open_wechat(stack.settings) as client:
        yield client


def delete_openids(stack: WorkerStack) -> None:
    with stack.database.transaction() as session:
        session.execute(delete(WeChatIdentity))
