"""The address for the "message push" of WeChat's console. No key, but WeChat's own signature."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import PlainTextResponse
from starlette.requests import ClientDisconnect

from app.error_schemas import error_responses
from app.moderation import service
from app.moderation.push_messages import Seal
from app.resources import OpenResources
from core.errors import BadRequest, Forbidden, NotFound

router = APIRouter(prefix="/v1/wechat", tags=["wechat"])

MAX_BODY_BYTES: Final = 64 * 1024
TAKEN: Final = "success"  # what WeChat takes for an answer; else it pushes thrice
TEXT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "What WeChat waits for.",
        "content": {"text/plain": {"schema": {"type": "string"}}},
    }
}
PUSH_BODY = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


def _seal(
    timestamp: Annotated[str, Query(description="Seconds since 1970.")] = "",
    nonce: Annotated[str, Query()] = "",
    signature: Annotated[str, Query(description="SHA-1 of token, time and nonce.")] = "",
    msg_signature: Annotated[str, Query(description="The same with the cipher.")] = "",
) -> Seal:
    return Seal(timestamp, nonce, signature, msg_signature)


Sealed = Annotated[Seal, Depends(_seal)]


async def _body(request: Request) -> bytes:
    received = bytearray()
    try:
        async for part in request.stream():
            received += part
            if len(received) > MAX_BODY_BYTES:
                raise BadRequest(reason="the message is too long")
    except ClientDisconnect as gone:
        raise BadRequest(reason="the message broke off") from gone
    return bytes(received)


@router.get(
    "/push",
    summary="Verify the address of the message push",
    response_class=Response,
    responses={**TEXT, **error_responses(Forbidden, NotFound, guarded=False)},
)
def verify_push(
    resources: OpenResources,
    seal: Sealed,
    echostr: Annotated[str, Query(description="What is to be given back.")] = "",
) -> PlainTextResponse:
    """Give `echostr` back to WeChat, which asks so when the address is set in its console.

    404 while `DUALTRANS_WECHAT_PUSH_TOKEN` is not set.
    """
    service.verify_address(resources.settings, seal)
    return PlainTextResponse(echostr)


@router.post(
    "/push",
    summary="Take what WeChat pushes",
    response_class=Response,
    openapi_extra=PUSH_BODY,
    responses={**TEXT, **error_responses(BadRequest, Forbidden, NotFound, guarded=False)},
)
def take_push(
    resources: OpenResources, seal: Sealed, body: Annotated[bytes, Depends(_body)]
) -> PlainTextResponse:
    """Hear the verdict of a content check: JSON or XML, plain or in safe mode.

    What comes twice, or is not known, is answered `success` too. 404 while
    `DUALTRANS_WECHAT_PUSH_TOKEN` is not set.
    """
    service.take_push(resources, seal, body)
    return PlainTextResponse(TAKEN)
