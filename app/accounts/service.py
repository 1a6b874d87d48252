"""Users and their keys: made, listed, retired, recognised, erased."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import keys
from app.accounts.tokens import Token, TokenSigner
from core.db.base import now_utc
from core.db.engine import Database
from core.db.erasure import erase_user
from core.db.users import ALL_SCOPES, DEFAULT_SCOPES, ApiKey, Scope, User, UserKind, WeChatIdentity
from core.errors import MissingScope, NotFound, Unauthenticated
from core.wechat.client import WeChat

LAST_USE_NOTED_EVERY: Final = timedelta(minutes=1)  # else every poll would be a write


@dataclass(frozen=True)
class Caller:
    """Who asks: the user, and the key when it was a key."""

    user_id: str
    key_id: str | None = None
    scopes: frozenset[Scope] = ALL_SCOPES
    uploads_per_minute: int | None = None  # None: as the setting says

    @property
    def rate_key(self) -> str:
        """What uploads are counted by: each key for itself, a user's tokens together."""
        return self.key_id or self.user_id

    def must_hold(self, scope: str) -> None:
        """Raise MissingScope when the key was not made for this."""
        if scope not in self.scopes:
            raise MissingScope(scope=scope)


def recognise(
    database: Database, signer: TokenSigner, bearer: str, now: datetime | None = None
) -> Caller:
    """Who holds this key or token.

    Raises:
        Unauthenticated: nobody does, or no longer.
    """
    if bearer.startswith(keys.KEY_START):
        return _holder_of_key(database, bearer, now or now_utc())
    claims = signer.claims(bearer)
    if claims is None or "\0" in claims.user_id:
        raise Unauthenticated
    with database.reading() as session:
        user = session.get(User, claims.user_id)
    if user is None or user.erased_at is not None or user.token_version != claims.version:
        raise Unauthenticated
    return Caller(user.id)


def _holder_of_key(database: Database, text: str, now: datetime) -> Caller:
    with database.reading() as session:
        key = keys.find_key(session, text, now)
    if key is None:
        raise Unauthenticated
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_NOTED_EVERY:
        with database.transaction() as session:
            used = session.get(ApiKey, key.id)
            if used is not None:
                used.last_used_at = now
    return Caller(key.user_id, key.id, key.scopes, key.uploads_per_minute)


# Users


def find_user(database: Database, user_id: str) -> User:
    """The row of a caller.

    Raises:
        NotFound: it was erased in this very moment, or there never was one.
    """
    with database.reading() as session:
        return _living_user(session, user_id)


def list_users(database: Database) -> list[User]:
    """Every user, newest first; those that are being erased too."""
    with database.reading() as session:
        return list(session.scalars(select(User).order_by(User.created_at.desc())))


def end_tokens(database: Database, user_id: str) -> None:
    """Every token of this user ends now; keys stay, and a new login is possible at once.

    Raises:
        NotFound: there is no such user.
    """
    with database.transaction() as session:
        _living_user(session, user_id, lock=True).revoke_tokens()


def erase(database: Database, user_id: str) -> datetime:
    """Forget a user and everything of theirs; it cannot be undone.

    In this transaction jobs are cancelled, pictures and styles marked deleted, keys, tokens and
    the openid gone. The worker's housekeeping takes the bytes, then the rows, however often it
    has to begin anew.

    Returns:
        When it was asked for.

    Raises:
        NotFound: there is no such user.
    """
    now = now_utc()
    with database.transaction() as session:
        erase_user(session, _living_user(session, user_id, lock=True), now=now)
    return now


def _living_user(session: Session, user_id: str, *, lock: bool = False) -> User:
    if "\0" in user_id:  # PostgreSQL cannot even be asked for it
        raise NotFound
    user = session.get(User, user_id, with_for_update=lock or None)
    if user is None or user.erased_at is not None:
        raise NotFound
    return user


# Keys


def create_key(
    database: Database,
    name: str,
    *,
    scopes: frozenset[Scope] = DEFAULT_SCOPES,
    uploads_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> str:
    """A key for a new user called `name`. Returns its text, which is shown once and not kept."""
    with database.transaction() as session:
        user = User(kind=UserKind.API, name=name)
        session.add(user)
        session.flush()
        _, text = keys.mint_key(
            session,
            user,
            name,
            scopes=scopes,
            uploads_per_minute=uploads_per_minute,
            expires_at=expires_at,
        )
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


# Logins


def wechat_login(
    database: Database, signer: TokenSigner, wechat: WeChat, code: str
) -> tuple[User, Token]:
    """The user behind a code of `wx.login`, made at the first login, and a token for them.

    Raises:
        LoginNotSetUp, InvalidLoginCode, AccountBlocked, RateLimited, WeChatUnavailable, WeChatRefused.
    """
    openid = wechat.openid_of(code)
    try:
        user = _wechat_user(database, wechat.appid, openid)
    except IntegrityError:  # two first logins at once: the other one has made the user
        user = _wechat_user(database, wechat.appid, openid)
    return user, signer.sign(user.id, now_utc(), version=user.token_version)


def _wechat_user(database: Database, appid: str, openid: str) -> User:
    now = now_utc()
    with database.transaction() as session:
        known = session.get(WeChatIdentity, (appid, openid))
        if known is not None:
            known.last_login_at = now
            return session.get_one(User, known.user_id)
        user = User(kind=UserKind.WECHAT, name="")  # we ask WeChat for no name
        session.add(user)
        session.flush()
        session.add(
            WeChatIdentity(
                appid=appid, openid=openid, user_id=user.id, created_at=now, last_login_at=now
            )
        )
    return user


def development_login(database: Database, signer: TokenSigner, name: str) -> tuple[User, Token]:
    """The development user of this name, made when new, and a token for it."""
    with database.transaction() as session:
        user = _development_user(session, name)
    return user, signer.sign(user.id, now_utc(), version=user.token_version)


def _development_user(session: Session, name: str) -> User:
    named = (
        select(User).where(User.kind == UserKind.DEV, User.name == name).order_by(User.created_at)
    )
    user = session.scalars(named).first()
    if user is None:
        user = User(kind=UserKind.DEV, name=name)
        session.add(user)
        session.flush()
    return user
