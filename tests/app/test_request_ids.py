"""The id of a request goes with what it brought."""

from sqlalchemy import select

from core.db.styles import Style
from core.db.stylizations import Stylization
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload

ID = {"X-Request-ID": "tap-17"}


def ids_of(client, table: type[Stylization] | type[Style]) -> list[str | None]:
    with client.resources.database.reading() as session:
        return list(session.scalars(select(table.request_id)))


def test_an_upload_and_the_style_that_came_along_keep_the_id_of_their_request(client):
    files = {"file": jpeg(), "style": jpeg(100, 100)}

    client.post("/v1/stylizations", files=files, headers=ID)

    assert ids_of(client, Stylization) == ["tap-17"]
    assert ids_of(client, Style) == ["tap-17"]


def test_a_style_keeps_it(client):
    client.post("/v1/styles", files={"file": jpeg()}, data={"name": "mine"}, headers=ID)

    assert ids_of(client, Style) == ["tap-17"]


def test_an_order_in_json_and_every_look_of_a_batch_keep_it(client):
    picture_id = upload(client).json()["content"]["id"]
    order = {"picture_id": picture_id, "style_id": "great-wave"}
    batch = {
        "picture_id": picture_id,
        "looks": [{"style_id": "great-wave", "tau": t} for t in (0.5, 1)],
    }

    client.post("/v1/stylizations", json=order, headers=ID)
    client.post("/v1/stylizations/batch", json=batch, headers=ID)

    assert ids_of(client, Stylization).count("tap-17") == 3


def test_a_replay_changes_nothing_of_it(client):
    upload(client, client_key="tap")
    (first,) = ids_of(client, Stylization)

    upload(client, client_key="tap")

    assert first is not None
    assert first.startswith("req_")
    assert ids_of(client, Stylization) == [first]
