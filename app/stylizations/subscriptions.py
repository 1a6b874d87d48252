"""Status changes for clients that wait: one poll of the database serves a whole process.

A waiting request occupies neither a thread nor a database connection. All together occupy one
of each while a poll runs.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Final

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.stylizations.views import StylizationView, load_views
from core.db.engine import Database
from core.db.scheduling import queue_positions
from core.db.stylizations import Stylization
from core.errors import NotFound, TooManyStreams

log = logging.getLogger(__name__)

POLL_SECONDS: Final = 0.25
FAILURE_PAUSE_SECONDS: Final = 2.0
ROWS_PER_STATEMENT: Final = 500  # databases limit the number of values in a statement
DISCONNECT_CHECK_SECONDS: Final = 1.0
STREAM_RETRY_SECONDS: Final = 5

State = tuple[str, int | None, str | None]
"""Status, position in the queue and stage: subscribers are notified when one of them changes."""


class Subscription:
    """One request that waits for changes of one stylization."""

    def __init__(self, view: StylizationView) -> None:
        """Start from the view that the client knows."""
        self.view = view
        self._is_erased = False
        self._change = anyio.Event()

    @property
    def state(self) -> State:
        """Return the last known state."""
        return _state_of(self.view)

    def publish(self, view: StylizationView | None) -> None:
        """Store a new view and resume the subscriber; None means that the row was erased."""
        if view is None:
            self._is_erased = True
        elif _state_of(view) == self.state:
            return  # another subscriber of this row knew an older state
        else:
            self.view = view
        self._change.set()

    async def wait_for_change(self, *, timeout_seconds: float) -> bool:
        """Wait until `view` has changed. Returns False after the timeout.

        Raises:
            NotFound: the row was erased.
        """
        with anyio.move_on_after(timeout_seconds):
            await self._change.wait()
        if self._is_erased:
            raise NotFound
        has_changed, self._change = self._change.is_set(), anyio.Event()
        return has_changed


class StatusPoller:
    """Polls the rows that have subscribers. One instance per process and event loop.

    A subscriber never gets an older state than the one it knows: polls follow one another, and each
    publishes to those that had subscribed before its query began.
    """

    def __init__(self, database: Database) -> None:
        """Store the database; polling starts with the first subscription."""
        self._database = database
        self._subscriptions: defaultdict[str, set[Subscription]] = defaultdict(set)
        self._polling: asyncio.Task[None] | None = None

    @contextmanager
    def subscribe(self, view: StylizationView) -> Iterator[Subscription]:
        """Subscribe to a row for the length of the block."""
        subscription, row_id = Subscription(view), view.row.id
        self._subscriptions[row_id].add(subscription)
        if self._polling is None or self._polling.done():
            self._polling = asyncio.create_task(self._poll_while_subscribed())
        try:
            yield subscription
        finally:
            self._subscriptions[row_id].discard(subscription)
            if not self._subscriptions[row_id]:
                del self._subscriptions[row_id]

    async def wait_until_ended(
        self,
        view: StylizationView,
        is_disconnected: Callable[[], Awaitable[bool]],
        *,
        timeout_seconds: float,
    ) -> StylizationView:
        """Return the latest view once it has ended, the client has left or the time is over.

        Raises:
            NotFound: the row was erased.
        """
        deadline = anyio.current_time() + timeout_seconds
        with self.subscribe(view) as subscription:
            while subscription.view.row.is_open and not await is_disconnected():
                left_seconds = deadline - anyio.current_time()
                if left_seconds <= 0:
                    break
                step_seconds = min(left_seconds, DISCONNECT_CHECK_SECONDS)
                await subscription.wait_for_change(timeout_seconds=step_seconds)
            return subscription.view

    async def _poll_while_subscribed(self) -> None:
        while self._subscriptions:
            await anyio.sleep(POLL_SECONDS)
            # A client that subscribes while the query runs may know a newer state than the query
            # finds, so the next poll is the first to include it.
            polled = {row_id: set(found) for row_id, found in self._subscriptions.items()}
            known = {
                row_id: {subscription.state for subscription in subscriptions}
                for row_id, subscriptions in polled.items()
            }
            try:
                changes = await run_sync(_load_changes, self._database, known)
            except Exception:  # a failed poll must not end the waiting requests
                log.exception("polling for status changes failed")
                await anyio.sleep(FAILURE_PAUSE_SECONDS)
                continue
            for row_id, view in changes.items():
                for subscription in polled[row_id]:
                    subscription.publish(view)


class StreamLimiter:
    """Limits the open event streams of each owner in this process."""

    def __init__(self, max_per_owner: int) -> None:
        """Set the limit."""
        self._max_per_owner = max_per_owner
        self._open: Counter[str] = Counter()

    @contextmanager
    def count_stream(self, owner_id: str) -> Iterator[None]:
        """Count an open stream of this owner for the length of the block.

        Raises:
            TooManyStreams: the owner has reached the limit.
        """
        if self._open[owner_id] >= self._max_per_owner:
            raise TooManyStreams(limit=self._max_per_owner, retry_after_s=STREAM_RETRY_SECONDS)
        self._open[owner_id] += 1
        try:
            yield
        finally:
            self._open[owner_id] -= 1
            if not self._open[owner_id]:
                del self._open[owner_id]


def _state_of(view: StylizationView) -> State:
    return view.row.status, view.position, view.row.running_stage


def _load_changes(
    database: Database, known: Mapping[str, set[State]]
) -> dict[str, StylizationView | None]:
    """Return the rows whose state is new to a subscriber; None for a row that was erased."""
    with database.reading() as session:
        states = _load_states(session, known.keys())
        changed = [row_id for row_id, state in states.items() if {state} != known[row_id]]
        changes: dict[str, StylizationView | None] = dict.fromkeys(known.keys() - states.keys())
        for row_ids in _chunks(changed):
            rows = session.scalars(select(Stylization).where(Stylization.id.in_(row_ids))).all()
            changes.update({view.row.id: view for view in load_views(session, rows)})
        return changes


def _load_states(session: Session, row_ids: Collection[str]) -> dict[str, State]:
    queue = queue_positions()
    rows = select(Stylization.id, Stylization.status, Stylization.running_stage)
    positions = select(queue.c.id, queue.c.position)
    states: dict[str, State] = {}
    for chunk in _chunks(row_ids):
        queued = session.execute(positions.where(queue.c.id.in_(chunk)))
        position_of = {row.id: row.position for row in queued}
        for row_id, status, stage in session.execute(rows.where(Stylization.id.in_(chunk))):
            states[row_id] = (status, position_of.get(row_id), stage)
    return states


def _chunks(row_ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(row_ids)
    while chunk := list(islice(remaining, ROWS_PER_STATEMENT)):
        yield chunk
