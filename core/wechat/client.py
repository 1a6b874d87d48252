"""WeChat's server interface: the one door to it, for logins and for all that needs an access token.

WeChat answers 200 whatever happens and tells what went wrong by `errcode`; here that becomes one of
our own errors. The secret, session keys and access tokens are never logged and leave no answer.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import BoundedSemaphore, Lock
from time import monotonic
from typing import Any, Final, TypeVar

import httpx
from redis import Redis
from redis.exceptions import RedisError

from core.errors import AppError, RateLimited
from core.queue import open_redis
from core.settings import Settings
from core.wechat.errors import (
    AccountBlocked,
    InvalidLoginCode,
    LoginNotSetUp,
    WeChatRefused,
    WeChatUnavailable,
)

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

LOGIN_PATH: Final = "/sns/jscode2session"
TOKEN_PATH: Final = "/cgi-bin/stable_token"  # noqa: S105  # an address
CODE_PATH: Final = "/wxa/getwxacodeunlimit"
CODE_WIDTH_PX: Final = 430
PICTURE_STARTS: Final = (b"\xff\xd8\xff", b"\x89PNG")

BUSY: Final = frozenset({-1, -1000})  # "system busy", of the open interface and of the cloud's
CODE_ERRORS: Final = frozenset({40029, 40163, 41008})  # not valid, used before, missing
BLOCKED: Final = 40226
TOO_OFTEN: Final = 45011
TOKEN_ERRORS: Final = frozenset({40001, 40014, 42001})  # replaced, not valid, over

LOGINS_PER_MINUTE: Final = 100  # that WeChat allows one user; told to the client
TOO_OFTEN_SECONDS: Final = 60
AWAY_RETRY_SECONDS: Final = 5
MOST_AT_ONCE: Final = 8  # logins, and codes: an outage must not take every thread of the service
MOST_OF_A_MESSAGE: Final = 200  # characters
# WeChat renews a token 5 minutes before its end and lets the old one hold until then; so does this.
RENEWED_SECONDS_BEFORE_END: Final = 300


class WeChat:
    """A client of api.weixin.qq.com for one mini program.

    Usage:
        with open_wechat(settings) as wechat:
            openid = wechat.openid_of(code)
            wechat.post("/wxa/media_check_async", {"media_url": address, ...})
    """

    def __init__(self, settings: Settings, shared: Redis) -> None:
        """`shared` holds the access token for all processes; losing it costs one call."""
        # httpx writes whole addresses at INFO, and ours hold the secret or a token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._settings = settings
        self._http = self._connections()
        self._logins = BoundedSemaphore(MOST_AT_ONCE)
        self._codes = BoundedSemaphore(MOST_AT_ONCE)
        self._tokens = _SharedToken(shared, f"dualtrans-wechat-token:{settings.wechat_appid}")

    @property
    def appid(self) -> str:
        """Whose client this is.

        Raises:
            LoginNotSetUp: there is no appid or no secret.
        """
        return self._credentials()["appid"]

    def openid_of(self, code: str) -> str:
        """Who has called `wx.login`. The session key that comes along is dropped unread.

        Raises:
            LoginNotSetUp, InvalidLoginCode, AccountBlocked, RateLimited, WeChatUnavailable, WeChatRefused.
        """
        asked = {**self._credentials(), "js_code": code, "grant_type": "authorization_code"}
        if not self._logins.acquire(blocking=False):
            raise self._away("too many logins wait for its answer")
        try:
            answer = self._ask("GET", LOGIN_PATH, params=asked)
        finally:
            self._logins.release()
        return self._text(answer, "openid")

    def post(self, path: str, content: Mapping[str, object]) -> dict[str, Any]:
        """Call an interface that needs an access token; a token that is refused is renewed once.

        Raises:
            WeChatUnavailable: try again later.
            WeChatRefused: with the `errcode` among its numbers.
        """

        def ask(token: str) -> dict[str, Any]:
            return self._ask("POST", path, params={"access_token": token}, json=dict(content))

        return self._with_token(ask)

    def code_picture(self, scene: str, page: str) -> bytes:
        """The mini program's round code, a picture file: it opens `page` with `scene`.

        Args:
            scene: at most 32 visible ASCII characters.
            page: of the mini program, without a slash at its beginning.

        Raises:
            LoginNotSetUp, WeChatUnavailable, WeChatRefused.
        """
        wish = {"scene": scene, "page": page, "check_path": False, "width": CODE_WIDTH_PX}

        def ask(token: str) -> bytes:
            given = {"params": {"access_token": token}, "json": wish}
            response = self._response("POST", CODE_PATH, **given)
            if response.content.startswith(PICTURE_STARTS):
                return response.content
            self._answer(response, CODE_PATH)  # tells what went wrong
            raise self._away("neither a picture nor an errcode")

        if not self._codes.acquire(blocking=False):
            raise self._away("too many posters wait for its answer")
        try:
            return self._with_token(ask)
        finally:
            self._codes.release()

    def _with_token(self, ask: Callable[[str], Answer]) -> Answer:
        token = self.access_token()
        try:
            return ask(token)
        except WeChatRefused as refusal:
            if refusal.numbers["errcode"] not in TOKEN_ERRORS:
                raise
        return ask(self.access_token(instead_of=token))

    def access_token(self, *, instead_of: str | None = None) -> str:
        """The token of all processes together; fetched by one of them when there is none.

        `instead_of` names a token that WeChat has refused. An ordinary call gives the token in
        force; only if that is the refused one is a new one forced, which WeChat allows 20 times a
        day.

        Raises:
            LoginNotSetUp, WeChatUnavailable, WeChatRefused.
        """
        held = self._tokens.read()
        if held is not None and held != instead_of:
            return held
        try:
            with self._tokens.single_flight(seconds=2 * self._settings.wechat_timeout_seconds):
                held = self._tokens.read()
                if held is not None and held != instead_of:
                    return held
                return self._renewed(instead_of)
        except TimeoutError:
            raise self._away("another call for the access token hangs") from None

    def _renewed(self, refused: str | None) -> str:
        token, seconds = self.fetch_access_token(force=False)
        if token == refused:
            token, seconds = self.fetch_access_token(force=True)
        self._tokens.keep(token, seconds=max(1, seconds - RENEWED_SECONDS_BEFORE_END))
        return token

    def fetch_access_token(self, *, force: bool) -> tuple[str, int]:
        """Ask WeChat itself for the token, and how many seconds it holds."""
        asked = {
            **self._credentials(),
            "grant_type": "client_credential",
            "force_refresh": force,
        }
        answer = self._ask("POST", TOKEN_PATH, json=asked)
        seconds = answer.get("expires_in")
        if not isinstance(seconds, int):
            raise self._away("an answer without expires_in")
        return self._text(answer, "access_token"), seconds

    def close(self) -> None:
        """Close the connections; a later call opens them anew, as with database and queue."""
        self._http.close()
        self._tokens.close()

    def _connections(self) -> httpx.Client:
        return httpx.Client(
            base_url=self._settings.wechat_url, timeout=self._settings.wechat_timeout_seconds
        )

    def __enter__(self) -> "WeChat":
        """Close at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def _credentials(self) -> dict[str, str]:
        appid, secret = self._settings.wechat_appid, self._settings.wechat_secret
        if appid is None or secret is None:
            raise LoginNotSetUp
        return {"appid": appid, "secret": secret.get_secret_value()}

    def _ask(self, method: str, path: str, **content: Any) -> dict[str, Any]:  # noqa: ANN401  # httpx's own
        return self._answer(self._response(method, path, **content), path)

    def _response(self, method: str, path: str, **content: Any) -> httpx.Response:  # noqa: ANN401
        if self._http.is_closed:
            self._http = self._connections()
        try:
            return self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            raise self._away(type(error).__name__) from None  # it holds the address

    def _answer(self, response: httpx.Response, path: str) -> dict[str, Any]:
        try:
            answer = response.json()
        except ValueError:
            raise self._away(f"an answer that is not JSON, status {response.status_code}") from None
        if not isinstance(answer, dict) or response.status_code >= 500:
            raise self._away(f"status {response.status_code}")
        errcode = answer.get("errcode", 0)
        if errcode != 0:
            raise self._error(errcode, str(answer.get("errmsg", ""))[:MOST_OF_A_MESSAGE], path)
        return answer

    def _error(self, errcode: object, errmsg: str, path: str) -> AppError:
        if errcode in BUSY:
            return self._away(f"errcode {errcode}")
        if path == LOGIN_PATH and (error := _login_error(errcode)) is not None:
            return error
        if errcode == TOO_OFTEN:
            return self._away(f"errcode {errcode}", retry_after_s=TOO_OFTEN_SECONDS)
        log.error("WeChat refuses %s: %s %s; see `dualtrans doctor`", path, errcode, errmsg)
        return WeChatRefused(errcode=errcode, errmsg=errmsg)

    def _away(self, why: str, *, retry_after_s: int = AWAY_RETRY_SECONDS) -> WeChatUnavailable:
        log.warning("WeChat is away: %s", why)
        seconds = f"{self._settings.wechat_timeout_seconds:g}"
        return WeChatUnavailable(seconds=seconds, retry_after_s=retry_after_s)

    def _text(self, answer: dict[str, Any], name: str) -> str:
        value = answer.get(name)
        if not isinstance(value, str) or not value:
            raise self._away(f"an answer without {name}")
        return value


def _login_error(errcode: object) -> AppError | None:
    """What a code of `wx.login` itself is refused for; None: the fault is not the user's."""
    if errcode in CODE_ERRORS:
        return InvalidLoginCode(field="code")
    if errcode == BLOCKED:
        return AccountBlocked()
    if errcode == TOO_OFTEN:
        return RateLimited(limit=LOGINS_PER_MINUTE, retry_after_s=TOO_OFTEN_SECONDS)
    return None


@dataclass
class _Held:
    """A token in this process's own memory, for as long as Redis is away."""

    token: str
    until: float


class _SharedToken:
    """One token for all processes, in Redis under a lock; this process's own while it is away."""

    def __init__(self, shared: Redis, key: str) -> None:
        self._shared = shared
        self._key = key
        self._own: _Held | None = None
        self._own_lock = Lock()

    def read(self) -> str | None:
        try:
            kept = self._shared.get(self._key)
        except RedisError:
            own = self._own
            return own.token if own is not None and own.until > monotonic() else None
        return kept.decode() if isinstance(kept, bytes) else None

    def keep(self, token: str, *, seconds: int) -> None:
        self._own = _Held(token, monotonic() + seconds)
        try:
            self._shared.set(self._key, token, ex=seconds)
        except RedisError as error:
            log.warning("the access token is kept in this process alone: %s", error)

    @contextmanager
    def single_flight(self, *, seconds: float) -> Iterator[None]:
        """One caller at a time, over all processes; without Redis over this one.

        Raises:
            TimeoutError: another thread has been at it for so long.
        """
        if not self._own_lock.acquire(timeout=seconds):
            raise TimeoutError
        lock = self._shared.lock(
            f"{self._key}:lock", timeout=seconds, blocking_timeout=seconds, sleep=0.05
        )
        is_ours = False
        try:
            with suppress(RedisError):
                is_ours = lock.acquire()  # when it is not ours in time, a second call does no harm
            yield
        finally:
            if is_ours:
                with suppress(RedisError):
                    lock.release()
            self._own_lock.release()

    def close(self) -> None:
        self._shared.close()


def open_wechat(settings: Settings) -> WeChat:
    """The client for the mini program that the settings name; connects when first used."""
    return WeChat(settings, open_redis(settings))
