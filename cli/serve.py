"""Run the API, the model and the queue on this machine, until Ctrl-C.

Settings come from the environment (see README.md). When everything is up, one line goes to stdout:
`ready url=... key=...`.
"""

import argparse
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from importlib.util import find_spec

import httpx
from sqlalchemy import select

from app.accounts.service import mint_development_key
from cli.development_login import allows_development_login_by_default
from cli.embedded_queue import EmbeddedQueue
from cli.migrate import upgrade_database
from cli.supervisor import Child, Supervisor
from core.db.base import now_utc
from core.db.engine import Database, open_database
from core.db.workers import WorkerHeartbeat, WorkerState
from core.errors import SetupError
from core.logs import configure_logging
from core.queue import open_queue
from core.settings import (
    Settings,
    child_environment,
    development_key_path,
    runner_folder,
    signing_secrets,
    write_private,
)
from core.storage import open_storage

API_GRACE_SECONDS = 5  # for requests under way when the service stops
EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104  # compared with, not bound to
CHECK_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to listen; everything else is set by the environment."""
    parser.add_argument("--host", help="default: DUALTRANS_HOST, 127.0.0.1")
    parser.add_argument(
        "--port", type=int, help="default: DUALTRANS_PORT, 8000; 0 takes a free one"
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Check, prepare, start, watch, stop."""
    changed = {
        key: value for key in ("host", "port") if (value := getattr(options, key)) is not None
    }
    settings = _on_a_free_port(settings.model_copy(update=changed))
    return serve(settings, model_command=[sys.executable, "-m", "worker"])


def serve(settings: Settings, *, model_command: Sequence[str]) -> int:
    """Run the stack; `model_command` starts the process that renders.

    Returns the exit status: 0 after Ctrl-C or SIGTERM.

    Raises:
        SetupError: something that must be put right first, in one line.
    """
    configure_logging(settings.log_level, settings.log_format)
    _must_be_installed()
    _must_be_free(settings)
    signing_secrets(settings)
    open_storage(settings)
    upgrade_database(settings)
    server = EmbeddedQueue(settings.data_dir) if settings.is_embedded else None
    if server is not None:
        server.start()
    database = open_database(settings)
    try:
        _queue_must_answer(settings)
        key = mint_development_key(database)
        write_private(development_key_path(settings), key)
        supervisor = Supervisor(
            _children(settings, model_command),
            embedded_queue=server,
            is_up=_readiness(settings, database),
            when_up=lambda: _say_ready(settings, key),
        )
        return supervisor.run()
    finally:
        database.close()
        if server is not None:
            server.stop()


def _children(settings: Settings, model_command: Sequence[str]) -> list[Child]:
    environment = child_environment(DUALTRANS_HOST=settings.host, DUALTRANS_PORT=str(settings.port))
    if allows_development_login_by_default(settings):
        environment["DUALTRANS_DEV_LOGIN"] = "1"
    api = [sys.executable, "-m", "uvicorn", "app.main:create_app", "--factory"]
    api += ["--host", settings.host, "--port", str(settings.port)]
    api += ["--log-level", "warning", "--no-access-log", "--no-server-header"]
    api += ["--timeout-graceful-shutdown", str(API_GRACE_SECONDS)]
    return [
        Child("the API", api, environment),
        *(
            Child(
                f"model process {number}",
                list(model_command),
                environment | _own_metrics_port(settings, number),
            )
            for number in range(1, settings.workers + 1)
        ),
    ]


def _own_metrics_port(settings: Settings, number: int) -> dict[str, str]:
    """The first worker takes the port that is set, the second the next one."""
    if settings.metrics_port is None:
        return {}
    return {"DUALTRANS_METRICS_PORT": str(settings.metrics_port + number - 1)}


def _readiness(settings: Settings, database: Database) -> Callable[[], bool]:
    """Whether the API answers and a model process of this start says that it is ready."""
    started_at = now_utc()
    last_check = 0.0

    def is_up() -> bool:
        nonlocal last_check
        if time.monotonic() - last_check < CHECK_SECONDS:
            return False
        last_check = time.monotonic()
        return _model_is_loaded(database) and _api_answers(_local_url(settings))

    def _model_is_loaded(database: Database) -> bool:
        ready = select(WorkerHeartbeat.id).where(
            WorkerHeartbeat.started_at >= started_at,
            WorkerHeartbeat.state != WorkerState.STARTING,
        )
        with database.reading() as session:
            return session.scalars(ready).first() is not None

    return is_up


def _api_answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2.0).is_success
    except httpx.HTTPError:
        return False


def _say_ready(settings: Settings, key: str) -> None:
    url = _local_url(settings)
    is_shown = runner_folder(settings) is not None
    print(f"ready url={url} key={key}")
    print(f"open {url} in a browser {'to use it' if is_shown else 'to see how to use it there'}")
    print("or send a photograph of yours (the answer's id is the next address to ask):")
    print(f"  curl -H 'Authorization: Bearer {key}' -F file=@photo.jpg \\")
    print(f"    -F style_id=nixi-black-pottery -F tau=0.8 {url}/v1/stylizations")
    print(f"  curl -H 'Authorization: Bearer {key}' '{url}/v1/stylizations/ID?wait=20'")
    print("or, in another terminal: dualtrans demo photo.jpg", flush=True)


def _local_url(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in EVERYWHERE else settings.host
    return f"http://{host}:{settings.port}"


def _must_be_installed() -> None:
    for package, extra in (("fastapi", "app"), ("uvicorn", "app"), ("torch", "worker")):
        if find_spec(package) is None:
            raise SetupError(
                f"{package} is not installed; pip install 'dualtrans[{extra}]', or [all]"
            )


def _must_be_free(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
                "choose another by DUALTRANS_PORT"
            ) from error


def _on_a_free_port(settings: Settings) -> Settings:
    if settings.port != 0:
        return settings
    with closing(socket.socket()) as probe:
        probe.bind((settings.host, 0))
        return settings.model_copy(update={"port": probe.getsockname()[1]})


def _queue_must_answer(settings: Settings) -> None:
    queue = open_queue(settings)
    try:
        if not queue.ping():
            raise SetupError("the queue that REDIS_URL names does not answer")
    finally:
        queue.close()
