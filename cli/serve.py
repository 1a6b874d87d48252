"""Run the API, the workers and the queue on this machine, until Ctrl-C.

The settings are environment variables (see docs/settings.md). When the service is ready, one line
goes to stdout: `ready url=... key=...`.
"""

import argparse
import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from datetime import datetime
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

API_GRACE_SECONDS = 5  # time to finish open requests when the service stops
ALL_INTERFACES = ("0.0.0.0", "::")  # noqa: S104  # for comparison only
READINESS_POLL_SECONDS = 1.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add host and port. Everything else is set in the environment."""
    parser.add_argument(
        "--host", help="address to listen on (default: DUALTRANS_HOST, or 127.0.0.1)"
    )
    parser.add_argument(
        "--port", type=int, help="port, 0 for a free one (default: DUALTRANS_PORT, or 8000)"
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run the service. Returns the exit status."""
    changed = {
        key: value for key in ("host", "port") if (value := getattr(options, key)) is not None
    }
    settings = _with_free_port(settings.model_copy(update=changed))
    return serve(settings, worker_command=[sys.executable, "-m", "worker"])


def serve(settings: Settings, *, worker_command: Sequence[str]) -> int:
    """Run the whole stack; `worker_command` is the command of a worker process.

    Returns the exit status: 0 after Ctrl-C or SIGTERM.

    Raises:
        SetupError: the service cannot start. The message is one line and says what to change.
    """
    configure_logging(settings.log_level, settings.log_format)
    _check_packages()
    _check_port(settings)
    signing_secrets(settings)  # these two raise here rather than in a child process
    open_storage(settings)
    upgrade_database(settings)
    server = EmbeddedQueue(settings.data_dir) if settings.is_embedded else None
    if server is not None:
        server.start()
    database = open_database(settings)
    try:
        _check_queue(settings)
        key = mint_development_key(database)
        write_private(development_key_path(settings), key)
        supervisor = Supervisor(
            _children(settings, worker_command),
            embedded_queue=server,
            is_ready=_readiness_check(settings, database),
            on_ready=lambda: _print_ready(settings, key),
        )
        return supervisor.run()
    finally:
        database.close()
        if server is not None:
            server.stop()


def _children(settings: Settings, worker_command: Sequence[str]) -> list[Child]:
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
                f"worker {number}",
                list(worker_command),
                environment | _metrics_port(settings, number),
            )
            for number in range(1, settings.workers + 1)
        ),
    ]


def _metrics_port(settings: Settings, number: int) -> dict[str, str]:
    """Return the port of a worker: the configured one for worker 1, the next for worker 2."""
    if settings.metrics_port is None:
        return {}
    return {"DUALTRANS_METRICS_PORT": str(settings.metrics_port + number - 1)}


def _readiness_check(settings: Settings, database: Database) -> Callable[[], bool]:
    """Return a function that checks whether the API and a worker of this start are ready."""
    started_at = now_utc()
    checked_at = 0.0

    def is_ready() -> bool:
        nonlocal checked_at
        if time.monotonic() - checked_at < READINESS_POLL_SECONDS:
            return False
        checked_at = time.monotonic()
        return _is_worker_ready(database, started_at) and _is_api_ready(_local_url(settings))

    return is_ready


def _is_worker_ready(database: Database, started_at: datetime) -> bool:
    """Whether a worker that started after `started_at` has loaded its model."""
    ready = select(WorkerHeartbeat.id).where(
        WorkerHeartbeat.started_at >= started_at, WorkerHeartbeat.state != WorkerState.STARTING
    )
    with database.reading() as session:
        return session.scalars(ready).first() is not None


def _is_api_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2.0).is_success
    except httpx.HTTPError:
        return False


def _print_ready(settings: Settings, key: str) -> None:
    url = _local_url(settings)
    purpose = "use it" if runner_folder(settings) else "see how to build the mini program"
    print(f"ready url={url} key={key}")
    print(f"open {url} in a browser to {purpose}")
    print("or upload a photo, then request the result with the id of the response:")
    print(f"  curl -H 'Authorization: Bearer {key}' -F file=@photo.jpg \\")
    print(f"    -F style_id=nixi-black-pottery -F tau=0.8 {url}/v1/stylizations")
    print(f"  curl -H 'Authorization: Bearer {key}' '{url}/v1/stylizations/ID?wait=20'")
    print("or, in another terminal: dualtrans demo photo.jpg", flush=True)


def _local_url(settings: Settings) -> str:
    host = "127.0.0.1" if settings.host in ALL_INTERFACES else settings.host
    return f"http://{host}:{settings.port}"


def _check_packages() -> None:
    for package, extra in (("fastapi", "app"), ("uvicorn", "app"), ("torch", "worker")):
        if find_spec(package) is None:
            raise SetupError(
                f"{package} is not installed; pip install 'dualtrans[{extra}]', or [all]"
            )


def _check_port(settings: Settings) -> None:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as test_socket:
        test_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            test_socket.bind((settings.host, settings.port))
        except OSError as error:
            raise SetupError(
                f"cannot listen on {settings.host}:{settings.port} ({error.strerror}); "
                "set another port with DUALTRANS_PORT"
            ) from error


def _with_free_port(settings: Settings) -> Settings:
    if settings.port != 0:
        return settings
    with closing(socket.socket()) as test_socket:
        test_socket.bind((settings.host, 0))
        return settings.model_copy(update={"port": test_socket.getsockname()[1]})


def _check_queue(settings: Settings) -> None:
    queue = open_queue(settings)
    try:
        if not queue.ping():
            raise SetupError("the Redis server in REDIS_URL is not reachable")
    finally:
        queue.close()
