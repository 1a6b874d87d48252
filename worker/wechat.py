"""Calls of WeChat's server interface that need an access token: the content check, the cloud.

WeChat answers 200 whatever happens and tells what went wrong by `errcode`. Tokens, which stand in
the address of a call, are never logged.
"""

import logging
from collections.abc import Mapping
from threading import Lock
from time import monotonic
from typing import Any, Final, Protocol

import httpx
from sqlalchemy import column, select, table

from app.shared.database import Database
from app.shared.errors import AppError
from app.shared.settings import Settings

log = logging.getLogger(__name__)

TOKEN_PATH: Final = "/cgi-bin/stable_token"  # noqa: S105  # an address
# System busy, of the open interface and of the cloud's; a day's or a minute's calls are used up
LATER_ERRORS: Final = frozenset({-1, -1000, 45009, 45011})
TOKEN_ERRORS: Final = frozenset({40001, 40014, 42001})  # replaced, not valid, over
RENEWED_SECONDS_BEFORE_END: Final = 300  # for so long WeChat lets the old token hold beside the new
MAX_MESSAGE: Final = 120  # characters

# Written by the login; asked here alone, by the names of its columns.
IDENTITIES: Final = table(
    "wechat_identities", column("appid"), column("openid"), column("user_id"), column("created_at")
)


class NotReached(Exception):  # noqa: N818  # it says what has happened
    """WeChat is away, or busy: the same call may succeed later."""


class Refused(Exception):  # noqa: N818  # it says what has happened
    """WeChat refuses this call, by its `errcode`."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        """Both as WeChat has answered."""
        super().__init__(f"WeChat refuses: {errcode} {errmsg[:MAX_MESSAGE]}")
        self.errcode = errcode


class WeChatAccount(Protocol):
    """What has to be known of a mini program to ask something of its users."""

    def access_token(self, *, instead_of: str | None = None) -> str:
        """The token in force; another one when WeChat has refused `instead_of`."""

    def openid_of_user(self, user_id: str) -> str | None:
        """By what name WeChat knows one of our users; None when it does not."""


class WeChatCalls:
    """Posts JSON to WeChat with the token of an account."""

    def __init__(self, account: WeChatAccount, settings: Settings) -> None:
        """Connects when first used."""
        # httpx writes whole addresses at INFO, and ours hold a token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._account = account
        self._http = _connections(settings)

    def post(self, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        """Call an interface; a token that is refused is renewed once.

        Raises:
            NotReached: try again later.
            Refused: with WeChat's `errcode`.
        """
        token = self._token()
        try:
            return self._ask(path, token, content)
        except Refused as refusal:
            if refusal.errcode not in TOKEN_ERRORS:
                raise
        return self._ask(path, self._token(instead_of=token), content)

    def send_file(self, url: str, fields: Mapping[str, str], file: tuple[str, bytes, str]) -> None:
        """Put a file where WeChat's cloud has said that it should go; the file is the last part.

        Raises:
            NotReached: it was not taken.
        """
        try:
            response = self._http.post(url, data=dict(fields), files={"file": file})
        except httpx.HTTPError as error:
            raise NotReached(f"no answer to a file ({type(error).__name__})") from None
        if not response.is_success:
            raise NotReached(f"a file was answered with status {response.status_code}")

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _token(self, *, instead_of: str | None = None) -> str:
        try:
            return self._account.access_token(instead_of=instead_of)
        except (Refused, AppError) as error:  # the call itself is not at fault
            raise NotReached(f"no access token ({error})") from error

    def _ask(self, path: str, token: str, content: Mapping[str, object]) -> dict[str, Any]:
        return _answer_of(self._http, path, {"access_token": token}, content)


class SettingsAccount:
    """The mini program that the settings name.

    Its token is the stable one: asked for again, WeChat gives the same, so that each process may
    hold it for itself.
    """

    def __init__(self, settings: Settings, database: Database) -> None:
        """Connects when first used."""
        self._settings = settings
        self._database = database
        self._http = _connections(settings)
        self._lock = Lock()
        self._token: str | None = None
        self._until = 0.0

    def access_token(self, *, instead_of: str | None = None) -> str:
        """The token in force; a new one is forced only if WeChat gives out the refused one again.

        Raises:
            NotReached, Refused.
        """
        with self._lock:
            if self._token is None or self._token == instead_of or monotonic() > self._until:
                self._renew(force=False)
            if self._token == instead_of:
                self._renew(force=True)
            if self._token is None:
                raise NotReached("no access token")
            return self._token

    def openid_of_user(self, user_id: str) -> str | None:
        """The newest of this mini program."""
        known = (
            select(IDENTITIES.c.openid)
            .where(
                IDENTITIES.c.user_id == user_id, IDENTITIES.c.appid == self._settings.wechat_appid
            )
            .order_by(IDENTITIES.c.created_at.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            return session.scalar(known)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _renew(self, *, force: bool) -> None:
        secret = self._settings.wechat_secret
        asked = {
            "grant_type": "client_credential",
            "appid": self._settings.wechat_appid,
            "secret": secret.get_secret_value() if secret else None,
            "force_refresh": force,
        }
        answer = _answer_of(self._http, TOKEN_PATH, {}, asked)
        token, seconds = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not isinstance(seconds, int):
            raise NotReached("an answer without a token")
        self._token = token
        self._until = monotonic() + max(1, seconds - RENEWED_SECONDS_BEFORE_END)


def _connections(settings: Settings) -> httpx.Client:
    return httpx.Client(base_url=settings.wechat_url, timeout=settings.wechat_timeout_seconds)


def _answer_of(
    http: httpx.Client, path: str, query: Mapping[str, str], content: Mapping[str, object]
) -> dict[str, Any]:
    try:
        response = http.post(path, params=dict(query), json=dict(content))
        answer = response.json()
    except httpx.HTTPError as error:
        raise NotReached(f"no answer ({type(error).__name__})") from None  # it holds the address
    except ValueError:
        raise NotReached("an answer that is not JSON") from None
    if not response.is_success or not isinstance(answer, dict):
        raise NotReached(f"an answer with status {response.status_code}")
    errcode = answer.get("errcode", 0)
    if errcode in LATER_ERRORS:
        raise NotReached(f"errcode {errcode}")
    if errcode != 0:
        raise Refused(errcode, str(answer.get("errmsg", "")))
    return answer
