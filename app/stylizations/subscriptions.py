"""News of rows for those who wait: one look at the database serves all of them in this process.

A wait or a stream holds neither a thread nor a connection; all of them together hold one of each
for the moments of a look.
"""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from typing import Final

import anyio
from anyio.to_thread import run_sync
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.stylizations.views import Followed, followed
from core.db.engine import Database
from core.db.scheduling import queue_positions
from core.db.stylizations import Stylization
from core.errors import NotFound, TooManyStreams

log = logging.getLogger(__name__)

LOOK_EVERY_SECONDS: Final = 0.25
PAUSE_AFTER_FAILURE_SECONDS: Final = 2.0
ROWS_AT_ONCE: Final = 500  # databases limit how many values a statement may name
SEAT_RETRY_SECONDS: Final = 5

State = tuple[str, int | None]  # its status and its place: what those who follow a row are told of


class Follower:
    """One who waits for news of one row."""

    def __init__(self, seen: Followed) -> None:
        """`seen` is what is known already."""
        self.seen = seen
        self._is_gone = False
        self._news = anyio.Event()

    @property
    def state(self) -> State:
        """What is known already, in short."""
        return self.seen.row.status, self.seen.position

    def tell(self, found: Followed | None) -> None:
        """The row has been looked at; None: it is no more."""
        if found is None:
            self._is_gone = True
        elif (found.row.status, found.position) == self.state:
            return  # another follower had seen less
        else:
            self.seen = found
        self._news.set()

    async def news(self, *, within_seconds: float) -> bool:
        """Wait for news, which is then in `seen`. Returns False when there was none in time.

        Raises:
            NotFound: the row is no more.
        """
        with anyio.move_on_after(within_seconds):
            await self._news.wait()
        if self._is_gone:
            raise NotFound
        is_new, self._news = self._news.is_set(), anyio.Event()
        return is_new


class Watch:
    """Looks for news for as long as somebody follows a row. One a process, for one event loop."""

    def __init__(self, database: Database) -> None:
        """Nothing is looked at before somebody follows a row."""
        self._database = database
        self._followers: defaultdict[str, set[Follower]] = defaultdict(set)
        self._looking: asyncio.Task[None] | None = None

    @contextmanager
    def following(self, seen: Followed) -> Iterator[Follower]:
        """Follow a row for the length of the block."""
        follower, row_id = Follower(seen), seen.row.id
        self._followers[row_id].add(follower)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._look_until_nobody_follows())
        try:
            yield follower
        finally:
            self._followers[row_id].discard(follower)
            if not self._followers[row_id]:
                del self._followers[row_id]

    async def _look_until_nobody_follows(self) -> None:
        while self._followers:
            await anyio.sleep(LOOK_EVERY_SECONDS)
            seen = {row_id: {f.state for f in known} for row_id, known in self._followers.items()}
            try:
                news = await run_sync(_news, self._database, seen)
            except Exception:  # the database is away, or a defect: they wait on, and not for ever
                log.exception("a look for news broke off")
                await anyio.sleep(PAUSE_AFTER_FAILURE_SECONDS)
                continue
            for row_id, found in news.items():
                for follower in self._followers.get(row_id, ()):
                    follower.tell(found)


class StreamSeats:
    """How many streams each owner has open in this process."""

    def __init__(self, most_of_one: int) -> None:
        """`most_of_one` is an owner's share."""
        self._most_of_one = most_of_one
        self._taken: Counter[str] = Counter()

    @contextmanager
    def taken_by(self, owner_id: str) -> Iterator[None]:
        """Hold a seat for the length of the block.

        Raises:
            TooManyStreams: the owner has taken all that are theirs.
        """
        if self._taken[owner_id] >= self._most_of_one:
            raise TooManyStreams(limit=self._most_of_one, retry_after_s=SEAT_RETRY_SECONDS)
        self._taken[owner_id] += 1
        try:
            yield
        finally:
            self._taken[owner_id] -= 1
            if not self._taken[owner_id]:
                del self._taken[owner_id]


def _news(database: Database, seen: Mapping[str, set[State]]) -> dict[str, Followed | None]:
    """The rows that are not as somebody has seen them; None for one that is no more."""
    with database.reading() as session:
        states = _states(session, seen.keys())
        changed = [row_id for row_id, state in states.items() if {state} != seen[row_id]]
        news: dict[str, Followed | None] = dict.fromkeys(seen.keys() - states.keys())
        for some in _in_parts(changed):
            rows = session.scalars(select(Stylization).where(Stylization.id.in_(some))).all()
            news.update({found.row.id: found for found in followed(session, rows)})
        return news


def _states(session: Session, row_ids: Collection[str]) -> dict[str, State]:
    turns = queue_positions()
    statuses = select(Stylization.id, Stylization.status)
    places = select(turns.c.id, turns.c.position)
    found: dict[str, State] = {}
    for some in _in_parts(row_ids):
        waiting = session.execute(places.where(turns.c.id.in_(some)))
        place_of = {row.id: row.position for row in waiting}
        for row_id, status in session.execute(statuses.where(Stylization.id.in_(some))):
            found[row_id] = (status, place_of.get(row_id))
    return found


def _in_parts(row_ids: Iterable[str]) -> Iterator[list[str]]:
    left = iter(row_ids)
    while some := list(islice(left, ROWS_AT_ONCE)):
        yield some
