"""Claim -> load -> forward -> label -> store -> finish, for one own style or one batch of rows.

Everything it needs is passed in; it knows nothing of the queue. What ends how:

* the model refuses a picture, or breaks on it: tried alone once, then `failed` with a code
* storage or database are away: the row is left to its lease, then tried again, a few times
* the row was cancelled or given to another meanwhile: the result is dropped
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from PIL import Image
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from core.db.base import now_utc
from core.db.cloud_mirror import schedule_mirroring
from core.db.engine import Database
from core.db.moderation import begin_check
from core.db.pictures import Picture, new_picture_row
from core.db.styles import Style
from core.db.stylizations import Status, StyleShare, Stylization
from core.errors import AppError, ClaimLost
from core.failures import OutOfMemory, PictureLost, RenderFailed, StyleFailed, StyleLost
from core.logs import log_context
from core.metrics import WorkerMetrics
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings
from core.storage import Storage, StorageError
from imaging.encode import EncodedPicture, decode_stored, encode_result, encode_thumb
from imaging.formats import PictureFormat
from worker.claim import claim_batch, claim_style
from worker.heartbeat import Heartbeat

if TYPE_CHECKING:
    from model.inference import LevelStrengths, StyleCode, Stylizer

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """A row with all that its forward needs."""

    row: Stylization
    token: str
    picture: Image.Image
    code: "StyleCode"


class Renderer:
    """Takes one piece of work at a time. One a process; the model is loaded once."""

    def __init__(
        self,
        *,
        database: Database,
        storage: Storage,
        stylizer: "Stylizer",
        read_code: "Callable[[bytes], StyleCode]",
        read_levels: "Callable[[dict[str, float]], LevelStrengths]",
        heartbeat: Heartbeat,
        settings: Settings,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        """`read_code` and `read_levels` turn what rows hold into what the model takes."""
        self._database = database
        self._storage = storage
        self._stylizer = stylizer
        self._read_code = read_code
        self._read_levels = read_levels
        self._heartbeat = heartbeat
        self._settings = settings
        self._metrics = metrics or WorkerMetrics()

    def prepare_next_style(self) -> bool:
        """Compute the code of one own style. Returns False when none waits."""
        style = claim_style(
            self._database,
            model_version=self._stylizer.model_version,
            lease_seconds=self._settings.lease_seconds,
        )
        if style is None or style.token is None:
            return False
        with self._heartbeat.renewing_leases(style.token), _about(style):
            self._prepare(style, style.token)
        return True

    def render_next_batch(self) -> int:
        """Render the next rows. Returns how many were taken; 0 when none waits."""
        rows = claim_batch(
            self._database,
            model_version=self._stylizer.model_version,
            max_batch=self._settings.max_batch,
            lease_seconds=self._settings.lease_seconds,
        )
        if not rows or rows[0].token is None:
            return 0
        token = rows[0].token
        with self._heartbeat.renewing_leases(token):
            self._note_claims(rows)
            jobs = [job for row in rows if (job := self._load(row, token)) is not None]
            if jobs:
                self._render(jobs)
        return len(rows)

    def _note_claims(self, rows: Sequence[Stylization]) -> None:
        now = now_utc()
        for row in rows:
            if row.attempts == 1:
                self._metrics.queue_wait_seconds.observe((now - row.created_at).total_seconds())
            with _about(row):
                log.info("claimed", extra={"attempt": row.attempts})

    # Own styles

    def _prepare(self, style: Style, token: str) -> None:
        try:
            picture = decode_stored(self._storage.read(self._storage_key(style.picture_id)))
            self._heartbeat.restart_time_limit()
            code = self._stylizer.style_code(picture).to_bytes()
        except (SQLAlchemyError, StorageError):
            log.exception("style %s: left to be tried again", style.id)
        except Exception as error:  # whatever the model raises ends on the row
            log.warning("style %s cannot be prepared", style.id, exc_info=error)
            failure = _words_for(error)
            if self._change_style(style.id, lambda row: row.fail(token=token, error=failure)):
                self._metrics.failures.labels(failure.code).inc()
        else:
            version = self._stylizer.model_version
            if self._change_style(
                style.id, lambda row: row.finish(token=token, code=code, model_version=version)
            ):
                self._metrics.styles_prepared.inc()
                log.info("prepared")

    def _change_style(self, style_id: str, step: Callable[[Style], None]) -> bool:
        """Returns False when the style is no longer this worker's."""
        try:
            with self._database.transaction() as session:
                step(session.get_one(Style, style_id, with_for_update=True))
        except ClaimLost as lost:
            self._metrics.claims_lost.inc()
            log.info("%s", lost)
            return False
        return True

    # Rows

    def _load(self, row: Stylization, token: str) -> Job | None:
        with _about(row), self._metrics.load_seconds.time():
            return self._load_its_picture(row, token)

    def _load_its_picture(self, row: Stylization, token: str) -> Job | None:
        try:
            code = self._code_of(row)
            data = self._storage.read(self._storage_key(row.picture_id))
            picture = decode_stored(data, width=row.width, height=row.height)
            return Job(row, token, picture, code)
        except (SQLAlchemyError, StorageError):
            log.exception("%s: left to be tried again", row.id)
        except AppError as error:
            self._fail(row.id, token, error)
        except (OSError, ValueError):
            log.exception("%s: its picture is gone", row.id)
            self._fail(row.id, token, PictureLost())
        return None

    def _code_of(self, row: Stylization) -> "StyleCode":
        """Of its style, or mixed of several."""
        mixture = select(StyleShare).where(StyleShare.stylization_id == row.id)
        with self._database.reading() as session:
            shares = session.scalars(mixture.order_by(StyleShare.style_id)).all()
        if not shares:
            return self._code_of_style(row.style_id)
        codes = [self._code_of_style(share.style_id) for share in shares]
        return codes[0].mix(codes, [share.weight for share in shares])

    def _code_of_style(self, style_id: str) -> "StyleCode":
        with self._database.reading() as session:
            style = session.get(Style, style_id)
        try:
            if style is None or style.code is None:
                return self._stylizer.preset(style_id)
            return self._read_code(style.code)
        except (KeyError, ValueError, OSError) as error:
            raise StyleLost(style_id=style_id) from error

    def _render(self, jobs: Sequence[Job]) -> None:
        self._heartbeat.restart_time_limit()
        self._metrics.batch_size.observe(len(jobs))
        try:
            with self._metrics.forward_seconds.time():
                pictures = self._stylizer.stylize_batch(
                    [job.picture for job in jobs],
                    [job.code for job in jobs],
                    [job.row.tau for job in jobs],
                    levels=[self._read_levels(job.row.levels or {}) for job in jobs],
                    keep_colors=[job.row.keep_color for job in jobs],
                )
        except Exception as error:  # noqa: BLE001  # whatever the model raises ends on the row
            self._render_singly(jobs, error)
            return
        for job, picture in zip(jobs, pictures, strict=True):
            with _about(job.row), self._metrics.store_seconds.time():
                self._store(job, picture)

    def _render_singly(self, jobs: Sequence[Job], error: Exception) -> None:
        if len(jobs) == 1:
            job = jobs[0]
            with _about(job.row):
                log.warning("%s cannot be stylized", job.row.id, exc_info=error)
                self._fail(job.row.id, job.token, _words_for(error, job.picture))
            return
        with log_context(request_ids=[job.row.request_id for job in jobs]):
            log.warning("a batch of %d failed; each is tried alone", len(jobs), exc_info=error)
        for job in jobs:
            if self._is_still_ours(job):
                self._render([job])

    def _is_still_ours(self, job: Job) -> bool:
        mine = select(Stylization.id).where(
            Stylization.id == job.row.id,
            Stylization.token == job.token,
            Stylization.status == Status.RUNNING,
        )
        with self._database.reading() as session:
            return session.scalar(mine) is not None

    def _store(self, job: Job, picture: Image.Image) -> None:
        encoded = self._encode(job.row.id, picture, PictureFormat(job.row.output_format))
        end = now_utc() + timedelta(days=self._settings.result_days)
        result, thumb = (
            new_picture_row(each, owner_id=job.row.owner_id, expires_at=end) for each in encoded
        )
        try:
            for row, each in zip((result, thumb), encoded, strict=True):
                self._storage.put(row.storage_key, each.data)
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
            log.exception("%s: left to be tried again", job.row.id)

    def _encode(
        self, row_id: str, picture: Image.Image, picture_format: PictureFormat
    ) -> tuple[EncodedPicture, EncodedPicture]:
        """Result and thumbnail; the row's id is the number under which both were produced."""
        label = self._settings.label
        return (
            encode_result(picture, picture_format, label=label, produce_id=row_id),
            encode_thumb(picture, label=label, produce_id=row_id),
        )

    def _finish(self, session: Session, job: Job, result: Picture, thumb: Picture) -> None:
        row = session.get(Stylization, job.row.id, with_for_update=True)
        if row is None:
            raise ClaimLost(f"stylization {job.row.id} went with its owner")
        session.add_all([result, thumb])
        session.flush()  # before the row that names them
        row.finish(
            token=job.token,
            result=result,
            thumb=thumb,
            model_version=self._stylizer.model_version,
            now=now_utc(),
        )
        enqueue_notifications(session, row)
        begin_check(session, row, self._settings)
        schedule_mirroring(session, row, self._settings)

    def _storage_key(self, picture_id: str) -> str:
        with self._database.reading() as session:
            return session.get_one(Picture, picture_id).storage_key

    def _fail(self, row_id: str, token: str, error: AppError) -> None:
        try:
            with self._database.transaction() as session:
                row = session.get_one(Stylization, row_id, with_for_update=True)
                row.fail(token=token, error=error, now=now_utc())
                enqueue_notifications(session, row)
            self._metrics.failures.labels(error.code).inc()
            log.info("failed", extra={"code": error.code})
        except ClaimLost as lost:
            self._metrics.claims_lost.inc()
            log.info("%s", lost)


def _about(row: Stylization | Style) -> AbstractContextManager[None]:
    """Lines written inside say which row, and which request brought it."""
    kind = "style_id" if isinstance(row, Style) else "stylization_id"
    return log_context(**{"request_id": row.request_id, kind: row.id})


def _seconds_since(moment: datetime) -> float:
    return round((now_utc() - moment).total_seconds(), 3)


def _words_for(error: Exception, picture: Image.Image | None = None) -> AppError:
    if picture is None:
        return PictureLost() if isinstance(error, OSError) else StyleFailed()
    if isinstance(error, MemoryError):
        return OutOfMemory(width=picture.width, height=picture.height)
    return RenderFailed()
