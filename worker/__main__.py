"""Load the model once, warm it, then listen: `python -m worker`.

One process a device. It is to be supervised: it ends with 75 when a forward hangs, and with 78 when
it cannot start for a reason that another try will not change.
"""

import logging
import sys
import time
from collections.abc import Callable
from importlib import import_module
from types import FrameType
from typing import TYPE_CHECKING

from PIL import Image
from redis import Redis
from redis.exceptions import RedisError
from rq import SimpleWorker
from rq.exceptions import StopRequested
from rq.serializers import JSONSerializer

from core.db.engine import open_database
from core.db.migrations.upgrade import upgrade
from core.db.notifications import Channel
from core.errors import SetupError
from core.logs import configure_logging
from core.metrics import WorkerMetrics, metrics_server
from core.picture_urls import PictureURLSigner
from core.queue import QUEUE_NAME, open_queue, queue_url
from core.settings import Settings, signing_secrets
from core.storage import open_storage
from core.wechat.pages import RESULT_PAGE
from core.wechat.worker_client import WeChatAccount, mini_program
from worker.heartbeat import Heartbeat
from worker.notifications.senders import Sender
from worker.notifications.webhooks import WebhookSender
from worker.notifications.wechat_messages import WeChatSender
from worker.periodic.background import open_errands
from worker.periodic.notifications import NotificationDispatcher
from worker.periodic.reconciliation import Reconciler
from worker.pipeline import Renderer
from worker.tasks import answer_rings_with

if TYPE_CHECKING:
    from model.inference import LevelStrengths, StyleCode, Stylizer

log = logging.getLogger("worker")

EXIT_SETUP = 78  # EX_CONFIG
IDLE_SECONDS = 30  # RQ asks Redis anew after half of it, and notices a frozen one soon after
WARM_UP_SIDE_PX = 256


class Listener(SimpleWorker):
    """RQ's worker without a fork (CUDA does not survive one), which does not give up on Redis."""

    max_connection_wait_time = 2.0  # seconds between tries; the model stays loaded meanwhile
    is_asked_to_stop = False

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        """Finish the batch in hand, then stop; also when Redis is gone already."""
        self.is_asked_to_stop = True
        self.log.setLevel(logging.CRITICAL)
        try:
            super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # not typed in rq
        except RedisError:
            log.debug("the queue is gone already")


def run(
    settings: Settings,
    *,
    load: "Callable[[Settings], Stylizer]",
    read_code: "Callable[[bytes], StyleCode]",
    read_levels: "Callable[[dict[str, float]], LevelStrengths]",
) -> None:
    """Work until told to stop by SIGTERM or SIGINT."""
    database = open_database(settings)
    if settings.database_url is None:
        upgrade(database)
    storage = open_storage(settings)
    queue = open_queue(settings)
    metrics = WorkerMetrics()
    heartbeat = Heartbeat(database, settings)
    heartbeat.start()
    stylizer = _load_warm(settings, load)
    reconciler = Reconciler(
        database=database,
        storage=storage,
        queue=queue,
        settings=settings,
        model_version=stylizer.model_version,
        metrics=metrics,
    )
    account = mini_program(settings, database)
    errands = open_errands(settings, database, storage, account)
    renderer = Renderer(
        database=database,
        storage=storage,
        stylizer=stylizer,
        read_code=read_code,
        read_levels=read_levels,
        heartbeat=heartbeat,
        settings=settings,
        metrics=metrics,
    )
    courier = NotificationDispatcher(database, open_senders(settings, account))
    answer_rings_with(lambda: answer(renderer, reconciler))
    metrics.info.labels(str(stylizer.device), stylizer.model_version).set(1)
    heartbeat.set_ready(device=str(stylizer.device), model_version=stylizer.model_version)
    reconciler.start()
    courier.start()
    errands.start()
    try:
        with metrics_server(metrics, settings):
            listen(queue_url(settings))
    finally:
        errands.stop()
        courier.stop()
        reconciler.stop()
        heartbeat.stop()
        queue.close()
        database.close()


def open_senders(settings: Settings, wechat: WeChatAccount | None) -> dict[str, Sender]:
    """A sender for each channel; none for WeChat where no mini program is set up."""
    signer = PictureURLSigner(
        signing_secrets(settings), lifetime_seconds=settings.url_lifetime_seconds
    )
    senders: dict[str, Sender] = {
        Channel.WEBHOOK: WebhookSender(signer=signer, allow_private=settings.private_webhooks)
    }
    if wechat is not None:
        senders[Channel.WECHAT] = WeChatSender(
            wechat,
            templates=settings.wechat_templates,
            page=RESULT_PAGE,
            base_url=settings.wechat_url,
        )
    return senders


def answer(renderer: Renderer, reconciler: Reconciler) -> None:
    """Answer one wake-up: an own style first, since rows may wait for it; then one batch."""
    has_prepared = renderer.prepare_next_style()
    renderer.render_next_batch()
    if has_prepared:
        reconciler.restore_notifications()


def listen(url: str) -> None:
    """Answer wake-ups until told to stop, also through an outage of Redis."""
    connection = Redis.from_url(url)
    listener: Listener | None = None
    while listener is None or not listener.is_asked_to_stop:
        try:
            listener = Listener(
                [QUEUE_NAME],
                connection=connection,
                serializer=JSONSerializer,
                worker_ttl=IDLE_SECONDS,
                maintenance_interval=IDLE_SECONDS,
            )
            listener.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("the queue is away: %s", error)
        except StopRequested:
            return
        _pause(listener)


def _pause(listener: Listener | None) -> None:
    if listener is None or not listener.is_asked_to_stop:
        time.sleep(1)


def _load_warm(settings: Settings, load: "Callable[[Settings], Stylizer]") -> "Stylizer":
    """The first forward is slow (memory, threads, kernels); nobody should wait for it."""
    try:
        stylizer = load(settings)
    except (OSError, ValueError) as error:
        raise SetupError(f"the model cannot be loaded: {error}") from error
    grey = Image.new("RGB", (WARM_UP_SIDE_PX, WARM_UP_SIDE_PX), (128, 128, 128))
    stylizer.stylize(grey, stylizer.style_code(grey))
    try:
        stylizer.preset_ids()
    except (OSError, ValueError) as error:
        log.error("the styles that ship are of no use with these weights: %s", error)  # noqa: TRY400  # no trace is needed
    return stylizer


def main() -> int:
    """Returns the exit status."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    try:
        inference = import_module("model.inference")
    except ImportError as error:
        print(
            f"the model is not installed ({error}): pip install 'dualtrans[all]'", file=sys.stderr
        )
        return EXIT_SETUP
    try:
        run(
            settings,
            load=lambda chosen: inference.Stylizer.load(
                chosen.weights, device=chosen.device, precision=chosen.precision
            ),
            read_code=inference.StyleCode.from_bytes,
            read_levels=lambda shares: inference.LevelStrengths(**shares),
        )
    except SetupError as error:
        print(f"the worker cannot start: {error}", file=sys.stderr)
        return EXIT_SETUP
    except (KeyboardInterrupt, StopRequested):
        log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
