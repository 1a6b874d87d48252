"""The periodic tasks that call WeChat: content checks and the mirror in WeChat's cloud."""

from typing import Final

from core.db.engine import Database
from core.settings import Settings, signing_secrets
from core.storage import Storage
from core.wechat.client import WeChat
from core.wechat.cloud_database import CloudDatabase
from worker.periodic.cloud_mirror import CloudMirror
from worker.periodic.content_checks import ContentChecker
from worker.periodic.runner import PeriodicTask

CLOUD_COLLECTION: Final = "stylizations"
CLEANUP_INTERVAL_FACTOR: Final = 12  # heartbeat intervals between two runs of the cleanup tasks


def wechat_tasks(
    settings: Settings, database: Database, storage: Storage, wechat: WeChat | None
) -> list[PeriodicTask]:
    """Return the tasks that the settings enable; none without a mini program."""
    if wechat is None:
        return []
    interval_seconds = settings.heartbeat_seconds
    cleanup_seconds = CLEANUP_INTERVAL_FACTOR * interval_seconds
    tasks: list[PeriodicTask] = []
    if settings.moderation == "wechat":
        checker = ContentChecker(
            database=database,
            wechat=wechat,
            signing_secrets=signing_secrets(settings),
            settings=settings,
        )
        tasks += [
            PeriodicTask("content checks", checker.request_due, interval_seconds=interval_seconds),
            PeriodicTask(
                "unmatched check results",
                checker.delete_unmatched_results,
                interval_seconds=cleanup_seconds,
            ),
        ]
    if settings.wechat_cloud_env is not None:
        mirror = CloudMirror(
            database=database,
            storage=storage,
            wechat=wechat,
            cloud=CloudDatabase(
                wechat, environment=settings.wechat_cloud_env, collection=CLOUD_COLLECTION
            ),
        )
        tasks += [
            PeriodicTask("cloud mirror", mirror.sync_due, interval_seconds=interval_seconds),
            PeriodicTask(
                "cloud mirror removals",
                mirror.schedule_removals,
                interval_seconds=cleanup_seconds,
            ),
        ]
    return tasks
