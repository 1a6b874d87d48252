"""Webhooks, and requests for subscribe messages."""

from fastapi import APIRouter, Request, Response

from app.accounts.dependencies import MayRead, MayStylize
from app.error_schemas import error_responses
from app.notifications import service
from app.notifications.schemas import (
    MessageBody,
    WebhookBody,
    WebhookCreated,
    WebhookList,
    WebhookRead,
)
from app.request_bodies import JSONRoute
from app.resources import OpenResources
from core import errors
from core.wechat import errors as wechat_errors

router = APIRouter(prefix="/v1", tags=["notices"], route_class=JSONRoute)


@router.post(
    "/webhooks",
    summary="Add a webhook",
    status_code=201,
    responses=error_responses(
        errors.BadRequest,
        errors.InvalidWebhookAddress,
        errors.PrivateWebhookAddress,
        errors.TooManyWebhooks,
    ),
)
def add_webhook(
    request: Request,
    response: Response,
    body: WebhookBody,
    resources: OpenResources,
    caller: MayStylize,
) -> WebhookCreated:
    """Receive a request when a stylization ends, instead of polling.

    The URL receives a `POST` with `{"id", "type", "created_at", "data"}`, where `type` is one of
    `events`, and `data` contains the stylization's id, status, error code and the path of its
    picture. It is signed as Standard Webhooks specifies: `webhook-signature` is `v1,` and the
    base64 of HMAC-SHA256 over `{webhook-id}.{webhook-timestamp}.{body}`, with the secret after
    `whsec_` decoded from base64. Any 2xx status within 10 seconds acknowledges it; otherwise it is
    repeated at growing intervals for a day. It may arrive twice with the same `webhook-id`.
    Redirects are not followed.
    """
    webhook = service.add_webhook(
        resources.database, resources.settings, caller.user_id, body.url, body.events
    )
    response.headers["Location"] = f"{request.url.path}/{webhook.id}"
    response.headers["Cache-Control"] = "no-store"
    return WebhookCreated.of(webhook)


@router.get("/webhooks", summary="List your webhooks", responses=error_responses())
def list_webhooks(response: Response, resources: OpenResources, caller: MayRead) -> WebhookList:
    """All of your webhooks with their last error, without secrets."""
    found = service.list_webhooks(resources.database, caller.user_id)
    response.headers["Cache-Control"] = "no-store"
    return WebhookList(items=[WebhookRead.of(webhook) for webhook in found])


@router.get(
    "/webhooks/{webhook_id}", summary="Get a webhook", responses=error_responses(errors.NotFound)
)
def read_webhook(
    webhook_id: str, response: Response, resources: OpenResources, caller: MayRead
) -> WebhookRead:
    """A webhook with its last error. To enable a disabled one, delete it and add it again."""
    response.headers["Cache-Control"] = "no-store"
    return WebhookRead.of(service.find_webhook(resources.database, caller.user_id, webhook_id))


@router.delete(
    "/webhooks/{webhook_id}",
    summary="Delete a webhook",
    status_code=204,
    responses=error_responses(errors.NotFound),
)
def remove_webhook(webhook_id: str, resources: OpenResources, caller: MayStylize) -> None:
    """Delete a webhook; notifications that were not sent yet are dropped."""
    service.remove_webhook(resources.database, caller.user_id, webhook_id)


@router.post(
    "/stylizations/{stylization_id}/notify",
    summary="Request a subscribe message",
    name="order_message",  # the operation id in the OpenAPI description
    status_code=204,
    responses=error_responses(
        errors.BadRequest,
        errors.NotFound,
        wechat_errors.NotAWeChatUser,
        wechat_errors.UnknownTemplate,
    ),
)
def request_message(
    stylization_id: str, body: MessageBody, resources: OpenResources, caller: MayStylize
) -> None:
    """Send a WeChat user one message when the stylization ends.

    Call it after the user has accepted `wx.requestSubscribeMessage`.
    """
    service.request_message(
        resources.database, resources.settings, caller.user_id, stylization_id, body.template_id
    )
