"""A stylization's states as server-sent events."""

from collections.abc import AsyncIterator, Callable
from typing import Final

import anyio
from anyio.to_thread import run_sync
from starlette.responses import StreamingResponse

from app.stylizations.schemas import StylizationRead
from app.stylizations.subscriptions import Watch
from app.stylizations.views import Followed
from core.errors import NotFound

PING_SECONDS: Final = 15.0  # half of what the most impatient proxies wait
LONGEST_SECONDS: Final = 600.0  # a key that was revoked in the meantime is asked for again
RECONNECT_MS: Final = 2000
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


class EventStream(StreamingResponse):
    """An answer that goes on; nothing on the way may keep or gather it."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str]) -> None:
        """Send these events as they come."""
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(content, headers=headers)


async def states(
    watch: Watch, found: Followed, show: Callable[[Followed], StylizationRead]
) -> AsyncIterator[str]:
    """The present state at once, then every other one until it has ended."""
    yield f"retry: {RECONNECT_MS}\n\n"
    close_at = anyio.current_time() + LONGEST_SECONDS
    with watch.following(found) as follower:
        yield _event(await run_sync(show, found))
        while follower.seen.row.is_open and anyio.current_time() < close_at:
            try:
                is_new = await follower.news(within_seconds=PING_SECONDS)
            except NotFound:
                return
            yield _event(await run_sync(show, follower.seen)) if is_new else ": ping\n\n"


def _event(shown: StylizationRead) -> str:
    return f"event: state\ndata: {shown.model_dump_json()}\n\n"
