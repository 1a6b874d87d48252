"""Keys to the API: minted once, shown once, kept as a hash."""

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from core.db.base import new_id, now_utc
from core.db.users import ALL_SCOPES, DEFAULT_SCOPES, ApiKey, Scope, User, UserKind

KEY_START = "dt_"
SHOWN_CHARACTERS = 11  # `dt_` and eight more: enough to tell keys apart, far too few to guess one
SECRET_BYTES = 32
LOCAL_USER_ID = "usr_local"
DEVELOPMENT_KEY_NAME = "development"


def hash_of(text: str) -> str:
    """What is kept of a key. It holds 256 random bits, so a fast hash is enough."""
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
    """Make a key for a user. Returns the row and the text, which is to be had now or never."""
    text = KEY_START + secrets.token_urlsafe(SECRET_BYTES)
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
    """The key with this text, unless it is unknown, revoked or past its time."""
    known = select(ApiKey).where(
        ApiKey.secret_hash == hash_of(text),
        ApiKey.revoked_at.is_(None),
        or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > (now or now_utc())),
    )
    return session.scalars(known).one_or_none()


def local_user(session: Session) -> User:
    """The one user of an embedded stack; made when first asked for, anew after its erasure."""
    user = session.scalars(select(User).where(User.kind == UserKind.LOCAL)).first()
    if user is None:
        is_taken = session.get(User, LOCAL_USER_ID) is not None  # by the one that is being erased
        user_id = new_id("usr") if is_taken else LOCAL_USER_ID
        user = User(id=user_id, kind=UserKind.LOCAL, name="local")
        session.add(user)
        session.flush()
    return user


def renew_development_key(session: Session, now: datetime | None = None) -> str:
    """A fresh key for the local user; the last one is retired, the history stays."""
    user = local_user(session)
    session.execute(
        update(ApiKey)
        .where(ApiKey.user_id == user.id, ApiKey.name == DEVELOPMENT_KEY_NAME)
        .where(ApiKey.revoked_at.is_(None))
        .values(revoked_at=now or now_utc())
    )
    _, text = mint_key(session, user, DEVELOPMENT_KEY_NAME, scopes=ALL_SCOPES)
    return text
