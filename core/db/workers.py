"""Heartbeats of the workers."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import Base, id_column, now_utc

LAST_SEEN_WINDOW: Final = timedelta(seconds=30)
"""A worker whose last heartbeat is older counts as gone."""


class WorkerState(StrEnum):
    """What a worker says of itself."""

    STARTING = "starting"
    READY = "ready"
    BUSY = "busy"


class WorkerHeartbeat(Base):
    """A worker's sign of life, for readiness and the operator."""

    __tablename__ = "worker_heartbeats"

    id: Mapped[str] = id_column("wrk")
    started_at: Mapped[datetime] = mapped_column(default=now_utc)
    seen_at: Mapped[datetime] = mapped_column(default=now_utc, index=True)
    state: Mapped[str] = mapped_column(String(16), default=WorkerState.STARTING)
    device: Mapped[str | None] = mapped_column(String(40))
    model_version: Mapped[str | None] = mapped_column(String(100))
