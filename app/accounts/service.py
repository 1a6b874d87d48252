"""Users, API keys and logins."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts import keys
from app.accounts.tokens import Token, TokenSigner
from app.client_text import checked_name
from app.resources import Resources
from core.db.base import now_utc
from core.db.engine import Database
from core.db.erasure import erase_user
from core.db.users import ALL_SCOPES, DEFAULT_SCOPES, ApiKey, Scope, User, UserKind, WeChatIdentity
from core.errors import MissingScope, NotFound, Unauthenticated

MAX_KEY_NAME: Final = 200  # characters
LAST_USE_PRECISION: Final = timedelta(minutes=1)  # without it, every request would be a write


@dataclass(frozen=True)
class Caller:
    """The user of a request, and the API key if the request used one."""

    user_id: str
    key_id: str | None = None
    scopes: frozenset[Scope] = ALL_SCOPES
    uploads_per_minute: int | None = None  # None: the setting applies

    @property
    def rate_key(self) -> str:
        """The key of the upload counter: the API key, or the user for all of their tokens."""
        return self.key_id or self.user_id

    def require_scope(self, scope: str) -> None:
        """Raise MissingScope when the key does not have this scope."""
        if scope not in self.scopes:
            raise MissingScope(scope=scope)


def authenticate(
    database: Database, signer: TokenSigner, bearer: str, now: datetime | None = None
) -> Caller:
    """The caller with this API key or token.

    Raises:
        Unauthenticated: it is unknown, expired or revoked.
    """
    if bearer.startswith(keys.KEY_PREFIX):
        return _authenticate_key(database, bearer, now or now_utc())
    claims = signer.claims(bearer)
    if claims is None:
        raise Unauthenticated
    with database.reading() as session:
        user = session.get(User, claims.user_id)
    if user is None or user.erased_at is not None or user.token_version != claims.version:
        raise Unauthenticated
    return Caller(user.id)


def _authenticate_key(database: Database, text: str, now: datetime) -> Caller:
    with database.reading() as session:
        key = keys.find_key(session, text, now)
    if key is None:
        raise Unauthenticated
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_PRECISION:
        with database.transaction() as session:
            used = session.get(ApiKey, key.id)
            if used is not None:
                used.last_used_at = now
    return Caller(key.user_id, key.id, key.scopes, key.uploads_per_minute)


# Users


def find_user(database: Database, user_id: str) -> User:
    """The row of a user.

    Raises:
        NotFound: there is no such user, or the user was erased.
    """
    with database.reading() as session:
        return _existing_user(session, user_id)


def list_users(database: Database) -> list[User]:
    """All users, newest first, including those that are being erased."""
    with database.reading() as session:
        return list(session.scalars(select(User).order_by(User.created_at.desc())))


def revoke_tokens(database: Database, user_id: str) -> None:
    """Revoke all tokens of a user; API keys stay valid, and a new login is possible at once.

    Raises:
        NotFound: there is no such user.
    """
    with database.transaction() as session:
        _existing_user(session, user_id, lock=True).revoke_tokens()


def erase(database: Database, user_id: str) -> datetime:
    """Erase a user with all data; it cannot be undone.

    This transaction cancels jobs, marks pictures and styles as deleted, and removes keys, tokens
    and the openid. A periodic task of the workers deletes the files, then the rows.

    Returns:
        The time of the erasure.

    Raises:
        NotFound: there is no such user.
    """
    now = now_utc()
    with database.transaction() as session:
        erase_user(session, _existing_user(session, user_id, lock=True), now=now)
    return now


def _existing_user(session: Session, user_id: str, *, lock: bool = False) -> User:
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
    """Create a key for a new user called `name`. Returns its text, which is not stored.

    Raises:
        InvalidValue: the name is empty, too long, or has line breaks.
    """
    name = checked_name(name, field="name", longest=MAX_KEY_NAME)
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
    """Create a key for the local user; the previous one is revoked, the history stays."""
    with database.transaction() as session:
        return keys.renew_development_key(session)


def list_keys(database: Database) -> list[ApiKey]:
    """All keys, newest first, including revoked ones."""
    with database.reading() as session:
        return list(session.scalars(select(ApiKey).order_by(ApiKey.created_at.desc())))


def revoke_key(database: Database, key_id: str, now: datetime | None = None) -> None:
    """Revoke a key by its id or its visible prefix; it may be revoked already.

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


def wechat_login(resources: Resources, code: str) -> tuple[User, Token]:
    """Exchange a code of `wx.login` for the user, created at the first login, and a token.

    Raises:
        LoginNotSetUp: the appid or the secret is not set.
        InvalidLoginCode, AccountBlocked, RateLimited, WeChatUnavailable, WeChatRefused.
    """
    database, wechat = resources.database, resources.wechat
    openid = wechat.exchange_login_code(code)
    try:
        user = _wechat_user(database, wechat.appid, openid)
    except IntegrityError:  # a concurrent first login has created the user
        user = _wechat_user(database, wechat.appid, openid)
    return user, resources.token_signer.sign(user.id, now_utc(), version=user.token_version)


def _wechat_user(database: Database, appid: str, openid: str) -> User:
    now = now_utc()
    with database.transaction() as session:
        known = session.get(WeChatIdentity, (appid, openid))
        if known is not None:
            known.last_login_at = now
            return session.get_one(User, known.user_id)
        user = User(kind=UserKind.WECHAT, name="")  # the name is not requested from WeChat
        session.add(user)
        session.flush()
        session.add(
            WeChatIdentity(
                appid=appid, openid=openid, user_id=user.id, created_at=now, last_login_at=now
            )
        )
    return user


def development_login(resources: Resources, name: str) -> tuple[User, Token]:
    """The development user with this name, created if new, and a new token."""
    with resources.database.transaction() as session:
        user = _development_user(session, name)
    return user, resources.token_signer.sign(user.id, now_utc(), version=user.token_version)


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
