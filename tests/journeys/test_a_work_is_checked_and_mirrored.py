"""From an upload to a link that others may open, and into the cloud: API, worker, WeChat's verdict.

WeChat's servers and the model stand in; all between them is real.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import pytest
from anyio.from_thread import start_blocking_portal
from fastapi import FastAPI
from sqlalchemy import text

from app.accounts.tokens import TokenSigner
from app.main import create_app
from app.resources import Resources
from core.db.base import now_utc
from core.db.migrations.upgrade import upgrade
from core.db.users import User, WeChatIdentity
from core.settings import Settings
from core.wechat.worker_client import mini_program
from tests.factories import NIXI, jpeg
from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.fake_model import StandInCode, StandInStylizer
from worker.heartbeat import Heartbeat
from worker.periodic.background import Errands, open_errands
from worker.pipeline import Renderer

URL = "/v1/stylizations"


class House:
    """The API, one worker and one WeChat user."""

    def __init__(self, settings: Settings, send: Any) -> None:
        self.app: FastAPI = create_app(settings)
        self.resources: Resources = self.app.state.resources
        self._send = send
        database, storage = self.resources.database, self.resources.storage
        upgrade(database)
        self.renderer = Renderer(
            database=database,
            storage=storage,
            stylizer=cast("Any", StandInStylizer()),
            read_code=cast("Any", StandInCode.from_bytes),
            read_levels=cast("Any", dict),
            heart=Heartbeat(database, settings),
            settings=settings,
        )
        self.errands: Errands = open_errands(
            settings, database, storage, mini_program(settings, database)
        )
        self._token = self._log_in(settings)

    def _log_in(self, settings: Settings) -> str:
        with self.resources.database.transaction() as session:
            user = User(kind="wechat", name="li")
            session.add(user)
            session.flush()
            session.add(WeChatIdentity(appid=settings.wechat_appid, openid="o-li", user_id=user.id))
        signer: TokenSigner = self.app.state.resources.token_signer
        return signer.sign(user.id, now_utc()).text

    def ask(self, method: str, url: str, *, as_user: bool = True, **given: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if as_user else {}
        answer: httpx.Response = self._send(self.app, method, url, {**given, "headers": headers})
        return answer

    def job(self, job_id: str) -> Any:
        return self.ask("GET", f"{URL}/{job_id}").json()

    def close(self) -> None:
        self.resources.queue.close()
        self.resources.database.close()


async def _send(app: FastAPI, method: str, url: str, given: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        return await http.request(method, url, **given)


@pytest.fixture
def house(
    tmp_path: Path, redis_url: str, database_url: str, wechat_services: FakeServices
) -> Iterator[House]:
    settings = Settings(data_dir=tmp_path, redis_url=redis_url, database_url=database_url)
    set_up = {**wechat_services.settings(is_safe=True), "wechat_cloud_env": CLOUD_ENV}
    with start_blocking_portal() as portal:
        house = House(settings.model_copy(update=set_up), lambda *asked: portal.call(_send, *asked))
        yield house
        house.close()


def test_a_work_is_seen_at_once_and_shared_once_wechat_says_pass(
    house: House, wechat_services: FakeServices
) -> None:
    sent = house.ask("POST", URL, files={"file": jpeg()}, data={"style_id": NIXI}).json()
    house.renderer.render_next_batch()
    job = house.job(sent["id"])
    assert (job["status"], job["check"]) == ("done", "pending")
    assert house.ask("POST", f"{URL}/{job['id']}/share").json()["error"]["code"] == "check_pending"

    house.errands.run_once()
    ((trace_id, question),) = wechat_services.asked.items()
    address = urlsplit(question["media_url"])
    fetched = house.ask("GET", f"{address.path}?{address.query}", as_user=False)
    told = house.ask(
        "POST",
        "/v1/wechat/push",
        as_user=False,
        **wechat_services.push(trace_id, "pass", is_safe=True),
    )

    assert (fetched.status_code, fetched.headers["content-type"]) == (200, "image/jpeg")
    assert told.text == "success"
    link = house.ask("POST", f"{URL}/{job['id']}/share").json()["url"]
    assert house.ask("GET", urlsplit(link).path, as_user=False).status_code == 200


def test_a_work_that_has_passed_is_in_the_cloud_until_it_is_deleted(
    house: House, wechat_services: FakeServices
) -> None:
    sent = house.ask("POST", URL, files={"file": jpeg()}, data={"style_id": NIXI}).json()
    house.renderer.render_next_batch()
    house.errands.run_once()
    assert wechat_services.documents == {}
    (trace_id,) = wechat_services.asked
    push = wechat_services.push(trace_id, "pass", is_safe=True)
    house.ask("POST", "/v1/wechat/push", as_user=False, **push)

    later(house)
    house.errands.run_once()
    assert wechat_services.documents["stylizations"][sent["id"]]["_openid"] == "o-li"
    house.ask("DELETE", f"{URL}/{sent['id']}")
    later(house)
    house.errands.sweep()
    house.errands.run_once()

    assert wechat_services.documents["stylizations"] == {}
    assert wechat_services.files == {}


def later(house: House) -> None:
    """An hour later, for all that waits."""
    with house.resources.database.transaction() as session:
        past = {"past": now_utc().replace(year=2020)}
        due = "UPDATE mirror_outbox SET due_at = :past WHERE due_at IS NOT NULL"
        session.execute(text(due), past)
        gone = "UPDATE stylizations SET deleted_at = :past WHERE deleted_at IS NOT NULL"
        session.execute(text(gone), past)
