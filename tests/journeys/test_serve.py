"""`dualtrans serve` as a user starts it, with a tiny untrained model."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from PIL import Image

from core.db.engine import open_database
from core.db.styles import Style
from core.settings import Settings
from imaging.labels import read_label
from tests.factories import jpeg

ROOT = Path(__file__).parents[2]
START_SECONDS = 90.0


@pytest.fixture(scope="session")
def smallest_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from model.checkpoint import save_generator
    from model.config import TINY
    from model.network.generator import Generator

    path = tmp_path_factory.mktemp("weights") / "tiny.safetensors"
    save_generator(Generator(TINY), path, {"trained": "not at all"})
    return path


@dataclass
class Served:
    """A running `dualtrans serve`, in its own process group."""

    process: "subprocess.Popen[str]"
    errors: Path
    environment: dict[str, str]
    url: str = ""
    key: str = ""

    def wait_until_ready(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        found = re.fullmatch(r"ready url=(http://127\.0\.0\.1:\d+) key=(\S+)\n", line)
        assert found, f"{line!r}\n{self.errors.read_text()}"
        self.url, self.key = found.groups()
        return line

    def client(self, key: str | None = None) -> httpx.Client:
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    def commands(self) -> dict[int, str]:
        """The command lines of the whole process group."""
        listed = subprocess.run(
            ["ps", "-ewwo", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
        )
        rows = [line.split(None, 3) for line in listed.stdout.splitlines()]
        group = str(self.process.pid)
        return {int(row[0]): row[3] for row in rows if row[1] == group and "Z" not in row[2]}

    def worker_id(self) -> int | None:
        return next((pid for pid, line in self.commands().items() if "worker" in line), None)

    def stop(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)  # as Ctrl-C does
        return self.process.wait(timeout=30)


@contextmanager
def stacks(folder: Path, weights: Path) -> Iterator[Callable[..., Served]]:
    """Yield a function that starts stacks on one data folder, and stop all of them at the end."""
    started: list[Served] = []

    def start(**changed: str) -> Served:
        environment = {
            **{name: value for name, value in os.environ.items() if not name.endswith("_URL")},
            "DUALTRANS_DATA_DIR": str(folder / "var"),
            "DUALTRANS_WEIGHTS": str(weights),
            "DUALTRANS_PORT": "0",
            **changed,
        }
        errors = folder / f"stderr{len(started)}"
        with errors.open("w") as stderr:
            process = subprocess.Popen(
                [sys.executable, "-m", "cli.main", "serve"],
                env=environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                start_new_session=True,
            )
        started.append(Served(process, errors, environment))
        return started[-1]

    yield start
    for served in started:
        if served.commands():
            os.killpg(served.process.pid, signal.SIGKILL)
        served.process.wait()
        assert served.process.stdout is not None
        served.process.stdout.close()


@pytest.fixture
def start(
    tmp_path_factory: pytest.TempPathFactory, smallest_weights: Path
) -> Iterator[Callable[..., Served]]:
    """A function that starts stacks for one test."""
    with stacks(tmp_path_factory.mktemp("stack"), smallest_weights) as start:
        yield start


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, smallest_weights: Path) -> Iterator[Served]:
    """A running stack that several tests share, because a start takes seconds."""
    with stacks(tmp_path_factory.mktemp("shared"), smallest_weights) as start:
        running = start()
        running.wait_until_ready()
        yield running


def new_style(served: Served) -> str:
    with served.client() as client:
        response = client.post("/v1/styles", files={"file": jpeg()}, data={"name": "mine"})
    return response.raise_for_status().json()["id"]


def wait_for(condition, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "timed out"
        time.sleep(0.1)


def test_the_demo_uploads_a_photo_and_saves_a_labelled_result(
    served: Served, tmp_path: Path
) -> None:
    photo, result = tmp_path / "photo.jpg", tmp_path / "result.jpg"
    photo.write_bytes(jpeg((320, 200)))
    style = new_style(served)

    demo = subprocess.run(
        [
            *(sys.executable, "-m", "cli.main", "demo", str(photo), "--url", served.url),
            *("--style", style, "--tau", "0.5", "-o", str(result)),
        ],
        env=served.environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert demo.returncode == 0, demo.stderr
    assert demo.stdout.splitlines()[-1] == f"{result}  320x200"
    with Image.open(result) as picture:
        assert picture.size == (320, 200)
    label = read_label(result.read_bytes())
    assert label is not None
    assert label.produce_id.startswith("stl_")


def test_the_stack_is_one_process_group_with_one_worker(served: Served) -> None:
    lines = list(served.commands().values())

    assert len([line for line in lines if "worker" in line]) == 1
    assert len([line for line in lines if "uvicorn" in line]) == 1
    assert len([line for line in lines if "valkey" in line]) == 1
    assert len(lines) == 4


def test_a_new_user_opens_one_url_and_can_log_in(
    start: Callable[..., Served], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text("the mini program")
    served = start(DUALTRANS_MINIPROGRAM_DIR=str(tmp_path))
    served.wait_until_ready()
    assert served.process.stdout is not None
    line = served.process.stdout.readline()

    page = httpx.get(line.split()[1])
    login = httpx.post(f"{served.url}/v1/auth/wechat", json={"code": "dev-new-user"})

    assert line == f"open {served.url} in a browser to use it\n"
    assert page.text == "the mini program"
    assert login.raise_for_status().json()["token"]


def test_a_killed_worker_is_restarted_within_five_seconds(served: Served) -> None:
    killed = served.worker_id()
    assert killed is not None

    os.kill(killed, signal.SIGKILL)

    wait_for(lambda: served.worker_id() not in (None, killed), seconds=5.0)


def test_a_killed_queue_server_is_restarted_and_jobs_finish(served: Served) -> None:
    style = new_style(served)
    killed = next(pid for pid, line in served.commands().items() if "valkey" in line)

    os.kill(killed, signal.SIGKILL)
    with served.client() as client:
        response = client.post(
            "/v1/stylizations", files={"file": jpeg()}, data={"style_id": style, "tau": "1"}
        )
        path = f"/v1/stylizations/{response.raise_for_status().json()['id']}"
        wait_for(lambda: client.get(path, params={"wait": 5}).json()["status"] == "done")


def test_ctrl_c_stops_the_stack_and_the_next_start_has_a_new_key_and_the_old_history(
    start,
) -> None:
    first = start()
    first.wait_until_ready()
    style = new_style(first)

    assert first.stop() == 0
    assert first.commands() == {}
    assert "Traceback" not in first.errors.read_text()

    second = start()
    second.wait_until_ready()

    with second.client() as client, second.client(first.key) as revoked:
        assert client.get("/v1/styles").raise_for_status().text.count(style) > 0
        assert revoked.get("/v1/styles").status_code == 401


@pytest.mark.timeout(300)
def test_an_own_style_is_usable_then_refined_although_its_worker_is_killed(
    start: Callable[..., Served],
) -> None:
    from model.style_code import StyleCode

    served = start(
        DUALTRANS_REFINEMENT_STEPS="3",
        DUALTRANS_LEASE_SECONDS="3",
        DUALTRANS_HEARTBEAT_SECONDS="0.5",
    )
    served.wait_until_ready()
    with served.client() as client:
        style_id = new_style(served)

        def style() -> dict[str, str]:
            return client.get(f"/v1/styles/{style_id}").raise_for_status().json()

        wait_for(lambda: style()["refinement"] == "refining")
        wait_for(lambda: is_refinement_claimed(served, style_id))
        killed = served.worker_id()
        assert killed is not None
        os.kill(killed, signal.SIGKILL)
        assert style()["status"] == "ready"

        response = client.post(
            "/v1/stylizations", files={"file": jpeg()}, data={"style_id": style_id}
        )
        path = f"/v1/stylizations/{response.raise_for_status().json()['id']}"
        wait_for(lambda: client.get(path, params={"wait": 5}).json()["status"] == "done")
        wait_for(lambda: style()["refinement"] == "refined", seconds=200)

    row = stored_style(served, style_id)
    assert (row.status, row.refinement_steps) == ("ready", 3)
    assert row.code is not None
    assert row.refined_code is not None
    versions = {StyleCode.from_bytes(code).model_version for code in (row.code, row.refined_code)}
    assert versions == {row.model_version}


def stored_style(served: Served, style_id: str) -> Style:
    settings = Settings(data_dir=Path(served.environment["DUALTRANS_DATA_DIR"]))
    database = open_database(settings)
    with database.reading() as session:
        style = session.get_one(Style, style_id)
    database.close()
    return style


def is_refinement_claimed(served: Served, style_id: str) -> bool:
    return stored_style(served, style_id).refinement_token is not None


def test_after_a_killed_supervisor_the_next_start_works(start) -> None:
    first = start()
    first.wait_until_ready()
    first.process.kill()
    wait_for(lambda: all("valkey" in line for line in first.commands().values()))

    second = start(DUALTRANS_PORT=first.url.rsplit(":", 1)[1])
    second.wait_until_ready()

    assert second.stop() == 0
    assert first.commands() == {}  # its queue server was reused, then stopped


def test_a_port_in_use_is_reported_in_one_line(start) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        refused = start(DUALTRANS_PORT=port)

        assert refused.process.wait(timeout=30) == 1

    lines = refused.errors.read_text().splitlines()
    assert len(lines) == 1
    assert port in lines[0]
    assert "DUALTRANS_PORT" in lines[0]


def test_missing_weights_are_reported_and_nothing_keeps_running(start) -> None:
    refused = start(DUALTRANS_WEIGHTS="/no/such/file.safetensors")

    assert refused.process.wait(timeout=60) == 1

    assert "/no/such/file.safetensors" in refused.errors.read_text()
    assert "Traceback" not in refused.errors.read_text()
    assert refused.commands() == {}


@pytest.mark.gpu
def test_an_upload_is_rendered_on_cuda(tmp_path: Path):
    from model.inference import WEIGHTS

    with stacks(tmp_path, WEIGHTS) as start:
        served = start(DUALTRANS_DEVICE="cuda")
        served.wait_until_ready()
        with served.client() as client:
            form = {"style_id": "nixi-black-pottery", "tau": "0.8"}
            job = client.post("/v1/stylizations", files={"file": jpeg()}, data=form).json()
            ended = client.get(f"/v1/stylizations/{job['id']}?wait=25").json()

            assert ended["status"] == "done"
            assert client.get(ended["result"]["url"]).status_code == 200
