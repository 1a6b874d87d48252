"""Cache of the access token, shared by all processes through Redis."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Lock
from time import monotonic

from redis import Redis
from redis.exceptions import RedisError

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class _LocalToken:
    """Copy of the token in this process, used while Redis is unreachable."""

    token: str
    expires_at: float  # by time.monotonic()


class TokenCache:
    """One access token for all processes. While Redis is unreachable, each process has its own."""

    def __init__(self, redis: Redis, key: str) -> None:
        self._redis = redis
        self._key = key
        self._local: _LocalToken | None = None
        self._local_lock = Lock()

    def get(self) -> str | None:
        """Return the token, or None if there is none or it has expired."""
        try:
            token = self._redis.get(self._key)
        except RedisError:
            local = self._local
            return local.token if local is not None and local.expires_at > monotonic() else None
        return token.decode() if isinstance(token, bytes) else None

    def set(self, token: str, *, lifetime_seconds: int) -> None:
        """Store the token for this time."""
        self._local = _LocalToken(token, monotonic() + lifetime_seconds)
        try:
            self._redis.set(self._key, token, ex=lifetime_seconds)
        except RedisError as error:
            log.warning(
                "Redis is not reachable; only this process caches the access token: %s", error
            )

    @contextmanager
    def single_flight(self, *, timeout_seconds: float) -> Iterator[None]:
        """Serialize the callers of all processes; without Redis, those of this process.

        If another process holds the lock for longer than the timeout, the caller proceeds without
        it: a second request for a token does no harm.

        Raises:
            TimeoutError: another thread of this process has held the lock for that long.
        """
        if not self._local_lock.acquire(timeout=timeout_seconds):
            raise TimeoutError
        lock = self._redis.lock(
            f"{self._key}:lock",
            timeout=timeout_seconds,
            blocking_timeout=timeout_seconds,
            sleep=0.05,
        )
        is_acquired = False
        try:
            with suppress(RedisError):
                is_acquired = lock.acquire()
            yield
        finally:
            if is_acquired:
                with suppress(RedisError):
                    lock.release()
            self._local_lock.release()

    def close(self) -> None:
        """Close the connections to Redis; a later call opens them again."""
        self._redis.close()
