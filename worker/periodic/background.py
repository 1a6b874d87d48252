"""What a worker does outside this house: asks WeChat for verdicts, keeps the mirror in its cloud.

A thread of its own, so that a slow answer holds up neither pictures nor repairs.
"""

import logging
import threading

from sqlalchemy.exc import SQLAlchemyError

from core.db.engine import Database
from core.settings import Settings, signing_secrets
from core.storage import Storage, StorageError
from core.wechat.worker_client import WeChatAccount, WeChatCalls
from worker.periodic.cloud_mirror import CloudMirror
from worker.periodic.content_checks import Checker

log = logging.getLogger(__name__)

SWEEP_EVERY = 12  # rounds


class Errands:
    """Runs its round every `heartbeat_seconds`; what is not set up is left out."""

    def __init__(
        self,
        *,
        checker: Checker | None,
        mirror: CloudMirror | None,
        seconds: float,
    ) -> None:
        """Nothing runs before `start`."""
        self._checker = checker
        self._mirror = mirror
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="errands", daemon=True)

    def start(self) -> None:
        """Begin, if there is anything to do."""
        if self._checker is not None or self._mirror is not None:
            self._thread.start()

    def stop(self) -> None:
        """Stop after the round that runs."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def run_once(self) -> None:
        """One round."""
        if self._checker is not None:
            self._checker.ask_due()
        if self._mirror is not None:
            self._mirror.send_due()

    def sweep(self) -> None:
        """What is in no hurry."""
        if self._checker is not None:
            self._checker.forget()
        if self._mirror is not None:
            self._mirror.find_gone()

    def _run(self) -> None:
        rounds = 0
        while True:
            try:
                self.run_once()
                if rounds % SWEEP_EVERY == 0:
                    self.sweep()
            except (SQLAlchemyError, StorageError):
                log.exception("a round of errands broke off; the next one goes on")
            except Exception:  # an answer of WeChat's that nobody has foreseen ends no thread
                log.exception("a defect: this round of errands broke off")
            rounds += 1
            if self._stop.wait(self._seconds):
                return


def open_errands(
    settings: Settings,
    database: Database,
    storage: Storage,
    account: WeChatAccount | None,
) -> Errands:
    """The errands that the settings ask for; connects when first used."""
    has_checks, has_mirror = settings.moderation == "wechat", settings.wechat_cloud_env is not None
    if account is None or not (has_checks or has_mirror):
        return Errands(checker=None, mirror=None, seconds=settings.heartbeat_seconds)
    calls = WeChatCalls(account, settings)
    checker = Checker(
        database=database,
        account=account,
        calls=calls,
        secrets=signing_secrets(settings),
        settings=settings,
    )
    mirror = CloudMirror(
        database=database, storage=storage, account=account, calls=calls, settings=settings
    )
    return Errands(
        checker=checker if has_checks else None,
        mirror=mirror if has_mirror else None,
        seconds=settings.heartbeat_seconds,
    )
