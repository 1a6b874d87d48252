"""Show the queue and the workers, or queue failed jobs again.

Without a sub-command it prints the number of jobs by status, the age of the oldest job, and the
workers.
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

MAX_HOURS = 24 * 366


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add `requeue ID...` and `requeue --failed-with CODE --since HOURS`."""
    actions = parser.add_subparsers(dest="action", metavar="requeue")
    requeue_parser = actions.add_parser(
        "requeue",
        help="queue failed jobs again",
        description="A job can be queued again while its photo is stored: DUALTRANS_ORIGINAL_DAYS.",
        allow_abbrev=False,
    )
    requeue_parser.add_argument("ids", nargs="*", metavar="ID", help="id of a failed stylization")
    requeue_parser.add_argument(
        "--failed-with", metavar="CODE", help="all jobs with this error code, such as worker_died"
    )
    requeue_parser.add_argument(
        "--since", type=_parse_hours, metavar="HOURS", help="only jobs that failed in these hours"
    )


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Print the state of the queue, or queue failed jobs again."""
    if options.action == "requeue" and bool(options.ids) == bool(options.failed_with):
        raise SetupError("requeue needs ids, or --failed-with CODE with --since HOURS")
    if options.action == "requeue" and bool(options.failed_with) != (options.since is not None):
        raise SetupError("--failed-with and --since must be used together")
    database, queue = open_database(settings), open_queue(settings)
    try:
        if options.action is None:
            print(_format_state(read_queue_state(database), queue))
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


def _format_state(state: QueueState, queue: Queue) -> str:
    numbers = {
        **state.rows,
        "oldest": f"{state.oldest_seconds:.0f} s",
        "notifications": _count_notifications(queue),
        "workers": len(state.workers),
    }
    lines = [f"{name:13} {number}" for name, number in numbers.items()]
    now = now_utc()
    for worker in state.workers:
        age_seconds = (now - worker.seen_at).total_seconds()
        device, version = worker.device or "-", worker.model_version or "-"
        lines.append(
            f"  {worker.id}  {worker.state:8}  {age_seconds:.0f} s ago  {device}  {version}"
        )
    return "\n".join(lines)


def _count_notifications(queue: Queue) -> str:
    try:
        return str(queue.count_pending())
    except RedisError:
        return "unknown: the queue server is not reachable"


def _parse_hours(text: str) -> timedelta:
    try:
        hours = float(text)
    except ValueError:
        hours = 0
    if not 0 < hours <= MAX_HOURS:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number above 0, up to {MAX_HOURS}")
    return timedelta(hours=hours)
