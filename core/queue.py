"""The notification queue between API and workers, on Redis and RQ.

A job is a row of the database. A queue notification has no content; it only says that rows may be
waiting. A lost notification loses no job: every worker's reconciler restores missing ones.
"""

import hashlib
import logging
import os
import tempfile
from pathlib import Path
from typing import Final

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue as RQQueue
from rq.serializers import JSONSerializer

from core.settings import Settings

log = logging.getLogger(__name__)

MAX_SOCKET_PATH_BYTES: Final = 100  # the kernel's limit is 107
QUEUE_NAME: Final = "dualtrans"
TASK_NAME: Final = "worker.tasks.run_next_batch"  # a string: core must not import the worker
MAX_NOTIFICATIONS: Final = 64  # pending; more would not start more workers
FAILURE_TTL_SECONDS: Final = 300  # how long RQ keeps a notification whose handling failed
# Far longer than any batch: SIGALRM cannot interrupt a forward pass, and the worker enforces its
# own time limit. This only bounds how long RQ keeps a notification whose worker was killed.
JOB_TIMEOUT_SECONDS: Final = 3600
CONNECT_TIMEOUT_SECONDS: Final = 0.5
SOCKET_TIMEOUT_SECONDS: Final = 1.0  # with redis-py's default a frozen server blocks for over 25 s


class Queue:
    """Notifies workers. Does not raise when Redis is unreachable, except where it says so."""

    def __init__(self, connection: Redis) -> None:
        """Use a connection of `open_redis`, which has short timeouts."""
        self._connection = connection
        self._queue = RQQueue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)

    def notify_workers(self) -> bool:
        """Add one notification. Call this after the row is committed.

        Returns False when Redis is unreachable: the reconciler of a worker will find the row.
        """
        return self.add_notifications(1, at_most=MAX_NOTIFICATIONS) is not None

    def add_notifications(self, count: int, *, at_most: int) -> int | None:
        """Add `count` notifications, but leave no more than `at_most` pending.

        Returns how many were added, or None when Redis is unreachable.
        """
        try:
            missing = min(count, at_most - self._queue.count)
            for _ in range(missing):
                self._add_notification()
        except RedisError as error:
            log.warning("Redis is unreachable (%s); workers will find waiting rows later", error)
            return None
        return max(missing, 0)

    def ping(self) -> bool:
        """Return whether Redis responds in time."""
        try:
            return bool(self._connection.ping())
        except RedisError:
            return False

    def count_pending(self) -> int:
        """Return the number of pending notifications.

        Raises:
            RedisError: Redis is unreachable.
        """
        return int(self._queue.count)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _add_notification(self) -> None:
        self._queue.enqueue(
            TASK_NAME,
            job_timeout=JOB_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=FAILURE_TTL_SECONDS,
        )


def queue_folder(data_dir: Path) -> Path:
    """Return the folder of the embedded server: in `data_dir`, or a private temporary folder.

    The temporary folder is used when the path is too long for a socket or contains white space,
    which the server's configuration does not allow. Losing it loses notifications but no job.
    """
    folder = data_dir.absolute() / "queue"
    is_short = len(os.fsencode(folder / "queue.sock")) <= MAX_SOCKET_PATH_BYTES
    if is_short and not any(character.isspace() for character in str(folder)):
        return folder
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dualtrans-{os.getuid()}-{name}"


def socket_path(data_dir: Path) -> Path:
    """Return the Unix socket of the embedded server, which opens no TCP port."""
    return queue_folder(data_dir) / "queue.sock"


def queue_url(settings: Settings) -> str:
    """Return `REDIS_URL`, or the socket of the embedded server."""
    return settings.redis_url or f"unix://{socket_path(settings.data_dir)}"


def open_redis(settings: Settings) -> Redis:
    """Return a client with short timeouts; it connects on first use."""
    return Redis.from_url(
        queue_url(settings),
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=SOCKET_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def open_queue(settings: Settings) -> Queue:
    """Return the queue of the settings; it connects on first use."""
    return Queue(open_redis(settings))
