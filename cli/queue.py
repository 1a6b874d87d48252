"""Look at the queue, and queue again what has failed.

Without a verb it says what waits, since when, and which workers are there.
"""

import argparse
from datetime import timedelta

from redis.exceptions import RedisError
from sqlalchemy.exc import DBAPIError

from app.operations.maintenance import QueueState, read_queue_state, requeue, requeue_failed
from cli.migrate import driver_message
from core.db.base import now_utc
from core.db.engine import open_database
from core.errors import IllegalTransition, SetupError
from core.queue import Queue, open_queue
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Nothing, or `requeue ID...`, or `requeue --failed-with CODE --since HOURS`."""
    verbs = parser.add_subparsers(dest="verb", metavar="requeue")
    again = verbs.add_parser(
        "requeue",
        help="queue failed stylizations again, as if they were new",
        description="A photograph is kept for DUALTRANS_ORIGINAL_DAYS: what is older stays failed.",
        allow_abbrev=False,
    )
    again.add_argument("ids", nargs="*", metavar="ID", help="of a failed stylization")
    again.add_argument("--failed-with", metavar="CODE", help="all of this code, as worker_died")
    again.add_argument("--since", type=_hours, metavar="HOURS", help="of the last so many hours")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Do what the verb says."""
    if options.verb == "requeue" and bool(options.ids) == bool(options.failed_with):
        raise SetupError("requeue takes ids, or --failed-with CODE with --since HOURS")
    if options.verb == "requeue" and bool(options.failed_with) != (options.since is not None):
        raise SetupError("--failed-with and --since go together")
    database, queue = open_database(settings), open_queue(settings)
    try:
        if options.verb is None:
            print(_shown(read_queue_state(database), queue))
        elif options.ids:
            for stylization_id in options.ids:
                requeue(database, queue, stylization_id)
            print(f"queued again: {len(options.ids)}")
        else:
            since = now_utc() - options.since
            count = requeue_failed(database, queue, code=options.failed_with, since=since)
            print(f"queued again: {count}")
    except IllegalTransition as error:
        raise SetupError(str(error)) from error
    except DBAPIError as error:
        raise SetupError(f"the database cannot be read: {driver_message(error)}") from error
    finally:
        queue.close()
        database.close()
    return 0


def _shown(state: QueueState, queue: Queue) -> str:
    lines = [f"{status:8} {count}" for status, count in state.rows.items()]
    lines.append(f"oldest   {state.oldest_seconds:.0f} s")
    lines.append(f"wake-ups {_wake_ups(queue)}")
    lines.append(f"workers  {len(state.workers)}")
    now = now_utc()
    for worker in state.workers:
        seen = (now - worker.seen_at).total_seconds()
        device, version = worker.device or "-", worker.model_version or "-"
        lines.append(f"  {worker.id}  {worker.state:8}  {seen:.0f} s ago  {device}  {version}")
    return "\n".join(lines)


def _wake_ups(queue: Queue) -> str:
    try:
        return str(queue.count_pending())
    except RedisError:
        return "unknown: the queue server does not answer"


def _hours(text: str) -> timedelta:
    hours = float(text)
    if not 0 < hours <= 24 * 366:
        raise ValueError(text)
    return timedelta(hours=hours)
