"""Sends notices as WeChat's subscribe messages: one for each time that the user has agreed."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

import httpx
from anyio.to_thread import run_sync

from core.db.stylizations import Status, Stylization
from core.errors import AppError
from core.settings import TemplateField
from core.wechat.client import TOKEN_ERRORS
from core.wechat.worker_client import WeChatAccount
from worker.notifications.senders import DeliveryFailed, OutgoingNotification

SEND_PATH: Final = "/cgi-bin/message/subscribe/send"
# The user is not known, the template not ours, the user did not agree, the page or a value is not
# allowed: none of these changes by itself.
FINAL_ERRORS: Final = frozenset({40003, 40037, 43101, 41030, 47003})
CHINA: Final = timezone(timedelta(hours=8))
MOST_OF_A_THING: Final = 20  # characters that WeChat allows a `thing`
STATUS_WORDS: Final = {Status.DONE: "已完成", Status.FAILED: "处理失败", Status.CANCELLED: "已取消"}


class WeChatSender:
    """One message for one notification."""

    def __init__(
        self,
        account: WeChatAccount,
        *,
        templates: Mapping[str, Mapping[str, TemplateField]],
        page: str,
        base_url: str,
    ) -> None:
        """`templates` say what each field of a message is to tell; `page` is what it opens."""
        self._account = account
        self._base_url = base_url
        self._templates = templates
        self._page = page

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Send it; a token that is refused is replaced once.

        Raises:
            DeliveryFailed: WeChat is away or refuses.
        """
        message = await run_sync(self._message, outgoing)
        errcode, token = await self._post(message, instead_of=None)
        if errcode in TOKEN_ERRORS:
            errcode, _ = await self._post(message, instead_of=token)
        if errcode != 0:
            raise DeliveryFailed(f"WeChat answers {errcode}", is_final=errcode in FINAL_ERRORS)

    def _message(self, outgoing: OutgoingNotification) -> dict[str, Any]:
        row, template_id = outgoing.stylization, outgoing.notification.template_id or ""
        fields = self._templates.get(template_id)
        openid = self._account.openid_of_user(row.owner_id)
        if fields is None or openid is None:
            raise DeliveryFailed("the template or the user is no more", is_final=True)
        return {
            "touser": openid,
            "template_id": template_id,
            "page": f"{self._page}?{urlencode({'id': row.id})}",
            "lang": "zh_CN",
            "data": {field: {"value": _said(row, word)} for field, word in fields.items()},
        }

    async def _post(self, message: dict[str, Any], *, instead_of: str | None) -> tuple[int, str]:
        try:
            token = await run_sync(lambda: self._account.access_token(instead_of=instead_of))
            async with httpx.AsyncClient(base_url=self._base_url, trust_env=False) as http:
                params = {"access_token": token}
                response = await http.post(SEND_PATH, params=params, json=message)
            errcode = response.json().get("errcode", 0)
        except AppError as error:
            raise DeliveryFailed(f"no access token ({error.code})") from error
        except httpx.HTTPError as error:
            raise DeliveryFailed(
                f"WeChat is away ({type(error).__name__})"
            ) from None  # it has the token
        except (ValueError, AttributeError):
            raise DeliveryFailed("WeChat answers what is not its own") from None
        if response.status_code != httpx.codes.OK or not isinstance(errcode, int):
            raise DeliveryFailed(f"WeChat answers with status {response.status_code}")
        return errcode, token


def _said(row: Stylization, word: TemplateField) -> str:
    said = {
        "style": row.style_name["zh"],
        "title": row.title or row.style_name["zh"],
        "status": STATUS_WORDS.get(Status(row.status), row.status),
        "created_at": _moment(row.created_at),
        "finished_at": _moment(row.finished_at or row.created_at),
    }
    return said[word][:MOST_OF_A_THING]


def _moment(time: datetime) -> str:
    return time.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")
