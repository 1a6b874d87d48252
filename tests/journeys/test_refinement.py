"""An own style is usable at once and refined afterwards, whatever happens to the workers.

`test_serve.py` refines a style with a real model.
"""

import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.accounts.service import create_key
from core.db.styles import Style
from core.db.stylizations import Status
from core.settings import Settings
from tests.factories import jpeg
from tests.journeys.conftest import Stack

STEPS = 40


@pytest.fixture
def stack(tmp_path: Path, database_url: str, redis_url: str) -> Iterator[Stack]:
    settings = Settings(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=redis_url,
        lease_seconds=1.5,
        heartbeat_seconds=0.3,
        refinement_steps=STEPS,
        log_level="warning",
    )
    stack = Stack(settings)
    stack.step_seconds = 0.1
    yield stack
    stack.close()


@pytest.fixture
def client(stack: Stack) -> Iterator[httpx.Client]:
    key = create_key(stack.database, "tester")
    with stack.start_api().client(key) as client:
        yield client


def add_style(client: httpx.Client) -> str:
    return client.post("/v1/styles", files={"file": jpeg()}).raise_for_status().json()["id"]


def stylize(client: httpx.Client, style_id: str) -> dict[str, Any]:
    """Stylize a photo and return the job when it has ended."""
    response = client.post("/v1/stylizations", files={"file": jpeg()}, data={"style_id": style_id})
    job = response.raise_for_status().json()
    return client.get(f"/v1/stylizations/{job['id']}", params={"wait": 20}).json()


def status_and_refinement(client: httpx.Client, style_id: str) -> tuple[str, str]:
    style = client.get(f"/v1/styles/{style_id}").raise_for_status().json()
    return style["status"], style["refinement"]


def row_of(stack: Stack, style_id: str) -> Style:
    with stack.database.reading() as session:
        return session.get_one(Style, style_id)


def steps_done(stack: Stack) -> int:
    """Return the steps that all workers did, including those whose code was lost."""
    record = stack.settings.data_dir / "steps.txt"
    return len(record.read_text().split()) if record.exists() else 0


def wait_until_refined(stack: Stack, style_id: str) -> Style:
    stack.wait_for(lambda: row_of(stack, style_id).refinement == "refined")
    return row_of(stack, style_id)


def assert_complete(style: Style) -> None:
    assert style.code is not None
    assert style.refined_code == bytes(value + STEPS for value in style.code)
    assert (style.status, style.refinement_steps, style.refinement_token) == ("ready", STEPS, None)


def test_an_own_style_goes_from_usable_to_refined(stack: Stack, client: httpx.Client) -> None:
    stack.start_worker()
    style_id = add_style(client)
    seen = []

    def is_refined() -> bool:
        seen.append(status_and_refinement(client, style_id))
        return seen[-1][1] == "refined"

    stack.wait_for(is_refined)
    job = stylize(client, style_id)

    assert list(dict.fromkeys(seen)) == [
        *[("preparing", "none")] * (("preparing", "none") in seen),
        ("ready", "refining"),
        ("ready", "refined"),
    ]
    assert job["status"] == "done"
    assert_complete(row_of(stack, style_id))


def test_a_photo_does_not_wait_for_the_refinement_which_goes_on_afterwards(
    stack: Stack, client: httpx.Client
) -> None:
    stack.start_worker()
    style_id = add_style(client)
    stack.wait_for(lambda: steps_done(stack) > 3)

    began = time.monotonic()
    job = stylize(client, style_id)
    seconds = time.monotonic() - began

    assert job["status"] == "done"
    assert seconds < 3  # a check of waiting work each second, and one step of 0.1 s
    paused = row_of(stack, style_id)
    assert 0 < paused.refinement_steps < STEPS
    assert_complete(wait_until_refined(stack, style_id))
    assert steps_done(stack) == STEPS


def test_a_killed_worker_loses_nothing(stack: Stack, client: httpx.Client) -> None:
    worker = stack.start_worker()
    style_id = add_style(client)
    stack.wait_for(lambda: steps_done(stack) > 3)
    stylize(client, style_id)  # the code so far is stored
    stored = row_of(stack, style_id).refinement_steps
    stack.wait_for(lambda: steps_done(stack) > stored + 3)

    worker.kill()
    worker.wait()
    killed = row_of(stack, style_id)
    assert (killed.status, killed.refinement_steps) == ("ready", stored)
    assert killed.refinement_token is not None

    stack.start_worker()
    assert stylize(client, style_id)["status"] == "done"
    style = wait_until_refined(stack, style_id)

    assert_complete(style)
    assert STEPS < steps_done(stack) < 2 * STEPS  # only the steps of the killed run were repeated


def test_a_stopped_worker_stores_its_code_and_the_next_one_goes_on(
    stack: Stack, client: httpx.Client
) -> None:
    worker = stack.start_worker()
    style_id = add_style(client)
    stack.wait_for(lambda: steps_done(stack) > 3)

    worker.send_signal(signal.SIGTERM)

    assert worker.wait(timeout=10) == 0
    stopped = row_of(stack, style_id)
    assert 3 < stopped.refinement_steps < STEPS
    assert (stopped.refinement_token, stopped.refinement_attempts) == (None, 0)
    stack.start_worker()
    assert_complete(wait_until_refined(stack, style_id))
    assert steps_done(stack) == STEPS


def test_two_workers_refine_each_style_once(stack: Stack, client: httpx.Client) -> None:
    stack.step_seconds = 0.02
    stack.start_worker()
    stack.start_worker()
    style_ids = [add_style(client) for _ in range(3)]

    for style_id in style_ids:
        assert_complete(wait_until_refined(stack, style_id))

    assert steps_done(stack) == len(style_ids) * STEPS
    assert stack.count(Status.FAILED) == 0
