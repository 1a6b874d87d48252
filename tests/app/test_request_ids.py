"""Rows store the id of the request that created them."""

from sqlalchemy import select

from core.db.styles import Style
from core.db.stylizations import Stylization
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload

ID = {"X-Request-ID": "tap-17"}


def ids_of(client, table: type[Stylization] | type[Style]) -> list[str | None]:
    with client.resources.database.reading() as session:
        return list(session.scalars(select(table.request_id)))


def test_an_upload_with_a_style_picture_stores_the_request_id_in_both_rows(client):
    files = {"file": jpeg(), "style": jpeg(100, 100)}

    client.post("/v1/stylizations", files=files, headers=ID)

    assert ids_of(client, Stylization) == ["tap-17"]
    assert ids_of(client, Style) == ["tap-17"]


def test_a_style_stores_its_request_id(client):
    client.post("/v1/styles", files={"file": jpeg()}, data={"name": "mine"}, headers=ID)

    assert ids_of(client, Style) == ["tap-17"]


def test_json_requests_and_every_variant_of_a_batch_store_it(client):
    picture_id = upload(client).json()["content"]["id"]
    body = {"picture_id": picture_id, "style_id": "great-wave"}
    batch = {
        "picture_id": picture_id,
        "looks": [{"style_id": "great-wave", "tau": t} for t in (0.5, 1)],
    }

    client.post("/v1/stylizations", json=body, headers=ID)
    client.post("/v1/stylizations/batch", json=batch, headers=ID)

    assert ids_of(client, Stylization).count("tap-17") == 3


def test_a_replay_keeps_the_id_of_the_first_request(client):
    upload(client, client_key="tap")
    (first,) = ids_of(client, Stylization)

    upload(client, client_key="tap")

    assert first is not None
    assert first.startswith("req_")
    assert ids_of(client, Stylization) == [first]
