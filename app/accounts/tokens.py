"""Session tokens: signed, short-lived, and ended early by the version on the user's row."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import jwt

ALGORITHM: Final = "HS256"
AUDIENCE: Final = "dualtrans"
LIFETIME: Final = timedelta(hours=2)  # a login is silent, so short is fine


@dataclass(frozen=True)
class Token:
    """What a login gives: the text for `Authorization: Bearer`, and until when it holds."""

    text: str
    expires_at: datetime


@dataclass(frozen=True)
class Claims:
    """What a token says: whose it is, and the `token_version` of its time."""

    user_id: str
    version: int


class TokenSigner:
    """Signs with the first secret, verifies with each, so that secrets can be changed in peace."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        """Derive a key from each secret; the same secrets also sign picture addresses."""
        keys = [hmac.digest(secret.encode(), b"dualtrans tokens", "sha256") for secret in secrets]
        self._keys = {hashlib.sha256(key).hexdigest()[:8]: key for key in keys}
        self._signing_id = next(iter(self._keys))

    def sign(self, user_id: str, now: datetime, *, version: int = 0) -> Token:
        """A token that says who the user is, by our own id; it ends with the row's next version."""
        expires_at = (now + LIFETIME).replace(microsecond=0)
        text = jwt.encode(
            {"sub": user_id, "aud": AUDIENCE, "iat": now, "exp": expires_at, "ver": version},
            self._keys[self._signing_id],
            algorithm=ALGORITHM,
            headers={"kid": self._signing_id},
        )
        return Token(text, expires_at)

    def claims(self, text: str) -> Claims | None:
        """What it says; None when it is forged, expired or signed with a retired secret.

        A token of the time before versions counts as of version 0.
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
