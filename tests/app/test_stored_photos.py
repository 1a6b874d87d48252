"""POST /v1/pictures: sent once, used often; equal bytes of one owner are stored once."""

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


def end_its_time(client, picture_id: str) -> None:
    with client.resources.database.transaction() as session:
        past = now_utc() - timedelta(seconds=1)
        session.execute(update(Picture).where(Picture.id == picture_id).values(expires_at=past))


def test_a_picture_is_kept_and_can_be_seen(client):
    answer = store_photo(client)

    picture = answer.json()
    assert answer.status_code == 201
    assert (picture["width"], picture["height"]) == (320, 240)
    assert client.without_key().get(picture["url"]).headers["Content-Type"] == "image/jpeg"


def test_the_same_picture_again_is_the_same_picture(client, stored_files):
    first, second = store_photo(client), store_photo(client)

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert len(stored_files()) == 1


def test_the_same_picture_of_another_owner_is_another(client, stored_files):
    mine, theirs = (
        store_photo(client).json()["id"],
        store_photo(client.of_another_user()).json()["id"],
    )

    assert mine != theirs
    assert len(stored_files()) == 2


def test_one_picture_takes_on_many_looks_without_a_second_upload(client, stored_files):
    picture_id = store_photo(client).json()["id"]

    jobs = [create_from_photo(client, picture_id, tau=tau) for tau in (0.2, 0.8)]

    assert [job.status_code for job in jobs] == [202, 202]
    assert {job.json()["content"]["id"] for job in jobs} == {picture_id}
    assert len(stored_files()) == 1


def test_an_upload_that_is_here_already_is_used_again(client, stored_files):
    picture_id = store_photo(client).json()["id"]

    assert upload(client).json()["content"]["id"] == picture_id
    assert len(stored_files()) == 1


def test_a_use_moves_the_end_of_a_picture_on(client):
    picture_id = store_photo(client).json()["id"]
    soon = now_utc() + timedelta(minutes=5)
    with client.resources.database.transaction() as session:
        session.get_one(Picture, picture_id).expires_at = soon

    create_from_photo(client, picture_id)

    with client.resources.database.reading() as session:
        assert session.get_one(Picture, picture_id).expires_at > soon + timedelta(hours=1)


def test_a_picture_whose_time_is_over_is_not_used_again(client):
    old = store_photo(client).json()["id"]
    end_its_time(client, old)

    refused, fresh = create_from_photo(client, old), store_photo(client)

    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "unknown_picture")
    assert refused.json()["error"]["field"] == "picture_id"
    assert (fresh.status_code, fresh.json()["id"] != old) == (201, True)


@pytest.mark.parametrize("picture_id", ["pic_unknown", "a\0b", "图"])
def test_an_unknown_picture_is_refused(client, picture_id):
    answer = create_from_photo(client, picture_id)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_picture")
    assert count(client) == 0


def test_somebody_elses_picture_can_be_neither_used_nor_deleted(client):
    picture_id = store_photo(client).json()["id"]
    other = client.of_another_user()

    assert create_from_photo(other, picture_id).json()["error"]["code"] == "unknown_picture"
    assert other.delete(f"{URL}/{picture_id}").status_code == 404
    assert create_from_photo(client, picture_id).status_code == 202


def test_a_deleted_picture_is_gone(client):
    picture = store_photo(client).json()

    assert client.delete(f"{URL}/{picture['id']}").status_code == 204
    assert client.get(picture["url"]).status_code == 404
    assert client.delete(f"{URL}/{picture['id']}").status_code == 404


def test_a_deleted_picture_stays_for_the_works_that_need_it(client):
    picture = store_photo(client).json()
    job = create_from_photo(client, picture["id"]).json()

    client.delete(f"{URL}/{picture['id']}")

    assert client.get(f"/v1/stylizations/{job['id']}").json()["content"] is not None
    client.delete(f"/v1/stylizations/{job['id']}")
    assert client.get(picture["url"]).status_code == 404


def test_a_kept_picture_outlives_the_works_made_of_it(client):
    picture = store_photo(client).json()
    job = create_from_photo(client, picture["id"]).json()

    client.delete(f"/v1/stylizations/{job['id']}")

    assert client.get(picture["url"]).status_code == 200


def test_a_photograph_of_two_works_goes_with_the_second(client):
    first, second = upload(client).json(), upload(client, tau="0.3").json()

    client.delete(f"/v1/stylizations/{first['id']}")
    after_one = client.get(second["content"]["url"]).status_code
    client.delete(f"/v1/stylizations/{second['id']}")

    assert (after_one, client.get(second["content"]["url"]).status_code) == (200, 404)


def test_a_form_without_a_picture_is_refused(client, stored_files):
    answer = client.post(URL, data={"x": "1"}, files={"other": b"x"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "missing_file")
    assert stored_files() == []


def test_a_styles_picture_is_not_taken_for_a_photograph(client):
    style = client.post("/v1/styles", files={"file": jpeg()}).json()
    job = upload(client).json()

    client.delete(f"/v1/styles/{style['id']}")

    assert client.get(job["content"]["url"]).status_code == 200


def test_what_ai_made_and_a_styles_picture_are_no_photographs(client):
    job = upload(client).json()
    finish(client, job["id"])
    with client.resources.database.reading() as session:
        result_id = session.get_one(Stylization, job["id"]).result_picture_id
    style = client.post("/v1/styles", files={"file": jpeg(200, 200)}).json()
    style_picture = style["preview_url"].partition("?")[0].rpartition("/")[2]

    answers = [create_from_photo(client, picture_id) for picture_id in (result_id, style_picture)]

    assert [a.json()["error"]["code"] for a in answers] == ["unknown_picture"] * 2
