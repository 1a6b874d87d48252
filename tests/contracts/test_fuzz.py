"""Property-based tests of the API against its OpenAPI description."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
)

from app.accounts.service import create_key, mint_development_key
from app.main import create_app
from core.db.migrations.upgrade import upgrade
from core.db.stylizations import Status
from core.db.users import ALL_SCOPES
from core.settings import Settings
from tests.contracts.openapi import SNAPSHOT
from tests.factories import make_style, make_stylization
from tests.fake_wechat import serve_wechat

OPERATIONS = [
    f"{method} {path}"
    for path, methods in json.loads(SNAPSHOT.read_text(encoding="utf-8"))["paths"].items()
    for method in methods
]
NOT_CHECKED: list[Any] = [
    # Random bytes match the schema of a file, but they are not a picture.
    positive_data_acceptance,
    # The API ignores unknown fields and query parameters.
    negative_data_rejection,
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, valkey_server: str) -> Iterator[tuple]:
    folder: Path = tmp_path_factory.mktemp("fuzz")
    with serve_wechat() as fake_wechat:
        app = create_app(
            Settings(
                data_dir=folder,
                redis_url=valkey_server,
                dev_login=True,
                uploads_per_minute=100_000,
                max_queued_per_owner=100_000,
                **fake_wechat.settings(),
            )
        )
        database = app.state.resources.database
        upgrade(database)
        yield app, mint_development_key(database)
        app.state.resources.close()


def known_ids(app: FastAPI) -> dict[str, str]:
    resources = app.state.resources
    with resources.database.transaction() as session:
        job = make_stylization(session, resources.storage, status=Status.DONE)
        style = make_style(session, resources.storage)
    return {"stylization_id": job.id, "style_id": style.id, "picture_id": job.picture_id}


ERASE = "delete /v1/me"  # erases the user, so that each request needs a new key


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_response_matches_the_openapi_description(name: str, service):
    app, key = service
    database = app.state.resources.database
    method, path = name.split(" ")
    operation = schemathesis.openapi.from_asgi("/openapi.json", app)[path][method]

    known = known_ids(app)

    @given(case=operation.as_strategy(), is_known=st.booleans())
    @settings(
        max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True
    )
    def send(case: schemathesis.Case, *, is_known: bool) -> None:
        if is_known:
            case.path_parameters.update(
                {name: known[name] for name in case.path_parameters if name in known}
            )
        holder = create_key(database, "x", scopes=ALL_SCOPES) if name == ERASE else key
        case.call_and_validate(
            headers={"Authorization": f"Bearer {holder}"}, excluded_checks=NOT_CHECKED
        )

    send()
