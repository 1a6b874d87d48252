"""API keys: shown once when they are created, stored as a hash."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.db.base import new_id, now_utc
from core.db.users import ALL_SCOPES, DEFAULT_SCOPES, ApiKey, Scope, User, UserKind

KEY_PREFIX = "dt_"
SHOWN_CHARACTERS = 11  # `dt_` and eight more: enough to distinguish keys, too few to guess one
SECRET_BYTES = 32
LOCAL_USER_ID = "usr_local"
DEVELOPMENT_KEY_NAME = "development"


def hash_of(text: str) -> str:
    """The hash of a key, as stored. A key has 256 random bits, so a fast hash is enough."""
    return hashlib.sha256(text.encode()).hexdigest()


def mint_key(
    session: Session,
    user: User,
    name: str,
    *,
    scopes: frozenset[Scope] = DEFAULT_SCOPES,
    uploads_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """Create a key for a user. Returns the row and the text, which is not stored."""
    text = KEY_PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    key = ApiKey(
        user_id=user.id,
        name=name,
        prefix=text[:SHOWN_CHARACTERS],
        secret_hash=hash_of(text),
        scope_names=" ".join(sorted(scopes)),
        uploads_per_minute=uploads_per_minute,
        expires_at=expires_at,
    )
    session.add(key)
    session.flush()
    return key, text


def find_key(session: Session, text: str, now: datetime | None = None) -> ApiKey | None:
    """The key with this text; None when it is unknown, revoked or expired."""
    known = select(ApiKey).where(
        ApiKey.secret_hash == hash_of(text),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > (now or now_utc())),
    )
    return session.scalars(known).one_or_none()


def local_user(session: Session) -> User:
    """The only user of an embedded service, created if missing, also after its erasure."""
    user = session.scalars(select(User).where(User.kind == UserKind.LOCAL)).first()
    if user is None:
        is_taken = session.get(User, LOCAL_USER_ID) is not None  # by a user that is being erased
        user_id = new_id("usr") if is_taken else LOCAL_USER_ID
        user = User(id=user_id, kind=UserKind.LOCAL, name="local")
        session.add(user)
        session.flush()
    return user


def renew_development_key(session: Session, now: datetime | None = None) -> str:
    """Create a key for the local user and revoke the previous one. Returns its text."""
    user = local_user(session)
    session.execute(
        update(ApiKey)
        .where(ApiKey.user_id == user.id, ApiKey.name == DEVELOPMENT_KEY_NAME)
        .where(ApiKey.revoked_at.is_(None))
        .values(revoked_at=now or now_utc())
    )
    _, text = mint_key(session, user, DEVELOPMENT_KEY_NAME, scopes=ALL_SCOPES)
    return text
