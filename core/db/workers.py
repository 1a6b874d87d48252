"""Heartbeats of the workers."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, String, false
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, now_utc

HEARTBEAT_WINDOW: Final = timedelta(seconds=30)
"""A worker counts as alive for this long after its last heartbeat."""


class WorkerState(StrEnum):
    """The state that a worker reports with its heartbeat."""

    STARTING = "starting"  # the model is loading
    READY = "ready"
    BUSY = "busy"


class WorkerHeartbeat(Base):
    """One row per worker process, updated with every heartbeat."""

    __tablename__ = "worker_heartbeats"

    id: Mapped[str] = id_column("wrk")
    started_at: Mapped[datetime] = mapped_column(default=now_utc)
    seen_at: Mapped[datetime] = mapped_column(default=now_utc, index=True)
    state: Mapped[str] = mapped_column(String(16), default=WorkerState.STARTING)
    device: Mapped[str | None] = mapped_column(String(40))
    model_version: Mapped[str | None] = mapped_column(String(100))
    refines_styles: Mapped[bool] = mapped_column(default=False, server_default=false())


def is_alive(now: datetime) -> ColumnElement[bool]:
    """Select the workers whose last heartbeat is younger than `HEARTBEAT_WINDOW`."""
    return WorkerHeartbeat.seen_at > now - HEARTBEAT_WINDOW
