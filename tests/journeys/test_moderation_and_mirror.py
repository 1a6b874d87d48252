"""From an upload to a shared link and a document in the cloud, through API, worker and WeChat.

WeChat's servers and the model are fakes. Everything else is real.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
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
from core.db.users import User, UserKind, WeChatIdentity
from core.settings import Settings
from core.wechat.client import open_wechat
from tests.factories import NIXI, jpeg
from tests.fake_wechat_services import CLOUD_ENV, FakeServices
from tests.worker.fake_model import FakePainter
from worker.heartbeat import Heartbeat
from worker.periodic.runner import PeriodicTask
from worker.periodic.wechat_tasks import wechat_tasks
from worker.pipeline import Renderer

URL = "/v1/stylizations"


class ServiceStack:
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
            painter=FakePainter(),
            heartbeat=Heartbeat(database, settings),
            settings=settings,
        )
        self._wechat = open_wechat(settings)
        self._wechat_tasks: list[PeriodicTask] = wechat_tasks(
            settings, database, storage, self._wechat
        )
        self._token = self._log_in(settings)

    def _log_in(self, settings: Settings) -> str:
        with self.resources.database.transaction() as session:
            user = User(kind=UserKind.WECHAT, name="li")
            session.add(user)
            session.flush()
            session.add(WeChatIdentity(appid=settings.wechat_appid, openid="o-li", user_id=user.id))
        signer: TokenSigner = self.app.state.resources.token_signer
        return signer.sign(user.id, now_utc()).text

    def request(
        self, method: str, url: str, *, as_user: bool = True, **given: Any
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token}"} if as_user else {}
        response: httpx.Response = self._send(self.app, method, url, {**given, "headers": headers})
        return response

    def upload(self) -> str:
        response = self.request("POST", URL, files={"file": jpeg()}, data={"style_id": NIXI})
        return str(response.json()["id"])

    def view(self, job_id: str) -> Any:
        return self.request("GET", f"{URL}/{job_id}").json()

    def run_wechat_tasks(self) -> None:
        """Run each periodic task once, those that schedule removals before the others."""
        for task in reversed(self._wechat_tasks):
            task.run_once()

    def close(self) -> None:
        self._wechat.close()
        self.resources.queue.close()
        self.resources.database.close()


async def _send(app: FastAPI, method: str, url: str, options: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as http:
        return await http.request(method, url, **options)


@pytest.fixture
def stack(
    tmp_path: Path, redis_url: str, database_url: str, wechat_services: FakeServices
) -> Iterator[ServiceStack]:
    settings = Settings(data_dir=tmp_path, redis_url=redis_url, database_url=database_url)
    changed = {**wechat_services.settings(is_safe=True), "wechat_cloud_env": CLOUD_ENV}
    with start_blocking_portal() as portal:
        stack = ServiceStack(
            settings.model_copy(update=changed), lambda *args: portal.call(_send, *args)
        )
        yield stack
        stack.close()


def test_a_result_is_visible_at_once_and_can_be_shared_after_the_verdict_pass(
    stack: ServiceStack, wechat_services: FakeServices
) -> None:
    job_id = stack.upload()
    stack.renderer.render_next_batch()
    job = stack.view(job_id)
    assert (job["status"], job["check"]) == ("done", "pending")
    refused = stack.request("POST", f"{URL}/{job_id}/share").json()
    assert refused["error"]["code"] == "check_pending"

    stack.run_wechat_tasks()
    ((trace_id, check_request),) = wechat_services.checks.items()
    address = urlsplit(check_request["media_url"])
    picture = stack.request("GET", f"{address.path}?{address.query}", as_user=False)
    pushed = stack.request(
        "POST",
        "/v1/wechat/push",
        as_user=False,
        **wechat_services.push(trace_id, "pass", is_safe=True),
    )

    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert pushed.text == "success"
    link = stack.request("POST", f"{URL}/{job_id}/share").json()["url"]
    assert stack.request("GET", urlsplit(link).path, as_user=False).status_code == 200


def test_a_result_that_has_passed_is_in_the_cloud_until_it_is_deleted(
    stack: ServiceStack, wechat_services: FakeServices
) -> None:
    job_id = stack.upload()
    stack.renderer.render_next_batch()
    stack.run_wechat_tasks()
    assert wechat_services.documents == {}
    (trace_id,) = wechat_services.checks
    push = wechat_services.push(trace_id, "pass", is_safe=True)
    stack.request("POST", "/v1/wechat/push", as_user=False, **push)

    make_everything_due(stack)
    stack.run_wechat_tasks()
    assert wechat_services.documents["stylizations"][job_id]["_openid"] == "o-li"
    stack.request("DELETE", f"{URL}/{job_id}")
    make_everything_due(stack)
    stack.run_wechat_tasks()

    assert wechat_services.documents["stylizations"] == {}
    assert wechat_services.files == {}


def make_everything_due(stack: ServiceStack) -> None:
    """Move waiting mirror entries and deletions into the past."""
    with stack.resources.database.transaction() as session:
        past = {"past": now_utc().replace(year=2020)}
        due = "UPDATE mirror_outbox SET due_at = :past WHERE due_at IS NOT NULL"
        session.execute(text(due), past)
        deleted = "UPDATE stylizations SET deleted_at = :past WHERE deleted_at IS NOT NULL"
        session.execute(text(deleted), past)
