"""How many uploads a key may send in a minute."""

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


class UploadRate:
    """Counts in Redis, so that several API processes count together; in memory while it is away."""

    def __init__(self, settings: Settings) -> None:
        """Connects when first used."""
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
        self._own = MovingWindowRateLimiter(MemoryStorage())

    def take(self, who: str, *, limit: int | None = None) -> None:
        """Count one upload of `who`, a key or a user; `limit` is a key's own number a minute.

        Raises:
            RateLimited: the minute is used up; says how long until the next upload is free.
        """
        item = self._limit if limit is None else RateLimitItemPerMinute(limit)
        try:
            _take(self._shared, item, who)
        except RedisError as error:
            log.warning("uploads are counted in this process alone: %s", error)
            _take(self._own, item, who)


def _take(limiter: MovingWindowRateLimiter, item: RateLimitItem, who: str) -> None:
    if limiter.hit(item, who):
        return
    wait = limiter.get_window_stats(item, who).reset_time - time.time()
    raise RateLimited(limit=item.amount, retry_after_s=max(1, math.ceil(wait)))
