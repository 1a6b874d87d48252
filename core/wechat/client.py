"""Client of WeChat's server API: logins, mini program codes, messages, content checks, cloud.

WeChat responds with status 200 to every request it processes and reports errors as `errcode`.
This module converts them to exceptions: `WeChatUnavailable` for failures that a later call may
not have, `WeChatRefused` for all others. The app secret, session keys and access tokens are never
logged and never returned to a client of this service.
"""

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from threading import BoundedSemaphore
from typing import Any, Final, TypeVar

import httpx
from redis import Redis

from core.errors import AppError, RateLimited
from core.queue import open_redis
from core.settings import Settings
from core.wechat import error_codes
from core.wechat.errors import (
    AccountBlocked,
    InvalidLoginCode,
    LoginNotSetUp,
    WeChatAccessRefused,
    WeChatRefused,
    WeChatUnavailable,
)
from core.wechat.token_cache import TokenCache

log = logging.getLogger(__name__)

Result = TypeVar("Result")

LOGIN_PATH: Final = "/sns/jscode2session"
TOKEN_PATH: Final = "/cgi-bin/stable_token"  # noqa: S105  # a URL path
MINI_PROGRAM_CODE_PATH: Final = "/wxa/getwxacodeunlimit"
MESSAGE_PATH: Final = "/cgi-bin/message/subscribe/send"
CONTENT_CHECK_PATH: Final = "/wxa/media_check_async"

MINI_PROGRAM_CODE_WIDTH_PX: Final = 430
PICTURE_SIGNATURES: Final = (b"\xff\xd8\xff", b"\x89PNG")  # JPEG, PNG

# Parameters of the content check
CHECK_VERSION: Final = 2
MEDIA_TYPE_PICTURE: Final = 2
SCENE_SOCIAL: Final = 4  # content that a user shows to others

LOGINS_PER_MINUTE: Final = 100  # WeChat's limit for one user
RATE_LIMIT_RETRY_SECONDS: Final = 60
UNAVAILABLE_RETRY_SECONDS: Final = 5
# Limits the logins, and the mini program codes, that wait for WeChat at the same time: an outage
# of WeChat must not block every thread of the API.
MAX_CONCURRENT_CALLS: Final = 8
MAX_ERRMSG_LENGTH: Final = 200
# WeChat issues the next token 5 minutes before the current one expires and accepts both until then.
RENEWAL_MARGIN_SECONDS: Final = 300


class WeChat:
    """Client of one mini program. Threads can share it; the access token is shared by processes.

    Usage:
        with open_wechat(settings) as wechat:
            openid = wechat.exchange_login_code(code)
    """

    def __init__(self, settings: Settings, redis: Redis) -> None:
        """`redis` holds the access token for all processes; losing it costs one request."""
        # At level INFO httpx logs URLs, and the URLs contain the app secret or an access token.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        self._settings = settings
        self._http = self._open_http()
        self._login_slots = BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._code_slots = BoundedSemaphore(MAX_CONCURRENT_CALLS)
        self._tokens = TokenCache(redis, f"dualtrans-wechat-token:{settings.wechat_appid}")

    @property
    def appid(self) -> str:
        """The id of the mini program.

        Raises:
            LoginNotSetUp: the appid or the secret is not set.
        """
        return self._credentials()["appid"]

    # Calls of the API, while a user waits

    def exchange_login_code(self, code: str) -> str:
        """Return the openid of the user who called `wx.login`. The session key is discarded.

        Raises:
            LoginNotSetUp: the appid or the secret is not set.
            InvalidLoginCode, AccountBlocked, RateLimited, WeChatUnavailable, WeChatRefused.
        """
        query = {**self._credentials(), "js_code": code, "grant_type": "authorization_code"}
        with self._limited_user_call(self._login_slots):
            response = self._json_of(self._send("GET", LOGIN_PATH, params=query))
            login_error = _login_error(response.get("errcode"))
            if login_error is not None:
                raise login_error
            self._raise_for_errcode(response)
            return self._required_text(response, "openid")

    def fetch_mini_program_code(self, scene: str, page: str) -> bytes:
        """Return a JPEG or PNG of the round code that opens `page` with the parameter `scene`.

        Args:
            scene: At most 32 visible ASCII characters.
            page: Path of a page of the mini program, without a leading slash.

        Raises:
            LoginNotSetUp: the appid or the secret is not set.
            WeChatUnavailable, WeChatRefused.
        """
        body = {
            "scene": scene,
            "page": page,
            "check_path": False,
            "width": MINI_PROGRAM_CODE_WIDTH_PX,
        }

        def fetch(token: str) -> bytes:
            query = {"access_token": token}
            response = self._send("POST", MINI_PROGRAM_CODE_PATH, params=query, json=body)
            if response.content.startswith(PICTURE_SIGNATURES):
                return response.content
            self._raise_for_errcode(self._json_of(response))
            raise self._unavailable("WeChat's response is neither a picture nor an error")

        with self._limited_user_call(self._code_slots):
            return self._with_token(fetch)

    # Calls of the worker

    def send_subscribe_message(self, message: Mapping[str, object]) -> None:
        """Send a subscribe message; `message` is the request body that WeChat documents.

        Raises:
            WeChatUnavailable, WeChatRefused.
        """
        self.post(MESSAGE_PATH, message)

    def request_content_check(self, picture_url: str, openid: str) -> str:
        """Request a check of a picture. WeChat downloads the picture and pushes the result later.

        Args:
            picture_url: Public URL of a JPEG or PNG of at most 10 MiB.
            openid: Of the author, who must have used the mini program in the last two hours.

        Returns:
            The trace id, which the pushed result repeats.

        Raises:
            WeChatUnavailable, WeChatRefused.
        """
        body = {
            "media_url": picture_url,
            "media_type": MEDIA_TYPE_PICTURE,
            "version": CHECK_VERSION,
            "scene": SCENE_SOCIAL,
            "openid": openid,
        }
        return self._required_text(self.post(CONTENT_CHECK_PATH, body), "trace_id")

    def post(self, path: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Call an endpoint that needs an access token. A refused token is renewed once.

        Raises:
            WeChatUnavailable: the same call may succeed later.
            WeChatAccessRefused: WeChat does not accept calls of this service at present.
            WeChatRefused: WeChat does not accept this call.
        """

        def send(token: str) -> dict[str, Any]:
            query = {"access_token": token}
            response = self._json_of(self._send("POST", path, params=query, json=dict(body)))
            self._raise_for_errcode(response)
            return response

        return self._with_token(send)

    def upload_file(
        self, url: str, fields: Mapping[str, str], file: tuple[str, bytes, str]
    ) -> None:
        """Upload a file (name, bytes, media type) to a URL that WeChat's cloud has issued.

        Raises:
            WeChatUnavailable: the file was not accepted.
        """
        response = self._send("POST", url, data=dict(fields), files={"file": file})
        if not response.is_success:
            raise self._unavailable(
                f"WeChat's cloud responded to an upload with status {response.status_code}"
            )

    # The access token

    def access_token(self, *, refused_token: str | None = None) -> str:
        """Return the access token that all processes share. Fetch it if there is none.

        Args:
            refused_token: A token that WeChat has refused and that must not be returned. If WeChat
                issues the same token again, a new one is forced, which WeChat allows 20 times a
                day.

        Raises:
            LoginNotSetUp: the appid or the secret is not set.
            WeChatUnavailable, WeChatAccessRefused.
        """
        token = self._tokens.get()
        if token is not None and token != refused_token:
            return token
        timeout_seconds = 2 * self._settings.wechat_timeout_seconds
        try:
            with self._tokens.single_flight(timeout_seconds=timeout_seconds):
                token = self._tokens.get()
                if token is not None and token != refused_token:
                    return token
                return self._renew_token(refused_token)
        except TimeoutError:
            raise self._unavailable("another request for an access token is hanging") from None

    def _renew_token(self, refused_token: str | None) -> str:
        token, seconds = self.fetch_access_token(force=False)
        if token == refused_token:
            token, seconds = self.fetch_access_token(force=True)
        self._tokens.set(token, lifetime_seconds=max(1, seconds - RENEWAL_MARGIN_SECONDS))
        return token

    def fetch_access_token(self, *, force: bool) -> tuple[str, int]:
        """Request a token from WeChat, bypassing the cache. Returns it with its lifetime in s.

        Without `force` WeChat returns the current token until shortly before it expires.

        Raises:
            LoginNotSetUp: the appid or the secret is not set.
            WeChatUnavailable, WeChatAccessRefused.
        """
        body = {**self._credentials(), "grant_type": "client_credential", "force_refresh": force}
        response = self._json_of(self._send("POST", TOKEN_PATH, json=body))
        self._raise_for_errcode(response, refusal=WeChatAccessRefused)
        seconds = response.get("expires_in")
        if not isinstance(seconds, int):
            raise self._unavailable("WeChat's response has no expires_in")
        return self._required_text(response, "access_token"), seconds

    def _with_token(self, call: Callable[[str], Result]) -> Result:
        token = self.access_token()
        try:
            return call(token)
        except WeChatRefused as refusal:
            if refusal.errcode not in error_codes.INVALID_ACCESS_TOKEN:
                raise
        return call(self.access_token(refused_token=token))

    # Connections

    def close(self) -> None:
        """Close the connections; a later call opens them again."""
        self._http.close()
        self._tokens.close()

    def __enter__(self) -> "WeChat":
        """Close the connections at the end of the block."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self.close()

    def _open_http(self) -> httpx.Client:
        return httpx.Client(
            base_url=self._settings.wechat_url,
            timeout=self._settings.wechat_timeout_seconds,
            verify=_tls_context(),
        )

    # Requests and errors

    def _credentials(self) -> dict[str, str]:
        appid, secret = self._settings.wechat_appid, self._settings.wechat_secret
        if appid is None or secret is None:
            raise LoginNotSetUp
        return {"appid": appid, "secret": secret.get_secret_value()}

    @contextmanager
    def _limited_user_call(self, slots: BoundedSemaphore) -> Iterator[None]:
        """Limit concurrent calls, and log the reason for a failure, which users do not see."""
        try:
            if not slots.acquire(blocking=False):
                raise self._unavailable("too many calls are waiting for WeChat")
            try:
                yield
            finally:
                slots.release()
        except WeChatUnavailable as error:
            log.warning("a call of WeChat failed: %s", error.reason)
            raise
        except WeChatRefused as refusal:
            log.error("%s; see `dualtrans doctor`", refusal.reason)  # noqa: TRY400  # no trace is needed
            raise

    def _send(self, method: str, url: str, **content: Any) -> httpx.Response:  # noqa: ANN401  # arguments of httpx
        if self._http.is_closed:
            self._http = self._open_http()
        try:
            return self._http.request(method, url, **content)
        except httpx.HTTPError as error:
            # Not chained: the original exception contains the URL with its secrets.
            raise self._unavailable(f"WeChat is not reachable ({type(error).__name__})") from None

    def _json_of(self, response: httpx.Response) -> dict[str, Any]:
        # WeChat reports its own errors with status 200; other statuses come from a proxy.
        if not response.is_success:
            raise self._unavailable(f"WeChat responded with status {response.status_code}")
        try:
            content = response.json()
        except ValueError:
            raise self._unavailable("WeChat's response is not JSON") from None
        if not isinstance(content, dict):
            raise self._unavailable("WeChat's response is not a JSON object")
        return content

    def _raise_for_errcode(
        self, response: Mapping[str, Any], refusal: type[WeChatRefused] = WeChatRefused
    ) -> None:
        errcode = response.get("errcode", 0)
        if errcode == 0:
            return
        if not isinstance(errcode, int) or errcode in error_codes.SYSTEM_BUSY:
            raise self._unavailable(f"WeChat responded with errcode {errcode}")
        if errcode == error_codes.RATE_LIMITED:
            raise self._unavailable(
                f"WeChat responded with errcode {errcode}", retry_after_s=RATE_LIMIT_RETRY_SECONDS
            )
        if (
            errcode in error_codes.INVALID_ACCESS_TOKEN
            or errcode == error_codes.DAILY_QUOTA_EXCEEDED
        ):
            refusal = WeChatAccessRefused
        errmsg = str(response.get("errmsg", ""))[:MAX_ERRMSG_LENGTH]
        raise refusal(errcode=errcode, errmsg=errmsg)

    def _unavailable(
        self, reason: str, *, retry_after_s: int = UNAVAILABLE_RETRY_SECONDS
    ) -> WeChatUnavailable:
        seconds = f"{self._settings.wechat_timeout_seconds:g}"
        return WeChatUnavailable(seconds=seconds, reason=reason, retry_after_s=retry_after_s)

    def _required_text(self, response: Mapping[str, Any], name: str) -> str:
        value = response.get(name)
        if not isinstance(value, str) or not value:
            raise self._unavailable(f"WeChat's response has no {name}")
        return value


def _login_error(errcode: object) -> AppError | None:
    """Return the error for an errcode that concerns the user; None for all others."""
    if not isinstance(errcode, int):
        return None
    if errcode in error_codes.INVALID_LOGIN_CODE:
        return InvalidLoginCode(field="code")
    if errcode == error_codes.BLOCKED_USER:
        return AccountBlocked()
    if errcode == error_codes.RATE_LIMITED:
        return RateLimited(limit=LOGINS_PER_MINUTE, retry_after_s=RATE_LIMIT_RETRY_SECONDS)
    return None


@cache
def _tls_context() -> ssl.SSLContext:
    """Return the TLS settings of this process; reading the certificates takes 50 ms."""
    return httpx.create_ssl_context()


def open_wechat(settings: Settings) -> WeChat:
    """Return the client of the configured mini program. It connects when first used.

    Without an appid and a secret its calls raise `LoginNotSetUp`.
    """
    return WeChat(settings, open_redis(settings))


def is_wechat_configured(settings: Settings) -> bool:
    """Return whether the settings name a mini program with its secret."""
    return settings.wechat_appid is not None and settings.wechat_secret is not None
