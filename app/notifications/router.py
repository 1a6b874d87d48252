"""Webhooks, and orders for subscribe messages, over HTTP."""

from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import MayRead, MayStylize
from app.error_schemas import answers
from app.notifications import service
from app.notifications.schemas import (
    MessageOrder,
    WebhookCreated,
    WebhookList,
    WebhookOrder,
    WebhookRead,
)
from app.resources import OpenResources
from core import errors
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1", tags=["notices"])


@router.post(
    "/webhooks",
    summary="Add a webhook",
    status_code=201,
    responses=answers(
        errors.BadRequest,
        errors.InvalidWebhookAddress,
        errors.PrivateWebhookAddress,
        errors.TooManyWebhooks,
    ),
)
def add_webhook(
    request: Request,
    response: Response,
    order: WebhookOrder,
    resources: OpenResources,
    caller: MayStylize,
) -> WebhookCreated:
    """Have an address of yours told when a stylization ends, in place of asking for it.

    It gets a `POST` with `{"id", "type", "created_at", "data"}`, where `type` is one of `events`
    and `data` names the stylization, its status, its error's code and the path of its picture. It
    is signed as the Standard Webhooks say: `webhook-signature` is `v1,` and the base64 of
    HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, with the secret after `whsec_`
    decoded from base64. Any 2xx within 10 seconds takes it; else it is sent again, at growing
    intervals, for a day. It may come twice: `webhook-id` stays the same. Redirects are not
    followed.
    """
    webhook = service.add_webhook(
        resources.database, resources.settings, caller.user_id, order.url, order.events
    )
    response.headers["Location"] = f"{request.url.path}/{webhook.id}"
    response.headers["Cache-Control"] = "no-store"
    return WebhookCreated.of(webhook)


@router.get("/webhooks", summary="List one's own webhooks", responses=answers())
def list_webhooks(response: Response, resources: OpenResources, caller: MayRead) -> WebhookList:
    """All of them, with how they fare; never with a secret."""
    found = service.list_webhooks(resources.database, caller.user_id)
    response.headers["Cache-Control"] = "no-store"
    return WebhookList(items=[WebhookRead.of(webhook) for webhook in found])


@router.get(
    "/webhooks/{webhook_id}", summary="See how a webhook fares", responses=answers(errors.NotFound)
)
def read_webhook(
    webhook_id: str, response: Response, resources: OpenResources, caller: MayRead
) -> WebhookRead:
    """Whether it takes what it is sent, and why not. A disabled one is deleted and added anew."""
    response.headers["Cache-Control"] = "no-store"
    return WebhookRead.of(service.find_webhook(resources.database, caller.user_id, webhook_id))


@router.delete(
    "/webhooks/{webhook_id}",
    summary="Delete a webhook",
    status_code=204,
    responses=answers(errors.NotFound),
)
def remove_webhook(webhook_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Send it nothing more; what was still to be sent is dropped."""
    service.remove_webhook(resources.database, caller.user_id, webhook_id)


@router.post(
    "/stylizations/{stylization_id}/notify",
    summary="Have a subscribe message sent when it ends",
    status_code=204,
    responses=answers(
        errors.BadRequest,
        errors.NotFound,
        wechat_errors.NotAWeChatUser,
        wechat_errors.UnknownTemplate,
    ),
)
def order_message(
    stylization_id: str, order: MessageOrder, resources: OpenResources, caller: MayStylize
) -> None:
    """For users of WeChat, after `wx.requestSubscribeMessage` was accepted: one message."""
    service.order_message(
        resources.database, resources.settings, caller.user_id, stylization_id, order.template_id
    )
