"""The states of a stylization as server-sent events.

FastAPI's generator routes (`response_class=EventSourceResponse` with `yield`) do not fit here:
they always send `Cache-Control: no-cache` instead of `no-store`, and describe each event in
OpenAPI without its name. The response class and the wire format are FastAPI's.
"""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from anyio.to_thread import run_sync
from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event

from app.stylizations.schemas import StylizationRead
from app.stylizations.subscriptions import StatusPoller
from app.stylizations.views import StylizationView
from core.errors import NotFound

PING_SECONDS: Final = 15.0  # half of the shortest idle timeout that proxies use
MAX_STREAM_SECONDS: Final = 600.0  # after a reconnection the API key is checked again
RECONNECT_MS: Final = 2000
STREAM_HEADERS: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
EVENT_SCHEMA: Final = {
    "type": "object",
    "properties": {
        "event": {"const": "state"},
        "data": {
            "type": "string",
            "contentMediaType": "application/json",
            "contentSchema": {"$ref": "#/components/schemas/StylizationRead"},
        },
        "retry": {"type": "integer", "minimum": 0},
    },
}


def stream_states(
    poller: StatusPoller,
    view: StylizationView,
    serialize: Callable[[StylizationView], StylizationRead],
) -> EventSourceResponse:
    """Return a stream of the current state and every later one, until the stylization has ended.

    `serialize` runs in a thread, since it may read from the database.
    """
    return EventSourceResponse(_events(poller, view, serialize), headers=STREAM_HEADERS)


async def _events(
    poller: StatusPoller,
    view: StylizationView,
    serialize: Callable[[StylizationView], StylizationRead],
) -> AsyncIterator[bytes]:
    yield format_sse_event(retry=RECONNECT_MS)
    close_at = anyio.current_time() + MAX_STREAM_SECONDS
    with poller.subscribe(view) as subscription:
        yield _state_event(await run_sync(serialize, view))
        while view.row.is_open and anyio.current_time() < close_at:
            try:
                has_changed = await subscription.wait_for_change(timeout_seconds=PING_SECONDS)
            except NotFound:
                return
            if has_changed:
                view = subscription.view  # the next one may arrive before this one is sent
                yield _state_event(await run_sync(serialize, view))
            else:
                yield KEEPALIVE_COMMENT


def _state_event(state: StylizationRead) -> bytes:
    return format_sse_event(event="state", data_str=state.model_dump_json())
