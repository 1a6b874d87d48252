"""Processes one own style or one batch of rows: claim, load, paint, label, store, finish.

Dependencies are injected; this module does not depend on the queue. How a row ends:

* The model refuses a photo or fails on it: the photo is tried once alone, then the row is `failed`
  with an error code.
* The storage or the database is unreachable: the row keeps its lease. When the lease expires it is
  tried again, up to `max_attempts`.
* The row was cancelled, or claimed by another worker, in the meantime: the result is dropped.
"""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image
from sqlalchemy import func, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.cloud_mirror import schedule_mirroring
from core.db.engine import Database
from core.db.pictures import Picture, new_picture_row
from core.db.styles import Style
from core.db.stylizations import Stage, Status, StyleShare, Stylization
from core.errors import AppError, ClaimLost
from core.failures import OutOfMemory, PictureLost, RenderFailed, StyleFailed, StyleLost
from core.logs import log_context
from core.metrics import WorkerMetrics
from core.moderation import begin_check
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings
from core.storage import Storage, StorageError
from imaging.encode import EncodedPicture, decode_stored, encode_result, encode_thumb
from imaging.formats import PictureFormat
from styling.brush import Brush
from worker.claim import claim_batch, claim_style
from worker.heartbeat import Heartbeat
from worker.pace import Pace
from worker.painter import Painter, PaintRequest, StyleCode

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A claimed row and everything that the model needs for it."""

    row: Stylization
    token: str
    request: PaintRequest


class Renderer:
    """Processes one own style or one batch at a time. A process has one renderer."""

    def __init__(
        self,
        *,
        database: Database,
        storage: Storage,
        painter: Painter,
        heartbeat: Heartbeat,
        settings: Settings,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        """Connect the parts; nothing is claimed yet."""
        self._database = database
        self._storage = storage
        self._painter = painter
        self._heartbeat = heartbeat
        self._settings = settings
        self._metrics = metrics or WorkerMetrics()
        self._pace = Pace()

    def prepare_next_style(self) -> bool:
        """Compute the style code of one own style. Returns False when none is waiting."""
        style = claim_style(
            self._database,
            model_version=self._painter.model_version,
            lease_seconds=self._settings.lease_seconds,
        )
        if style is None or style.token is None:
            return False
        with self._heartbeat.renewing_leases(style.token), log_context_of(style):
            self._prepare(style, style.token)
        return True

    def render_next_batch(self) -> int:
        """Render the next rows of the queue. Returns how many were claimed."""
        rows = claim_batch(
            self._database,
            model_version=self._painter.model_version,
            max_batch=self._settings.max_batch,
            lease_seconds=self._settings.lease_seconds,
            expected_seconds=lambda rows: self._pace.expected_seconds(self._rendered_pixels(rows)),
        )
        if not rows or rows[0].token is None:
            return 0
        token, began = rows[0].token, time.monotonic()
        with self._heartbeat.renewing_leases(token):
            self._record_claims(rows)
            jobs = [job for row in rows if (job := self._load(row, token)) is not None]
            if jobs and self._render(jobs):
                pixels = self._rendered_pixels([job.row for job in jobs])
                self._pace.record(pixels, time.monotonic() - began)
        return len(rows)

    def _rendered_pixels(self, rows: Sequence[Stylization]) -> int:
        return sum(
            self._painter.rendered_pixels((row.width, row.height), Brush(row.brush)) for row in rows
        )

    def _record_claims(self, rows: Sequence[Stylization]) -> None:
        now = now_utc()
        for row in rows:
            waited_seconds = (now - row.waiting_since).total_seconds()
            self._metrics.queue_wait_seconds.observe(waited_seconds)
            with log_context_of(row):
                log.info("claimed", extra={"attempt": row.attempts})

    # Own styles

    def _prepare(self, style: Style, token: str) -> None:
        try:
            picture = decode_stored(self._storage.read(self._storage_key(style.picture_id)))
            self._heartbeat.restart_time_limit()
            code = self._painter.encode_style(picture)
        except (SQLAlchemyError, StorageError):
            log.exception("style %s will be tried again when its lease expires", style.id)
        except Exception as error:  # any error of the model is recorded on the row
            log.warning("style %s cannot be prepared", style.id, exc_info=error)
            failure = _failure_of_style(error)
            if self._change_style(style.id, lambda row: row.fail(token=token, error=failure)):
                self._metrics.failures.labels(failure.code).inc()
        else:
            version = self._painter.model_version
            if self._change_style(
                style.id, lambda row: row.finish(token=token, code=code, model_version=version)
            ):
                self._metrics.styles_prepared.inc()
                log.info("prepared")

    def _change_style(self, style_id: str, change: Callable[[Style], None]) -> bool:
        return change_style(self._database, self._metrics, style_id, change)

    # Load

    def _load(self, row: Stylization, token: str) -> Job | None:
        """Read what the model needs; None if the row cannot be rendered now."""
        with log_context_of(row), self._metrics.load_seconds.time():
            try:
                return Job(row, token, self._paint_request(row))
            except (SQLAlchemyError, StorageError):
                log.exception("%s will be tried again when its lease expires", row.id)
            except AppError as error:
                self._fail(row.id, token, error)
            except (OSError, ValueError):
                log.exception("the photo of %s is missing or unreadable", row.id)
                self._fail(row.id, token, PictureLost())
            return None

    def _paint_request(self, row: Stylization) -> PaintRequest:
        code = self._style_code(row)
        data = self._storage.read(self._storage_key(row.picture_id))
        return PaintRequest(
            photo=decode_stored(data, width=row.width, height=row.height),
            code=code,
            tau=row.tau,
            levels=row.levels or {},
            brush=Brush(row.brush),
            keep_color=row.keep_color,
        )

    def _style_code(self, row: Stylization) -> StyleCode:
        """Return the code of the row's style, or of its mixture of styles.

        Raises:
            StyleLost: a style does not exist any more, or its code cannot be read.
        """
        mixture = select(StyleShare).where(StyleShare.stylization_id == row.id)
        with self._database.reading() as session:
            shares = session.scalars(mixture.order_by(StyleShare.style_id)).all()
            style_ids = [share.style_id for share in shares] or [row.style_id]
            best_code = func.coalesce(Style.refined_code, Style.code)
            stored = session.execute(select(Style.id, best_code).where(Style.id.in_(style_ids)))
            own_codes = dict(stored.all())
        codes = [self._read_code(style_id, own_codes.get(style_id)) for style_id in style_ids]
        if not shares:
            return codes[0]
        return self._painter.mix_codes(codes, [share.weight for share in shares])

    def _read_code(self, style_id: str, stored: bytes | None) -> StyleCode:
        try:
            if stored is None:
                return self._painter.preset_code(style_id)
            return self._painter.read_code(stored)
        except (KeyError, ValueError, OSError) as error:
            raise StyleLost(style_id=style_id) from error

    def _storage_key(self, picture_id: str) -> str:
        with self._database.reading() as session:
            return session.get_one(Picture, picture_id).storage_key

    # Paint

    def _render(self, jobs: Sequence[Job]) -> bool:
        """Paint and store a batch. Returns whether the model painted it in one pass."""
        self._report_stage(jobs, Stage.PAINTING)
        self._heartbeat.restart_time_limit()
        self._metrics.batch_size.observe(len(jobs))
        try:
            with self._metrics.forward_seconds.time():
                results = self._painter.paint([job.request for job in jobs])
        except Exception as error:  # noqa: BLE001  # any error of the model is recorded on the row
            self._render_singly(jobs, error)
            return False
        self._report_stage(jobs, Stage.STORING)
        for job, result in zip(jobs, results, strict=True):
            with log_context_of(job.row), self._metrics.store_seconds.time():
                self._store(job, result)
        return True

    def _report_stage(self, jobs: Sequence[Job], stage: Stage) -> None:
        """Write the stage for the clients that wait, in one statement for the batch.

        The jobs do not depend on it, so an unreachable database is only logged.
        """
        rows = Stylization.id.in_([job.row.id for job in jobs])
        is_claimed = Stylization.token == jobs[0].token
        try:
            with self._database.transaction() as session:
                session.execute(
                    update(Stylization).where(rows, is_claimed).values(running_stage=stage)
                )
        except SQLAlchemyError as error:
            log.warning("the stage of %d rows cannot be written: %s", len(jobs), error)

    def _render_singly(self, jobs: Sequence[Job], error: Exception) -> None:
        """Handle a failed batch: fail its only row, or render each row alone."""
        if len(jobs) == 1:
            job = jobs[0]
            with log_context_of(job.row):
                log.warning("%s cannot be stylized", job.row.id, exc_info=error)
                self._fail(job.row.id, job.token, _failure_of_photo(error, job.request.photo))
            return
        with log_context(request_ids=[job.row.request_id for job in jobs]):
            log.warning(
                "a batch of %d failed; each row is rendered alone", len(jobs), exc_info=error
            )
        for job in jobs:
            if self._is_still_claimed(job):
                self._render([job])

    def _is_still_claimed(self, job: Job) -> bool:
        claimed = select(Stylization.id).where(
            Stylization.id == job.row.id,
            Stylization.token == job.token,
            Stylization.status == Status.RUNNING,
        )
        with self._database.reading() as session:
            return session.scalar(claimed) is not None

    # Store

    def _store(self, job: Job, picture: Image.Image) -> None:
        encoded = self._encode(job.row.id, picture, PictureFormat(job.row.output_format))
        expires_at = now_utc() + timedelta(days=self._settings.result_days)
        result, thumb = (
            new_picture_row(each, owner_id=job.row.owner_id, expires_at=expires_at)
            for each in encoded
        )
        try:
            for picture_row, each in zip((result, thumb), encoded, strict=True):
                self._storage.put(picture_row.storage_key, each.data)
            with self._database.transaction() as session:
                self._finish(session, job, result, thumb)
            self._metrics.results.inc()
            log.info("done", extra={"seconds": _seconds_since(job.row.created_at)})
        except ClaimLost as lost:
            self._metrics.claims_lost.inc()
            log.info("the result is dropped: %s", lost)
            self._storage.remove(result.storage_key)
            self._storage.remove(thumb.storage_key)
        except (SQLAlchemyError, StorageError):
            log.exception("%s will be tried again when its lease expires", job.row.id)

    def _encode(
        self, row_id: str, picture: Image.Image, picture_format: PictureFormat
    ) -> tuple[EncodedPicture, EncodedPicture]:
        """Encode result and thumbnail; the AI labels of both name the row's id."""
        label = self._settings.label
        return (
            encode_result(picture, picture_format, label=label, produce_id=row_id),
            encode_thumb(picture, label=label, produce_id=row_id),
        )

    def _finish(self, session: Session, job: Job, result: Picture, thumb: Picture) -> None:
        row = _locked_row(session, job.row.id)
        session.add_all([result, thumb])
        session.flush()  # the pictures must exist before the row that references them
        row.finish(
            token=job.token,
            result=result,
            thumb=thumb,
            model_version=self._painter.model_version,
            now=now_utc(),
        )
        enqueue_notifications(session, row)
        begin_check(session, row, self._settings)
        schedule_mirroring(session, row, self._settings)

    def _fail(self, row_id: str, token: str, error: AppError) -> None:
        try:
            with self._database.transaction() as session:
                row = _locked_row(session, row_id)
                row.fail(token=token, error=error, now=now_utc())
                enqueue_notifications(session, row)
            self._metrics.failures.labels(error.code).inc()
            log.info("failed", extra={"code": error.code})
        except ClaimLost as lost:
            self._metrics.claims_lost.inc()
            log.info("%s", lost)


def change_style(
    database: Database, metrics: WorkerMetrics, style_id: str, change: Callable[[Style], None]
) -> bool:
    """Change a claimed style. Returns False when this worker has lost the claim."""
    try:
        with database.transaction() as session:
            change(session.get_one(Style, style_id, with_for_update=True))
    except ClaimLost as lost:
        metrics.claims_lost.inc()
        log.info("%s", lost)
        return False
    return True


def _locked_row(session: Session, row_id: str) -> Stylization:
    row = session.get(Stylization, row_id, with_for_update=True)
    if row is None:
        raise ClaimLost(f"stylization {row_id} was deleted with its owner")
    return row


def log_context_of(row: Stylization | Style) -> AbstractContextManager[None]:
    """Add the row's id, and the id of the request that created it, to every log line."""
    id_field = "style_id" if isinstance(row, Style) else "stylization_id"
    return log_context(**{"request_id": row.request_id, id_field: row.id})


def _seconds_since(time: datetime) -> float:
    return round((now_utc() - time).total_seconds(), 3)


def _failure_of_style(error: Exception) -> AppError:
    return PictureLost() if isinstance(error, OSError) else StyleFailed()


def _failure_of_photo(error: Exception, photo: Image.Image) -> AppError:
    if isinstance(error, MemoryError):
        return OutOfMemory(width=photo.width, height=photo.height)
    return RenderFailed()
