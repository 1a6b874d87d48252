"""The limit of uploads per minute."""

import logging
import math
import time

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis.exceptions import RedisError

from core.errors import RateLimited
from core.queue import CONNECT_TIMEOUT_SECONDS, SOCKET_TIMEOUT_SECONDS, queue_url
from core.settings import Settings

log = logging.getLogger(__name__)


class UploadLimiter:
    """Counts uploads in Redis for all API processes; in memory while Redis is unreachable."""

    def __init__(self, settings: Settings) -> None:
        """Create the limiter; it connects when it is first used."""
        address = queue_url(settings)
        if address.startswith("unix://"):
            address = f"redis+{address}"
        shared = RedisStorage(
            address,
            key_prefix="dualtrans-uploads",
            socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
            socket_timeout=SOCKET_TIMEOUT_SECONDS,
        )
        self._limit = RateLimitItemPerMinute(settings.uploads_per_minute)
        self._shared = MovingWindowRateLimiter(shared)
        self._local = MovingWindowRateLimiter(MemoryStorage())

    def count(self, rate_key: str, *, limit: int | None = None) -> None:
        """Count one upload.

        Args:
            rate_key: the id of the API key or user, see `Caller.rate_key`.
            limit: the key's own uploads per minute; None applies the setting.

        Raises:
            RateLimited: the limit is reached; it contains the seconds to wait.
        """
        item = self._limit if limit is None else RateLimitItemPerMinute(limit)
        try:
            _count(self._shared, item, rate_key)
        except RedisError as error:
            log.warning("Redis is unreachable, uploads are counted in this process only: %s", error)
            _count(self._local, item, rate_key)


def _count(limiter: MovingWindowRateLimiter, item: RateLimitItem, rate_key: str) -> None:
    if limiter.hit(item, rate_key):
        return
    wait_seconds = limiter.get_window_stats(item, rate_key).reset_time - time.time()
    raise RateLimited(limit=item.amount, retry_after_s=max(1, math.ceil(wait_seconds)))
