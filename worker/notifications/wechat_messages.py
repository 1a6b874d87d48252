"""Sends notifications as WeChat subscribe messages. Each consent of a user allows one message."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Final
from urllib.parse import urlencode

from anyio.to_thread import run_sync

from core.db.engine import Database
from core.db.stylizations import Status, Stylization
from core.settings import TemplateField
from core.wechat.client import WeChat
from core.wechat.error_codes import PERMANENT_MESSAGE_ERRORS
from core.wechat.errors import WeChatRefused, WeChatUnavailable
from core.wechat.openids import find_openid
from worker.notifications.senders import DeliveryFailed, OutgoingNotification

CHINA_TIME: Final = timezone(timedelta(hours=8))
MAX_FIELD_LENGTH: Final = 20  # characters that WeChat allows in a field of the type `thing`
STATUS_TEXTS: Final = {Status.DONE: "已完成", Status.FAILED: "处理失败", Status.CANCELLED: "已取消"}


class WeChatSender:
    """Sends one subscribe message for each notification."""

    def __init__(
        self,
        wechat: WeChat,
        database: Database,
        *,
        templates: Mapping[str, Mapping[str, TemplateField]],
        page: str,
    ) -> None:
        """`templates` map the fields of each template to values; `page` opens from the message."""
        self._wechat = wechat
        self._database = database
        self._templates = templates
        self._page = page

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Send the message.

        The call blocks a thread of its own. When the dispatcher's time limit cancels this
        coroutine, the thread is abandoned and ends when its requests time out.

        Raises:
            DeliveryFailed: WeChat is not available or refuses the message.
        """
        await run_sync(self._send, outgoing, abandon_on_cancel=True)

    def _send(self, outgoing: OutgoingNotification) -> None:
        message = self._message(outgoing)
        try:
            self._wechat.send_subscribe_message(message)
        except WeChatUnavailable as error:
            raise DeliveryFailed(error.reason) from error
        except WeChatRefused as refusal:
            is_final = refusal.errcode in PERMANENT_MESSAGE_ERRORS
            raise DeliveryFailed(refusal.reason, is_final=is_final) from refusal

    def _message(self, outgoing: OutgoingNotification) -> dict[str, Any]:
        row, template_id = outgoing.stylization, outgoing.notification.template_id or ""
        fields = self._templates.get(template_id)
        if fields is None:
            raise DeliveryFailed("the template is not configured any more", is_final=True)
        openid = find_openid(self._database, self._wechat.appid, row.owner_id)
        if openid is None:
            raise DeliveryFailed("the user has no openid any more", is_final=True)
        return {
            "touser": openid,
            "template_id": template_id,
            "page": f"{self._page}?{urlencode({'id': row.id})}",
            "lang": "zh_CN",
            "data": {field: {"value": _value(row, name)} for field, name in fields.items()},
        }


def _value(row: Stylization, name: TemplateField) -> str:
    values = {
        "style": row.style_name["zh"],
        "title": row.title or row.style_name["zh"],
        "status": STATUS_TEXTS.get(Status(row.status), row.status),
        "created_at": _china_time(row.created_at),
        "finished_at": _china_time(row.finished_at or row.created_at),
    }
    return values[name][:MAX_FIELD_LENGTH]


def _china_time(time: datetime) -> str:
    return time.astimezone(CHINA_TIME).strftime("%Y-%m-%d %H:%M:%S")
