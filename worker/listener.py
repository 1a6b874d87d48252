"""Waits for queue notifications and calls a handler for each one."""

import logging
import time
from collections.abc import Callable
from threading import Event
from types import FrameType
from typing import Final

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.executions import Execution
from rq.job import Job
from rq.serializers import JSONSerializer

from core.queue import QUEUE_NAME
from worker import tasks

log = logging.getLogger(__name__)

IDLE_SECONDS: Final = 30  # RQ polls again after half of it, which detects a frozen server
RECONNECT_SECONDS: Final = 1.0


class Listener(SimpleWorker):
    """RQ's worker without forking (CUDA does not survive a fork), which outlives Redis outages."""

    max_connection_wait_time = 2.0  # seconds between attempts to reconnect; the model stays loaded
    handle: Callable[[], None]  # called for each notification
    stop_requested: Event  # set by SIGTERM and SIGINT

    def perform_job(self, job: Job, queue: Queue, execution: Execution) -> bool:
        """Perform an RQ job with this worker's handler."""
        token = tasks.handler.set(self.handle)
        try:
            return super().perform_job(job, queue, execution)
        finally:
            tasks.handler.reset(token)

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the current batch, then stop, even if Redis is unreachable."""
        self.stop_requested.set()
        self.log.setLevel(logging.CRITICAL)
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # not typed in rq
        except RedisError:
            log.debug("Redis is unreachable; RQ could not record the stop request")


def listen(url: str, handle: Callable[[], None], stop_requested: Event) -> None:
    """Call `handle` for each notification until SIGTERM or SIGINT, across outages of Redis.

    The signal sets `stop_requested` at once; this function returns when `handle` has returned.
    """
    connection = Redis.from_url(url)
    while not stop_requested.is_set():
        try:
            listener = Listener(
                [QUEUE_NAME],
                connection=connection,
                serializer=JSONSerializer,
                worker_ttl=IDLE_SECONDS,
                maintenance_interval=IDLE_SECONDS,
            )
            listener.handle = handle
            listener.stop_requested = stop_requested
            listener.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("Redis is unreachable: %s", error)
        except StopRequested:
            return
        if not stop_requested.is_set():
            time.sleep(RECONNECT_SECONDS)
