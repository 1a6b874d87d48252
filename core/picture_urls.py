"""Signed picture addresses: who has one may see the picture, until it expires."""

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from core.errors import Expired, Forbidden

LONGEST_STEP_SECONDS: Final = 600  # addresses change this rarely, so that clients can cache by them


class Variant(StrEnum):
    """Which form of the picture an address gives."""

    FULL = "full"
    THUMB = "thumb"
    JPEG = "jpeg"  # for readers that know no WebP, such as the content check


class PictureURLSigner:
    """Makes and checks `/v1/pictures/{id}?exp=…&kid=…&sig=…`.

    The expiry falls on a grid of at most a tenth of the lifetime and is rounded down: an address
    stays the same for a while, and never lives longer than it should.
    """

    def __init__(self, secrets: tuple[str, ...], *, lifetime_seconds: int) -> None:
        """Sign with the first secret, verify with each, so that secrets can be changed in peace."""
        keys = [hmac.digest(text.encode(), b"dualtrans pictures", "sha256") for text in secrets]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._signing_id = next(iter(self._keys))
        self._lifetime_seconds = lifetime_seconds
        self._step_seconds = max(1, min(LONGEST_STEP_SECONDS, lifetime_seconds // 10))

    def path(
        self,
        picture_id: str,
        *,
        now: datetime,
        expires_at: datetime | None = None,
        variant: Variant = Variant.FULL,
    ) -> str:
        """The address without the host; it ends with the picture's `expires_at` at the latest."""
        end = int(now.timestamp() + self._lifetime_seconds)
        end -= end % self._step_seconds
        if expires_at is not None:
            end = min(end, int(expires_at.timestamp()))
        query = {"exp": str(end), "kid": self._signing_id}
        if variant is not Variant.FULL:
            query["variant"] = variant.value
        query["sig"] = _signature(self._keys[self._signing_id], picture_id, variant, query["exp"])
        return f"/v1/pictures/{picture_id}?{urlencode(query)}"

    def check(
        self, picture_id: str, variant: Variant, *, exp: str, kid: str, sig: str, now: datetime
    ) -> float:
        """Check an address.

        Returns:
            The seconds that it still holds.

        Raises:
            Forbidden: the signature is not ours; nothing else is looked at before it.
            Expired: it was ours, and is over.
        """
        key = self._keys.get(kid)
        if key is None or not _is_equal(_signature(key, picture_id, variant, exp), sig):
            raise Forbidden
        left = int(exp) - now.timestamp()
        if left <= 0:
            raise Expired
        return left


def _signature(key: bytes, picture_id: str, variant: Variant, exp: str) -> str:
    signed = "\n".join((picture_id, variant.value, exp))
    return hmac.new(key, signed.encode(), "sha256").hexdigest()[:40]


def _is_equal(ours: str, given: str) -> bool:
    return hmac.compare_digest(ours.encode(), given.encode())
