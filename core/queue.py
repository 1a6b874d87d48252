"""The doorbell between API and worker: a wake-up without content, for the row is the job.

A lost wake-up is not a lost job: every worker's reconciler rings again for rows that wait.
"""

import hashlib
import logging
import os
import tempfile
from pathlib import Path

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue as RQQueue
from rq.serializers import JSONSerializer

from core.settings import Settings

log = logging.getLogger(__name__)

MAX_SOCKET_PATH_BYTES = 100  # the kernel's limit is 107
QUEUE_NAME = "dualtrans"
TASK_NAME = "worker.tasks.run_next_batch"  # by name: app does not import worker
MAX_NOTIFICATIONS = 64  # more rings than this wake nobody who is not awake already
WAKE_UP_SECONDS_KEPT = 300  # how long RQ remembers a wake-up that failed
# Far above what a batch takes: SIGALRM cannot stop a long forward, and the worker has a watchdog of
# its own. It bounds how long RQ remembers a wake-up whose worker was killed.
WAKE_UP_TIMEOUT_SECONDS = 3600
CONNECT_SECONDS = 0.5
ANSWER_SECONDS = 1.0  # with redis-py's own settings a frozen server blocks for over 25 s


class Queue:
    """Rings for a worker; never fails the caller when Redis is away."""

    def __init__(self, connection: Redis) -> None:
        """Take a connection as `open_queue` builds it, with short time-outs."""
        self._connection = connection
        self._rings = RQQueue(QUEUE_NAME, connection=connection, serializer=JSONSerializer)

    def notify_workers(self) -> bool:
        """Ring once. Call it after the row is committed.

        Returns False when Redis is away: the worker's reconciler will find the row.
        """
        return self.add_notifications(1, at_most=MAX_NOTIFICATIONS) is not None

    def add_notifications(self, count: int, *, at_most: int) -> int | None:
        """Add `count` notifications, but leave no more than `at_most` pending.

        Returns how many were added, or None when Redis is unreachable.
        """
        try:
            missing = min(count, at_most - self._rings.count)
            for _ in range(missing):
                self._ring()
        except RedisError as error:
            log.warning("the queue is away (%s); waiting rows are found without it", error)
            return None
        return max(missing, 0)

    def ping(self) -> bool:
        """Whether Redis answers in time."""
        try:
            return bool(self._connection.ping())
        except RedisError:
            return False

    def count_pending(self) -> int:
        """How many rings wait. Raises RedisError when Redis is away."""
        return int(self._rings.count)

    def close(self) -> None:
        """Close the connections."""
        self._connection.close()

    def _ring(self) -> None:
        self._rings.enqueue(
            TASK_NAME,
            job_timeout=WAKE_UP_TIMEOUT_SECONDS,
            result_ttl=0,
            failure_ttl=WAKE_UP_SECONDS_KEPT,
        )


def queue_folder(data_dir: Path) -> Path:
    """The server's folder: in `data_dir`, or a private temporary one.

    A path that is too long for a socket, or holds white space (which the server's configuration
    cannot), needs the second. Losing that folder loses wake-ups only, and no job.
    """
    home = data_dir.absolute() / "queue"
    fits = len(os.fsencode(home / "queue.sock")) <= MAX_SOCKET_PATH_BYTES
    if fits and not any(character.isspace() for character in str(home)):
        return home
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"dualtrans-{os.getuid()}-{name}"


def socket_path(data_dir: Path) -> Path:
    """Where the embedded server listens; no TCP port is opened."""
    return queue_folder(data_dir) / "queue.sock"


def queue_url(settings: Settings) -> str:
    """The address of Redis: `REDIS_URL`, or the socket of the embedded server."""
    return settings.redis_url or f"unix://{socket_path(settings.data_dir)}"


def open_redis(settings: Settings) -> Redis:
    """A connection that says soon when Redis is away; connects when first used."""
    return Redis.from_url(
        queue_url(settings),
        socket_connect_timeout=CONNECT_SECONDS,
        socket_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


def open_queue(settings: Settings) -> Queue:
    """The queue that the settings name; connects when first used."""
    return Queue(open_redis(settings))
