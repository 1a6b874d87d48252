"""Two APIs and three workers that share only PostgreSQL, Valkey and S3.

Each process has its own data folder, as if it ran on its own machine.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image
from sqlalchemy import URL

from app.accounts.service import create_key
from app.operations.maintenance import read_queue_state
from core.settings import Settings
from tests.conftest import fresh_bucket, fresh_database
from tests.factories import NIXI, jpeg
from tests.journeys.conftest import Api, Stack

CLIENTS = 4
UPLOADS_OF_EACH = 10
SIZES = [(96, 64), (80, 80), (128, 72)]


@dataclass
class Machines:
    """The stack, its two APIs, and the folder with one data folder per machine."""

    stack: Stack
    apis: list[Api]
    folder: Path

    def log_of(self, kind: str) -> list[dict[str, Any]]:
        """Return the log lines of all machines of a kind: `api` or `worker`."""
        texts = [path.read_text() for path in self.folder.glob(f"{kind}*/log")]
        return [json.loads(line) for text in texts for line in text.splitlines()]


@pytest.fixture(scope="module")
def own_database(postgres_server: URL) -> Iterator[str]:
    with fresh_database(postgres_server) as address:
        yield address


@pytest.fixture(scope="module")
def own_bucket(s3_server: str) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as environment:
        yield fresh_bucket(s3_server, environment)


@pytest.fixture(scope="module")
def machines(
    tmp_path_factory: pytest.TempPathFactory,
    own_database: str,
    own_bucket: str,
    valkey_server: str,
) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    settings = Settings(
        data_dir=folder / "here",
        database_url=own_database,
        redis_url=valkey_server,
        storage_url=own_bucket,
        secret_keys="the same on every machine",
        heartbeat_seconds=0.3,
    )
    stack = Stack(settings)
    stack.forward_seconds = 0.1
    try:
        for number in range(3):
            stack.start_worker(folder / f"worker{number}")
        apis = [stack.start_api(folder / f"api{number}") for number in range(2)]
        stack.wait_for(lambda: len(read_queue_state(stack.database).workers) == 3)
        yield Machines(stack, apis, folder)
    finally:
        stack.close()


@pytest.fixture(scope="module")
def finished_jobs(machines: Machines) -> list[dict[str, Any]]:
    """Four clients upload ten photos each at the same time; returns the finished jobs."""
    keys = [create_key(machines.stack.database, f"client{n}") for n in range(CLIENTS)]
    tasks = [
        (key, f"client{client}-{n}", n)
        for client, key in enumerate(keys)
        for n in range(UPLOADS_OF_EACH)
    ]
    with ThreadPoolExecutor(CLIENTS) as pool:
        sent = list(pool.map(lambda task: upload(machines, *task), tasks))
        others = [machines.apis[(n + 1) % 2] for _, _, n in tasks]
        return list(
            pool.map(
                wait_until_done, others, [key for key, _, _ in tasks], [job["id"] for job in sent]
            )
        )


def upload(machines: Machines, key: str, name: str, number: int) -> dict[str, Any]:
    """Upload one photo, alternating between the APIs; `name` is the request id."""
    with machines.apis[number % 2].client(key) as client:
        response = client.post(
            "/v1/stylizations",
            files={"file": jpeg(SIZES[number % 3], color=(number * 20, 90, 60))},
            data={"style_id": NIXI, "tau": "0.5", "client_key": name},
            headers={"X-Request-ID": name},
        )
    job: dict[str, Any] = response.raise_for_status().json()
    return job


def wait_until_done(api: Api, key: str, job_id: str) -> dict[str, Any]:
    with api.client(key) as client:
        response = client.get(f"/v1/stylizations/{job_id}", params={"wait": 25})
    job: dict[str, Any] = response.raise_for_status().json()
    return job


def size_of_picture(api: Api, address: str) -> tuple[int, int]:
    parts = urlsplit(address)
    response = httpx.get(f"{api.url}{parts.path}?{parts.query}", timeout=30).raise_for_status()
    with Image.open(BytesIO(response.content)) as picture:
        return picture.size


def test_forty_uploads_through_two_apis_are_all_done(finished_jobs: list) -> None:
    assert Counter(job["status"] for job in finished_jobs) == {"done": CLIENTS * UPLOADS_OF_EACH}


def test_each_job_ended_exactly_once(machines: Machines, finished_jobs: list) -> None:
    assert machines.stack.endings() == sorted(job["id"] for job in finished_jobs)


def test_a_picture_url_is_valid_on_the_api_that_did_not_sign_it(
    machines: Machines, finished_jobs: list
) -> None:
    job = finished_jobs[0]

    sizes = [size_of_picture(api, job["result"]["url"]) for api in machines.apis]

    assert sizes == [SIZES[0], SIZES[0]]


def test_all_three_workers_took_part(machines: Machines, finished_jobs: list) -> None:
    forwards = [path.read_text().split() for path in machines.folder.glob("worker*/forwards.txt")]

    assert len(forwards) == 3
    assert sum(int(count) for lines in forwards for count in lines) == len(finished_jobs)


def test_no_machine_stores_anything_that_another_needs(
    machines: Machines, finished_jobs: list
) -> None:
    left = {path.name for path in machines.folder.glob("*[0-9]/*")}

    assert left == {"log", "forwards.txt"}


@pytest.mark.parametrize("request_id", ["client0-0", "client3-9"])
def test_the_request_id_of_an_upload_is_in_the_log_of_the_worker(
    machines: Machines, finished_jobs: list, request_id: str
) -> None:
    requests = [line for line in machines.log_of("api") if line.get("request_id") == request_id]
    work = [line for line in machines.log_of("worker") if line.get("request_id") == request_id]

    assert [(line["method"], line["status"]) for line in requests] == [("POST", 202)]
    assert [line["event"] for line in work] == ["claimed", "done"]
    assert len({line["stylization_id"] for line in work}) == 1


def test_either_api_reports_the_metrics_of_the_whole_queue(
    machines: Machines, finished_jobs: list
) -> None:
    texts = [httpx.get(f"{api.url}/metrics").text for api in machines.apis]

    for text in texts:
        assert 'dualtrans_queue_rows{status="queued"} 0.0' in text
        at_work = re.findall(r'^dualtrans_workers\{state="(?:ready|busy)"\} (\S+)$', text, re.M)
        assert sum(map(float, at_work)) == 3  # one may be busy while the others are ready


def test_clients_cannot_see_the_jobs_of_others(machines: Machines, finished_jobs: list) -> None:
    other = create_key(machines.stack.database, "other")

    with machines.apis[1].client(other) as client:
        history = client.get("/v1/stylizations").json()
        foreign = client.get(f"/v1/stylizations/{finished_jobs[0]['id']}")

    assert (history["items"], foreign.status_code) == ([], 404)
