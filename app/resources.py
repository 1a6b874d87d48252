"""What routes stand on, as `main` has opened it; dependencies hand it to those that ask."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from core.db.engine import Database
from core.queue import Queue
from core.settings import Settings
from core.storage import Storage


@dataclass(frozen=True)
class Resources:
    """The settings and the three things outside this process that they name."""

    settings: Settings
    database: Database
    storage: Storage
    queue: Queue


def _resources(request: Request) -> Resources:
    resources: Resources = request.app.state.resources
    return resources


OpenResources = Annotated[Resources, Depends(_resources)]


def request_id_of(request: Request) -> str:
    """The id that `edge` gave this request; empty where no edge stands around."""
    return str(getattr(request.state, "request_id", ""))


def client_url(request: Request, settings: Settings) -> str:
    """The address under which this client sees us, without a slash at its end.

    `DUALTRANS_PUBLIC_URL` where it is set; else the address the client itself has used, which also
    holds behind a container's port mapping.
    """
    return (settings.public_url or str(request.base_url)).rstrip("/")
