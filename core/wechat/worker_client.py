"""Calls of WeChat's server interface that need an access token: the content check, the cloud.

WeChat answers 200 whatever happens and tells what went wrong by `errcode`. Tokens, which stand in
the address of a call, are never logged.
"""

import logging
from collections.abc import Mapping
from typing import Any, Final, Protocol

import httpx
from sqlalchemy import select

from core.db.engine import Database
from core.db.users import WeChatIdentity
from core.errors import AppError
from core.settings import Settings
from core.wechat.client import BUSY, TOKEN_ERRORS, TOO_OFTEN, WeChat, open_wechat

log = logging.getLogger(__name__)

# It is busy, or a day's or a minute's calls are used up
LATER_ERRORS: Final = BUSY | {45009, TOO_OFTEN}
MAX_MESSAGE: Final = 120  # characters


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
        except AppError as error:  # the call itself is not at fault
            raise NotReached(f"no access token ({error})") from error

    def _ask(self, path: str, token: str, content: Mapping[str, object]) -> dict[str, Any]:
        return _answer_of(self._http, path, {"access_token": token}, content)


class MiniProgram:
    """The mini program that the settings name, by the one door to WeChat that all share."""

    def __init__(self, wechat: WeChat, database: Database) -> None:
        """Asks nothing yet."""
        self._wechat = wechat
        self._database = database

    def access_token(self, *, instead_of: str | None = None) -> str:
        """The token in force; a new one is forced only if WeChat gives out the refused one again.

        Raises:
            WeChatUnavailable, WeChatRefused.
        """
        return self._wechat.access_token(instead_of=instead_of)

    def openid_of_user(self, user_id: str) -> str | None:
        """The newest of this mini program."""
        known = (
            select(WeChatIdentity.openid)
            .where(WeChatIdentity.user_id == user_id, WeChatIdentity.appid == self._wechat.appid)
            .order_by(WeChatIdentity.created_at.desc())
            .limit(1)
        )
        with self._database.reading() as session:
            return session.scalar(known)


def mini_program(settings: Settings, database: Database) -> MiniProgram | None:
    """That of the settings, which need not name one."""
    if settings.wechat_appid is None or settings.wechat_secret is None:
        return None
    return MiniProgram(open_wechat(settings), database)


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
