"""Users and their keys: made, listed, retired, recognised."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.tokens import Token, TokenSigner
from app.shared import keys
from app.shared.database import Database
from app.shared.errors import NotFound, Unauthenticated
from app.shared.tables import ApiKey, User, now_utc

LAST_USE_NOTED_EVERY: Final = timedelta(minutes=1)  # else every poll would be a write


@dataclass(frozen=True)
class Caller:
    """Who asks: the user, and the key when it was a key."""

    user_id: str
    key_id: str | None = None

    @property
    def rate_key(self) -> str:
        """What uploads are counted by: each key for itself, a user's tokens together."""
        return self.key_id or self.user_id


def recognise(
    database: Database, signer: TokenSigner, bearer: str, now: datetime | None = None
) -> Caller:
    """Who holds this key or token.

    Raises:
        Unauthenticated: nobody does, or no longer.
    """
    if bearer.startswith(keys.KEY_START):
        return _holder_of_key(database, bearer, now or now_utc())
    user_id = signer.user_id(bearer)
    with database.reading() as session:
        if user_id is None or session.get(User, user_id) is None:
            raise Unauthenticated
    return Caller(user_id)


def _holder_of_key(database: Database, text: str, now: datetime) -> Caller:
    with database.reading() as session:
        key = keys.find_key(session, text)
    if key is None:
        raise Unauthenticated
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_NOTED_EVERY:
        with database.transaction() as session:
            used = session.get(ApiKey, key.id)
            if used is not None:
                used.last_used_at = now
    return Caller(key.user_id, key.id)


def create_key(database: Database, name: str) -> str:
    """A key for a new user called `name`. Returns its text, which is shown once and not kept."""
    with database.transaction() as session:
        user = User(kind="api", name=name)
        session.add(user)
        session.flush()
        _, text = keys.mint_key(session, user, name)
    return text


def mint_development_key(database: Database) -> str:
    """A fresh key for the one local user; retires the last one, keeps the history."""
    with database.transaction() as session:
        return keys.renew_development_key(session)


def list_keys(database: Database) -> list[ApiKey]:
    """Every key, newest first, retired ones too."""
    with database.reading() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())))


def revoke_key(database: Database, key_id: str, now: datetime | None = None) -> None:
    """Retire a key, by its id or its shown part; retiring it twice is as good.

    Raises:
        NotFound: there is no such key.
    """
    named = (ApiKey.id == key_id) | (ApiKey.prefix == key_id)
    with database.transaction() as session:
        found = list(session.scalars(select(ApiKey).where(named)))
        if not found:
            raise NotFound
        for key in found:
            key.revoked_at = key.revoked_at or now or now_utc()


def development_login(database: Database, signer: TokenSigner, name: str) -> tuple[User, Token]:
    """The development user of this name, made when new, and a token for it."""
    with database.transaction() as session:
        user = _development_user(session, name)
    return user, signer.sign(user.id, now_utc())


def _development_user(session: Session, name: str) -> User:
    named = select(User).where(User.kind == "dev", User.name == name).order_by(User.created_at)
    user = session.scalars(named).first()
    if user is None:
        user = User(kind="dev", name=name)
        session.add(user)
        session.flush()
    return user
