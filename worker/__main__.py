"""Runs one worker process: `python -m worker`.

Run one process per device, under a supervisor. Exit status 75 means that a forward pass hung, and
the supervisor should start another worker; 78 means that a restart will not help.
"""

import logging
import sys
from threading import Event
from typing import Final

from PIL import Image
from rq.exceptions import StopRequested

from core.db.engine import Database, open_database
from core.db.migrations.upgrade import upgrade
from core.db.notifications import Channel
from core.errors import SetupError
from core.logs import configure_logging
from core.metrics import WorkerMetrics, metrics_server
from core.picture_urls import PictureURLSigner
from core.queue import open_queue, queue_url
from core.settings import Settings, signing_secrets
from core.storage import open_storage
from core.wechat.client import WeChat, is_wechat_configured, open_wechat
from core.wechat.pages import RESULT_PAGE
from worker.heartbeat import Heartbeat
from worker.listener import listen
from worker.notifications.senders import Sender
from worker.notifications.webhooks import WebhookSender
from worker.notifications.wechat_messages import WeChatSender
from worker.painter import Painter, PainterLoader, PaintRequest, import_model
from worker.periodic.notifications import NotificationDispatcher
from worker.periodic.reconciliation import Reconciler
from worker.periodic.retention import Retention
from worker.periodic.runner import running
from worker.periodic.wechat_tasks import wechat_tasks
from worker.pipeline import Renderer
from worker.refinement import Refiner

log = logging.getLogger("worker")

EXIT_SETUP: Final = 78  # EX_CONFIG
WARM_UP_SIDE_PX: Final = 256


def run(settings: Settings, *, load: PainterLoader) -> None:
    """Load the model, then process jobs until SIGTERM or SIGINT.

    Raises:
        SetupError: the worker cannot start, and a restart will not help.
    """
    database = open_database(settings)
    database.check_encoding()
    if settings.database_url is None:
        upgrade(database)
    storage = open_storage(settings)
    queue = open_queue(settings)
    metrics = WorkerMetrics()
    heartbeat = Heartbeat(database, settings)
    stop_requested = Event()
    try:
        with heartbeat.running(metrics.task_failures):
            painter = _load_and_warm_up(settings, load)
            reconciler = Reconciler(
                database=database,
                queue=queue,
                settings=settings,
                model_version=painter.model_version,
                can_refine=lambda: painter.can_refine,
                metrics=metrics,
            )
            wechat = open_wechat(settings) if is_wechat_configured(settings) else None
            senders = open_senders(settings, database, wechat)
            tasks = [
                *reconciler.tasks(),
                *Retention(database, storage, settings).tasks(),
                *NotificationDispatcher(database, senders).tasks(),
                *wechat_tasks(settings, database, storage, wechat),
            ]
            renderer = Renderer(
                database=database,
                storage=storage,
                painter=painter,
                heartbeat=heartbeat,
                settings=settings,
                metrics=metrics,
            )
            refiner = Refiner(
                database=database,
                storage=storage,
                painter=painter,
                heartbeat=heartbeat,
                settings=settings,
                is_stopping=stop_requested.is_set,
                metrics=metrics,
            )
            metrics.info.labels(painter.device, painter.model_version).set(1)
            heartbeat.refines_styles = painter.can_refine
            heartbeat.set_ready(device=painter.device, model_version=painter.model_version)
            with running(tasks, metrics.task_failures), metrics_server(metrics, settings):
                listen(
                    queue_url(settings),
                    lambda: handle_notification(renderer, refiner, reconciler),
                    stop_requested,
                )
    finally:
        queue.close()
        database.close()


def open_senders(
    settings: Settings, database: Database, wechat: WeChat | None
) -> dict[str, Sender]:
    """Return a sender for each channel; WeChat only if a mini program is configured."""
    signer = PictureURLSigner(
        signing_secrets(settings), lifetime_seconds=settings.url_lifetime_seconds
    )
    senders: dict[str, Sender] = {
        Channel.WEBHOOK: WebhookSender(signer=signer, allow_private=settings.private_webhooks)
    }
    if wechat is not None:
        senders[Channel.WECHAT] = WeChatSender(
            wechat, database, templates=settings.wechat_templates, page=RESULT_PAGE
        )
    return senders


def handle_notification(renderer: Renderer, refiner: Refiner, reconciler: Reconciler) -> None:
    """Prepare one own style, because rows may be waiting for it, then render one batch.

    If there was nothing to do, refine an own style until other work waits.
    """
    has_prepared = renderer.prepare_next_style()
    rendered = renderer.render_next_batch()
    has_refined = not has_prepared and not rendered and refiner.refine_next_style()
    if has_prepared or has_refined:
        reconciler.restore_notifications()


def _load_and_warm_up(settings: Settings, load: PainterLoader) -> Painter:
    """Load the model and run the first forward pass, which is slow (memory, threads, kernels)."""
    try:
        painter = load(settings)
    except (OSError, ValueError) as error:
        raise SetupError(f"the model cannot be loaded: {error}") from error
    grey = Image.new("RGB", (WARM_UP_SIDE_PX, WARM_UP_SIDE_PX), (128, 128, 128))
    painter.paint([PaintRequest(grey, painter.read_code(painter.encode_style(grey)), tau=1.0)])
    try:
        painter.preset_ids()
    except (OSError, ValueError) as error:
        log.error("the presets cannot be used with these weights: %s", error)  # noqa: TRY400  # no traceback needed
    return painter


def main() -> int:
    """Run a worker with the settings of the environment. Returns the exit status."""
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    try:
        run(settings, load=import_model())
    except SetupError as error:
        log.error("the worker cannot start: %s", error)  # noqa: TRY400  # no traceback needed
        return EXIT_SETUP
    except (KeyboardInterrupt, StopRequested):
        log.info("stopped")
    return 0


if __name__ == "__main__":
    sys.exit(main())
