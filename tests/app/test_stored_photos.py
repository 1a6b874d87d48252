"""POST /v1/pictures: a photo is uploaded once and used by several stylizations."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import count, upload
from tests.app.test_reading_stylizations import finish

URL = "/v1/pictures"


def store_photo(client, data: bytes | None = None):
    return client.post(URL, files={"file": jpeg() if data is None else data})


def create_from_photo(client, picture_id: str, **given):
    body = {"picture_id": picture_id, "style_id": "great-wave", **given}
    return client.post("/v1/stylizations", json=body)


def expire(client, picture_id: str) -> None:
    with client.resources.database.transaction() as session:
        past = now_utc() - timedelta(seconds=1)
        session.execute(update(Picture).where(Picture.id == picture_id).values(expires_at=past))


def test_a_photo_is_stored_and_can_be_read(client):
    response = store_photo(client)

    picture = response.json()
    assert response.status_code == 201
    assert (picture["width"], picture["height"]) == (320, 240)
    assert client.without_key().get(picture["url"]).headers["Content-Type"] == "image/jpeg"


def test_the_same_bytes_of_one_owner_are_stored_once(client, stored_files):
    first, second = store_photo(client), store_photo(client)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(stored_files()) == 1


def test_the_same_bytes_of_another_owner_are_another_photo(client, stored_files):
    mine, theirs = (
        store_photo(client).json()["id"],
        store_photo(client.of_another_user()).json()["id"],
    )

    assert mine != theirs
    assert len(stored_files()) == 2


def test_a_photo_is_used_by_several_stylizations_without_another_upload(client, stored_files):
    picture_id = store_photo(client).json()["id"]

    jobs = [create_from_photo(client, picture_id, tau=tau) for tau in (0.2, 0.8)]

    assert [job.status_code for job in jobs] == [202, 202]
    assert {job.json()["content"]["id"] for job in jobs} == {picture_id}
    assert len(stored_files()) == 1


def test_an_upload_of_a_stored_photo_uses_the_stored_one(client, stored_files):
    picture_id = store_photo(client).json()["id"]

    assert upload(client).json()["content"]["id"] == picture_id
    assert len(stored_files()) == 1


def test_using_a_photo_extends_its_retention(client):
    picture_id = store_photo(client).json()["id"]
    soon = now_utc() + timedelta(minutes=5)
    with client.resources.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = soon

    create_from_photo(client, picture_id)

    with client.resources.database.reading() as session:
        assert session.get_one(Picture, picture_id).expires_at > soon + timedelta(hours=1)


def test_an_expired_photo_is_not_used_again(client):
    old = store_photo(client).json()["id"]
    expire(client, old)

    refused, stored_again = create_from_photo(client, old), store_photo(client)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_picture")
    assert refused.json()["error"]["field"] == "picture_id"
    assert (stored_again.status_code, stored_again.json()["id"] != old) == (201, True)


@pytest.mark.parametrize("picture_id", ["pic_unknown", "a\0b", "图"])
def test_an_unknown_photo_is_refused(client, picture_id):
    response = create_from_photo(client, picture_id)

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_picture")
    assert count(client) == 0


def test_another_owners_photo_can_be_neither_used_nor_deleted(client):
    picture_id = store_photo(client).json()["id"]
    other = client.of_another_user()

    assert create_from_photo(other, picture_id).json()["error"]["code"] == "unknown_picture"
    assert other.delete(f"{URL}/{picture_id}").status_code == 404
    assert create_from_photo(client, picture_id).status_code == 202


def test_a_deleted_photo_is_not_found(client):
    picture = store_photo(client).json()

    assert client.delete(f"{URL}/{picture['id']}").status_code == 204
    assert client.get(picture["url"]).status_code == 404
    assert client.delete(f"{URL}/{picture['id']}").status_code == 404


def test_a_deleted_photo_stays_while_a_stylization_uses_it(client):
    picture = store_photo(client).json()
    job = create_from_photo(client, picture["id"]).json()

    client.delete(f"{URL}/{picture['id']}")

    assert client.get(f"/v1/stylizations/{job['id']}").json()["content"] is not None
    client.delete(f"/v1/stylizations/{job['id']}")
    assert client.get(picture["url"]).status_code == 404


def test_a_stored_photo_stays_when_its_stylization_is_deleted(client):
    picture = store_photo(client).json()
    job = create_from_photo(client, picture["id"]).json()

    client.delete(f"/v1/stylizations/{job['id']}")

    assert client.get(picture["url"]).status_code == 200


def test_an_uploaded_photo_is_deleted_with_its_last_stylization(client):
    first, second = upload(client).json(), upload(client, tau="0.3").json()

    client.delete(f"/v1/stylizations/{first['id']}")
    after_one = client.get(second["content"]["url"]).status_code
    client.delete(f"/v1/stylizations/{second['id']}")

    assert (after_one, client.get(second["content"]["url"]).status_code) == (200, 404)


def test_a_form_without_a_photo_is_refused(client, stored_files):
    response = client.post(URL, data={"x": "1"}, files={"other": b"x"})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "missing_file")
    assert stored_files() == []


def test_a_style_picture_with_the_same_bytes_is_not_used_as_photo(client):
    style = client.post("/v1/styles", files={"file": jpeg()}).json()
    job = upload(client).json()

    client.delete(f"/v1/styles/{style['id']}")

    assert client.get(job["content"]["url"]).status_code == 200


def test_results_and_style_pictures_cannot_be_used_as_photos(client):
    job = upload(client).json()
    finish(client, job["id"])
    with client.resources.database.reading() as session:
        result_id = session.get_one(Stylization, job["id"]).result_picture_id
    style = client.post("/v1/styles", files={"file": jpeg(200, 200)}).json()
    style_picture = style["preview_url"].partition("?")[0].rpartition("/")[2]

    responses = [create_from_photo(client, picture_id) for picture_id in (result_id, style_picture)]

    assert [a.json()["error"]["code"] for a in responses] == ["unknown_picture"] * 2
