"""Signed picture URLs: anyone with the URL may see the picture until it expires."""

import hashlib
import hmac
from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from core.errors import Expired, Forbidden
from imaging.formats import PictureFormat

MAX_STEP_SECONDS: Final = 600  # URLs change at most this rarely, so that clients can cache by URL


class Variant(StrEnum):
    """The form of the picture that a URL returns."""

    FULL = "full"
    THUMB = "thumb"
    JPEG = "jpeg"  # for readers that cannot decode WebP, such as WeChat's content check

    def format_of(self, stored: PictureFormat) -> PictureFormat:
        """Return the format of this variant of a picture that is stored in the format `stored`."""
        match self:
            case Variant.FULL:
                return stored
            case Variant.THUMB:
                return PictureFormat.WEBP
            case Variant.JPEG:
                return PictureFormat.JPEG


class PictureURLSigner:
    """Signs and verifies `/v1/pictures/{id}.{extension}?exp=…&kid=…&sig=…`.

    The extension is there because phones name a download after its URL, and show a file without an
    extension in no album. It is not signed: it follows from the picture and the variant.

    Expiry times are rounded down to a multiple of at most a tenth of the lifetime. A URL therefore
    stays the same for a while, and is never valid longer than its lifetime.
    """

    def __init__(self, secrets: tuple[str, ...], *, lifetime_seconds: int) -> None:
        """Sign with the first secret and accept all of them, so that secrets can be rotated."""
        keys = [hmac.digest(text.encode(), b"dualtrans pictures", "sha256") for text in secrets]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._signing_key_id = next(iter(self._keys))
        self._lifetime_seconds = lifetime_seconds
        self._step_seconds = max(1, min(MAX_STEP_SECONDS, lifetime_seconds // 10))

    def path(
        self,
        picture_id: str,
        stored: PictureFormat,
        *,
        now: datetime,
        expires_at: datetime | None = None,
        variant: Variant = Variant.FULL,
    ) -> str:
        """Return the signed URL without scheme and host.

        Args:
            picture_id: the picture; whether it exists is not checked.
            stored: the format in which the picture is stored.
            now: the time from which the lifetime counts.
            expires_at: when the picture expires; the URL expires then at the latest.
            variant: the form of the picture to return.
        """
        end = int(now.timestamp() + self._lifetime_seconds)
        end -= end % self._step_seconds
        if expires_at is not None:
            end = min(end, int(expires_at.timestamp()))
        query = {"exp": str(end), "kid": self._signing_key_id}
        if variant is not Variant.FULL:
            query["variant"] = variant.value
        key = self._keys[self._signing_key_id]
        query["sig"] = _signature(key, picture_id, variant, query["exp"])
        file_name = f"{picture_id}.{variant.format_of(stored).extension}"
        return f"/v1/pictures/{file_name}?{urlencode(query)}"

    def check(
        self, picture_id: str, variant: Variant, *, exp: str, kid: str, sig: str, now: datetime
    ) -> float:
        """Verify the parameters of a URL and return the seconds until it expires.

        Raises:
            Forbidden: the signature is invalid. This is checked first.
            Expired: the signature is valid, but the URL has expired.
        """
        key = self._keys.get(kid)
        if key is None or not _is_equal(_signature(key, picture_id, variant, exp), sig):
            raise Forbidden
        remaining_seconds = int(exp) - now.timestamp()
        if remaining_seconds <= 0:
            raise Expired
        return remaining_seconds


def _signature(key: bytes, picture_id: str, variant: Variant, exp: str) -> str:
    signed = "\n".join((picture_id, variant.value, exp))
    return hmac.new(key, signed.encode(), "sha256").hexdigest()[:40]


def _is_equal(expected: str, given: str) -> bool:
    return hmac.compare_digest(expected.encode(), given.encode())
