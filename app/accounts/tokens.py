"""Session tokens: signed, short-lived, and revocable by the version on the user's row."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "dualtrans"
LIFETIME: Final = timedelta(hours=2)  # short, because a login needs no user action


@dataclass(frozen=True)
class Token:
    """The text for `Authorization: Bearer`, and when it expires."""

    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Claims:
    """The user of a token, and the user's `token_version` when it was issued."""

    user_id: str
    version: int


class TokenSigner:
    """Signs with the first secret and verifies with all of them, so that secrets can be rotated."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        """Derive a key from each secret; the same secrets also sign picture URLs."""
        keys = [hmac.digest(secret.encode(), b"dualtrans tokens", "sha256") for secret in secrets]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._signing_id = next(iter(self._keys))

    def sign(self, user_id: str, now: datetime, *, version: int = 0) -> Token:
        """A token for a user id; it is valid until it expires or the row's version changes."""
        expires_at = (now + LIFETIME).replace(microsecond=0)
        text = jwt.encode(
            {"sub": user_id, "aud": AUDIENCE, "iat": now, "exp": expires_at, "ver": version},
            self._keys[self._signing_id],
            algorithm=ALGORITHM,
            headers={"kid": self._signing_id},
        )
        return Token(text, expires_at)

    def claims(self, text: str) -> Claims | None:
        """The claims of a token; None when it is forged, expired or signed with a removed secret.

        A token without a version, from earlier releases, has version 0.
        """
        try:
            key = self._keys[jwt.get_unverified_header(text)["kid"]]
            claims = jwt.decode(
                text,
                key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["sub", "exp", "aud"]},
            )
            return Claims(str(claims["sub"]), int(claims.get("ver", 0)))
        except (jwt.InvalidTokenError, KeyError, TypeError, ValueError):
            return None
