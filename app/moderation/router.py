"""Endpoint for the "message push" of the WeChat console.

Requests carry WeChat's signature instead of an API key.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse

from app.error_schemas import error_responses
from app.moderation import service
from app.moderation.push_messages import PushSignature
from app.request_bodies import read_body
from app.resources import OpenResources
from core.errors import BadRequest, Forbidden, NotFound

router = APIRouter(prefix="/v1/wechat", tags=["wechat"])

MAX_BODY_BYTES: Final = 64 * 1024
ACCEPTED: Final = "success"  # WeChat repeats a push up to three times without this response
TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The response that WeChat expects.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}
PUSH_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


def _push_signature(
    timestamp: Annotated[str, Query(description="Unix time in seconds.")] = "",
    nonce: Annotated[str, Query()] = "",
    signature: Annotated[str, Query(description="SHA-1 of token, timestamp and nonce.")] = "",
    msg_signature: Annotated[
        str, Query(description="SHA-1 of token, timestamp, nonce and encrypted message.")
    ] = "",
) -> PushSignature:
    return PushSignature(timestamp, nonce, signature, msg_signature)


Signature = Annotated[PushSignature, Depends(_push_signature)]


async def _body(request: Request) -> bytes:
    return await read_body(request, max_bytes=MAX_BODY_BYTES)


@router.get(
    "/push",
    summary="Verify the message push URL",
    response_class=Response,
    responses={**TEXT, **error_responses(Forbidden, NotFound, guarded=False)},
)
def verify_push(
    resources: OpenResources,
    signature: Signature,
    echostr: Annotated[str, Query(description="Text to return.")] = "",
) -> PlainTextResponse:
    """Return `echostr`. WeChat sends this request when the URL is saved in its console.

    The response is 404 while `DUALTRANS_WECHAT_PUSH_TOKEN` is not set.
    """
    service.verify_push_url(resources.settings, signature)
    return PlainTextResponse(echostr)


@router.post(
    "/push",
    name="take_push",  # the operation id, which generated clients use
    summary="Receive a push message from WeChat",
    response_class=Response,
    openapi_extra=PUSH_BODY,
    responses={**TEXT, **error_responses(BadRequest, Forbidden, NotFound, guarded=False)},
)
def receive_push(
    resources: OpenResources, signature: Signature, body: Annotated[bytes, Depends(_body)]
) -> PlainTextResponse:
    """Receive the result of a content check: JSON or XML, in plain or safe mode.

    The response to repeated and unknown messages is `success` too. It is 404 while
    `DUALTRANS_WECHAT_PUSH_TOKEN` is not set.
    """
    service.receive_push(resources, signature, body)
    return PlainTextResponse(ACCEPTED)
