"""Creates stylizations, finds them and cancels them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.languages import LocalizedTextRead
from app.pictures.service import (
    NewPicture,
    StoredPhoto,
    attach_photo,
    ingest_photo,
    store_with_rollback,
)
from app.resources import Resources
from app.styles.schemas import OWN_DEFAULT_TAU, own_name
from app.styles.service import ResolvedStyle, StyleUpload, add_style, new_style, resolve_style
from app.stylizations.requests import (
    StyleShareBody,
    StylizationRequest,
    UploadedStyle,
    checked_levels,
    fields_below,
    render_size,
    request_hashes,
)
from app.stylizations.views import StylizationView, find_owned_row, load_views
from core.db.base import new_id, now_utc
from core.db.engine import Database
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import Status, StyleShare, Stylization
from core.db.users import User
from core.errors import IdempotencyConflict, QueueFull, QuotaExceeded, ReplayOfDeleted
from core.notifications.outbox import enqueue_notifications
from core.settings import Settings

QUOTA_RETRY_SECONDS = 5
FULL_QUEUE_RETRY_SECONDS = 10


def create_stylizations(
    resources: Resources,
    requests: Sequence[StylizationRequest],
) -> tuple[list[StylizationView], bool]:
    """Create the stylizations that one owner requests for one photo, and notify the workers.

    Either all of them are created or none; a refused request leaves nothing behind.

    Returns:
        The stylizations in the order of the requests, and whether they are new. Requests with the
        same client keys return the same stylizations again.

    Raises:
        AppError: a photo, a style, a parameter, a quota or a client key is refused.
    """
    hashes = request_hashes(requests)
    existing = _find_replayed(resources.database, requests, hashes)
    if existing is not None:
        return existing, False
    with resources.database.reading() as session:
        _check_queue_limits(session, resources.settings, requests[0].owner_id, len(requests))
    variants = [_variant(resources, request) for request in requests]
    photo = ingest_photo(resources, requests[0].owner_id, requests[0].photo)
    try:
        views = _insert(resources, requests, hashes, variants, photo)
    except IntegrityError:  # a concurrent request with the same client key was faster
        existing = _find_replayed(resources.database, requests, hashes)
        if existing is None:
            raise
        return existing, False
    resources.queue.notify_workers()
    return views, True


# Styles


@dataclass(frozen=True)
class _Variant:
    """The style of one request, and the rows that come with it."""

    style: ResolvedStyle
    shares: tuple[StyleShareBody, ...]  # of a mixture; empty for one style
    new_style: tuple[Style, NewPicture] | None


def _variant(resources: Resources, request: StylizationRequest) -> _Variant:
    if isinstance(request.style, UploadedStyle):
        upload = StyleUpload(request.owner_id, request.style.file, "", None, request.request_id)
        style, picture = new_style(resources, upload, field="style")
        resolved = ResolvedStyle(style.id, own_name(style), OWN_DEFAULT_TAU)
        return _Variant(resolved, (), (style, picture))
    shares = request.style.shares
    is_mixture = len(shares) > 1
    with fields_below(request.path):
        styles = [
            resolve_style(
                resources,
                request.owner_id,
                share.id,
                field=f"styles.{position}.id" if is_mixture else "style_id",
            )
            for position, share in enumerate(shares)
        ]
    if is_mixture:
        return _Variant(_mixture(styles), shares, None)
    return _Variant(styles[0], (), None)


def _mixture(styles: Sequence[ResolvedStyle]) -> ResolvedStyle:
    """Return a mixture under the id of its first style and the names of all."""
    name = LocalizedTextRead(
        zh=" + ".join(style.name.zh for style in styles),
        en=" + ".join(style.name.en for style in styles),
    )
    return ResolvedStyle(styles[0].id, name, max(style.default_tau for style in styles))


# Rows


def _insert(
    resources: Resources,
    requests: Sequence[StylizationRequest],
    hashes: Sequence[str],
    variants: Sequence[_Variant],
    photo: NewPicture | StoredPhoto,
) -> list[StylizationView]:
    owner_id, settings = requests[0].owner_id, resources.settings
    new_styles = [variant.new_style for variant in variants if variant.new_style is not None]
    new_pictures = [picture for _, picture in new_styles]
    if isinstance(photo, NewPicture):
        new_pictures.append(photo)
    with (
        store_with_rollback(resources.storage, new_pictures),
        resources.database.transaction() as session,
    ):
        # This lock serializes the requests of one owner, so that the limits are enforced.
        session.get_one(User, owner_id, with_for_update=True)
        _check_queue_limits(session, settings, owner_id, len(requests))
        picture = attach_photo(session, settings, owner_id, photo)
        rows = [
            _row(settings, request, request_hash, variant, picture)
            for request, request_hash, variant in zip(requests, hashes, variants, strict=True)
        ]
        for style, style_picture in new_styles:
            add_style(session, style, style_picture)
        session.flush()
        session.add_all(rows)
        session.flush()
        for row, variant in zip(rows, variants, strict=True):
            session.add_all(
                StyleShare(stylization_id=row.id, style_id=share.id, weight=share.weight)
                for share in variant.shares
            )
        session.flush()
        return load_views(session, rows)


def _row(
    settings: Settings,
    request: StylizationRequest,
    request_hash: str,
    variant: _Variant,
    photo: Picture,
) -> Stylization:
    tau = variant.style.default_tau if request.tau is None else request.tau
    width, height = render_size(
        photo.width,
        photo.height,
        max_side_px=request.max_side_px,
        render_side_px=settings.result_max_side_px,
    )
    with fields_below(request.path):
        levels = checked_levels(request.levels, tau)
    return Stylization(
        id=new_id("stl"),
        owner_id=request.owner_id,
        client_key=request.client_key,
        request_hash=request_hash,
        style_id=variant.style.id,
        style_name=variant.style.name.model_dump(),
        tau=tau,
        levels=levels,
        brush=request.brush,
        keep_color=request.keep_color,
        output_format=request.output_format,
        title=request.title,
        picture_id=photo.id,
        width=width,
        height=height,
        status=Status.QUEUED,
        request_id=request.request_id,
        created_at=now_utc(),
    )


def _check_queue_limits(session: Session, settings: Settings, owner_id: str, added: int) -> None:
    queued = select(func.count()).where(Stylization.status == Status.QUEUED)
    queued_by_owner = session.scalar(queued.where(Stylization.owner_id == owner_id)) or 0
    if queued_by_owner + added > settings.max_queued_per_owner:
        raise QuotaExceeded(limit=settings.max_queued_per_owner, retry_after_s=QUOTA_RETRY_SECONDS)
    if (session.scalar(queued) or 0) + added > settings.max_queued_total:
        raise QueueFull(limit=settings.max_queued_total, retry_after_s=FULL_QUEUE_RETRY_SECONDS)


def _find_replayed(
    database: Database, requests: Sequence[StylizationRequest], hashes: Sequence[str]
) -> list[StylizationView] | None:
    """Return the stylizations that an earlier request with the same client keys has created."""
    hash_of = dict(zip((request.client_key for request in requests), hashes, strict=True))
    if None in hash_of:
        return None
    same_keys = select(Stylization).where(
        Stylization.owner_id == requests[0].owner_id, Stylization.client_key.in_(hash_of)
    )
    with database.reading() as session:
        rows = {row.client_key: row for row in session.scalars(same_keys)}
        if not rows:
            return None
        for key, request_hash in hash_of.items():
            row = rows.get(key)
            if row is None or row.request_hash != request_hash:
                raise IdempotencyConflict(field="client_key")
        if any(row.deleted_at is not None for row in rows.values()):
            raise ReplayOfDeleted(field="client_key")
        return load_views(session, [rows[key] for key in hash_of])


# Existing stylizations


def find_stylization(database: Database, owner_id: str, stylization_id: str) -> StylizationView:
    """Return one stylization of this owner.

    Raises:
        NotFound: the owner has no such stylization.
    """
    with database.reading() as session:
        return load_views(session, [find_owned_row(session, owner_id, stylization_id)])[0]


def cancel_stylization(database: Database, owner_id: str, stylization_id: str) -> StylizationView:
    """Cancel a queued or running stylization; its result is dropped.

    Raises:
        NotFound: the owner has no such stylization.
        AlreadyFinished: it has ended.
    """
    with database.transaction() as session:
        row = find_owned_row(session, owner_id, stylization_id, lock=True)
        row.cancel(now=now_utc())
        enqueue_notifications(session, row)
        return load_views(session, [row])[0]
