"""The history: search, change, delete, restore; share links and posters."""

from datetime import timedelta
from io import BytesIO

import pytest
from PIL import Image

from core.db.base import UNDO_PERIOD, now_utc
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from imaging.labels import read_label
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import finish

URL = "/v1/stylizations"


def found(client, **query) -> list[str]:
    return [item["id"] for item in client.get(URL, params=query).json()["items"]]


def change(client, job_id: str, **values):
    return client.request("PATCH", f"{URL}/{job_id}", json=values)


@pytest.fixture
def done(client) -> dict:
    job = upload(client).json()
    finish(client, job["id"])
    return client.get(f"{URL}/{job['id']}").json()


# Searching


def test_the_history_can_be_filtered_by_strength(client):
    ids = [upload(client, tau=tau).json()["id"] for tau in ("0.2", "0.5", "0.9")]

    assert found(client, tau_from=0.5) == [ids[2], ids[1]]
    assert found(client, tau_to=0.5) == [ids[1], ids[0]]
    assert found(client, tau_from=0.3, tau_to=0.6) == [ids[1]]
    assert found(client, tau_below=0.5) == [ids[0]]


def test_bands_of_strength_without_gap_find_every_stylization_once(client):
    strengths = (0, 0.4995, 0.5, 0.899999999, 0.9, 1.1, 1.5)
    ids = [upload(client, tau=str(tau)).json()["id"] for tau in strengths]

    light = found(client, tau_below=0.5)
    middle = found(client, tau_from=0.5, tau_below=0.9)
    full = found(client, tau_from=0.9, tau_below=1.1)
    beyond = found(client, tau_from=1.1)

    assert [light, middle, full, beyond] == [
        [ids[1], ids[0]],
        [ids[3], ids[2]],
        [ids[4]],
        [ids[6], ids[5]],
    ]


def test_the_history_can_be_filtered_by_date(client):
    old, new = upload(client).json()["id"], upload(client, tau="0.1").json()["id"]
    yesterday = now_utc() - timedelta(days=1)
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, old).created_at = yesterday

    between = yesterday + timedelta(hours=1)

    assert found(client, created_from=between.isoformat()) == [new]
    assert found(client, created_before=between.isoformat()) == [old]
    assert found(client, created_from=yesterday.isoformat()) == [new, old]


@pytest.mark.parametrize("text", ["海", "sea", "SEA", "100%"])
def test_the_history_can_be_searched_by_title(client, text):
    job = upload(client, title="海边 Sea 100%").json()
    upload(client, tau="0.1", title="山 100 metres")

    assert found(client, q=text) == [job["id"]]


def test_the_history_can_be_filtered_by_favourites(client):
    other, favourite = upload(client).json()["id"], upload(client, tau="0.1").json()["id"]
    change(client, favourite, favourite=True)

    assert found(client, favourite="true") == [favourite]
    assert found(client, favourite="false") == [other]


def test_a_client_without_patch_changes_a_stylization_by_post(client, done):
    response = client.post(f"{URL}/{done['id']}", json={"title": "海", "favourite": True})

    assert (response.status_code, response.json()["title"], response.json()["favourite"]) == (
        200,
        "海",
        True,
    )


@pytest.mark.parametrize(
    "query",
    [
        "tau_from=2",
        "tau_to=nan",
        "tau_below=-1",
        "created_from=yesterday",
        "created_before=2026-01-01T00:00:00",
        "favourite=perhaps",
        "q=%00",
        "q=" + "x" * 81,
    ],
)
def test_an_invalid_search_is_refused(client, query):
    response = client.get(f"{URL}?{query}")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


# Changing


def test_a_change_of_one_field_leaves_the_other_unchanged(client, done):
    named = change(client, done["id"], title="海边")
    marked = change(client, done["id"], favourite=True)

    assert (named.json()["title"], named.json()["favourite"]) == ("海边", False)
    assert (marked.json()["title"], marked.json()["favourite"]) == ("海边", True)


def test_an_empty_title_removes_the_title(client, done):
    change(client, done["id"], title="海边")

    assert change(client, done["id"], title=" ").json()["title"] is None


@pytest.mark.parametrize("values", [{"title": "x" * 81}, {"favourite": "yes"}, {"tau": 1}])
def test_an_invalid_change_is_refused(client, done, values):
    response = change(client, done["id"], **values)

    assert (response.status_code, response.json()["error"]["code"]) == (422, "bad_request")


# Deleting and restoring


def test_a_deleted_stylization_can_be_restored_with_its_pictures(client, done):
    client.delete(f"{URL}/{done['id']}")

    response = client.post(f"{URL}/{done['id']}/restore")

    assert (response.status_code, response.json()["status"]) == (200, "done")
    assert client.get(response.json()["result"]["url"]).status_code == 200
    assert client.get(response.json()["content"]["url"]).status_code == 200
    assert found(client) == [done["id"]]


def test_a_deletion_cannot_be_undone_after_the_undo_period(client, done):
    client.delete(f"{URL}/{done['id']}")
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, done["id"]).deleted_at = now_utc() - UNDO_PERIOD

    assert client.post(f"{URL}/{done['id']}/restore").status_code == 404


def test_a_stylization_that_is_not_deleted_cannot_be_restored(client, done):
    assert client.post(f"{URL}/{done['id']}/restore").status_code == 404


def test_a_picture_that_was_deleted_before_is_not_restored(client, done):
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, done["id"])
        session.get_one(Picture, row.result_picture_id).deleted_at = now_utc()
    client.delete(f"{URL}/{done['id']}")

    response = client.post(f"{URL}/{done['id']}/restore")

    assert (response.status_code, response.json()["result"]) == (200, None)
    assert response.json()["content"] is not None


def test_a_restored_stylization_stays_cancelled(client):
    job = upload(client).json()
    client.delete(f"{URL}/{job['id']}")

    assert client.post(f"{URL}/{job['id']}/restore").json()["status"] == "cancelled"


# Sharing


def share(client, job_id: str):
    return client.post(f"{URL}/{job_id}/share")


def test_a_shared_stylization_needs_no_key_and_shows_no_data_of_its_owner(client, done):
    change(client, done["id"], title="海边")

    link = share(client, done["id"]).json()
    shared = client.without_key().get(link["url"])

    assert shared.status_code == 200
    assert shared.json().keys() == {
        *("title", "style", "tau", "result_url", "thumb_url", "width", "height", "created_at")
    }
    assert shared.json()["title"] == "海边"
    assert client.without_key().get(shared.json()["result_url"]).status_code == 200


def test_sharing_twice_returns_the_same_link(client, done):
    first, again = share(client, done["id"]), share(client, done["id"])

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert client.get(f"{URL}/{done['id']}").json()["share_token"] == first.json()["token"]


def test_an_ended_share_link_is_not_found_and_a_new_link_differs(client, done):
    old = share(client, done["id"]).json()

    assert client.delete(f"{URL}/{done['id']}/share").status_code == 204
    assert client.get(old["url"]).status_code == 404
    assert share(client, done["id"]).json()["token"] != old["token"]


def test_deleting_ends_sharing_also_after_a_restore(client, done):
    link = share(client, done["id"]).json()
    client.delete(f"{URL}/{done['id']}")
    deleted = client.get(link["url"]).status_code
    client.post(f"{URL}/{done['id']}/restore")

    assert (deleted, client.get(link["url"]).status_code) == (404, 404)


def test_a_shared_stylization_without_its_result_is_expired(client, done):
    link = share(client, done["id"]).json()
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, done["id"])
        session.get_one(Picture, row.result_picture_id).expires_at = now_utc()

    seen, again = client.get(link["url"]), share(client, done["id"])

    assert (seen.status_code, seen.json()["error"]["code"]) == (410, "expired")
    assert again.status_code == 410


def test_a_stylization_that_is_not_done_cannot_be_shared(client):
    response = share(client, upload(client).json()["id"])

    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_finished")


@pytest.mark.parametrize("token", ["shr_unknown", "%00", "图"])
def test_an_unknown_share_link_is_not_found(client, token):
    assert client.without_key().get(f"/v1/share/{token}").status_code == 404


def test_another_owners_stylization_is_not_found_by_any_method(client, done):
    other, url = client.of_another_user(), f"{URL}/{done['id']}"

    responses = [
        change(other, done["id"], title="mine"),
        other.post(f"{url}/share"),
        other.delete(f"{url}/share"),
        other.post(f"{url}/restore"),
    ]

    assert [response.status_code for response in responses] == [404] * 4


# Posters


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_poster_shows_photo_and_result_and_is_labelled(client, done, theme):
    response = client.get(f"{URL}/{done['id']}/poster.jpg", params={"theme": theme})

    with Image.open(BytesIO(response.content)) as poster:
        width = poster.width
    record = read_label(response.content)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")
    assert (width, record and record.produce_id) == (1080, done["id"])
    assert (
        f'filename="dualtrans-poster-{done["id"]}.jpg"' in response.headers["Content-Disposition"]
    )


def test_the_poster_url_of_earlier_releases_still_works(client, done):
    assert client.get(f"{URL}/{done['id']}/poster").status_code == 200


def test_a_poster_needs_both_pictures(client, done):
    waiting = client.get(f"{URL}/{upload(client, tau='0.1').json()['id']}/poster")
    with client.resources.database.transaction() as session:
        session.get_one(Picture, done["content"]["id"]).expires_at = now_utc()

    expired = client.get(f"{URL}/{done['id']}/poster.jpg")
    of_another_owner = client.of_another_user().get(f"{URL}/{done['id']}/poster.jpg")

    assert (waiting.status_code, expired.status_code) == (409, 410)
    assert of_another_owner.status_code == 404


def test_the_poster_of_a_shared_stylization_has_the_mini_program_code(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings())
    job = upload(client).json()
    finish(client, job["id"])
    unshared = client.get(f"{URL}/{job['id']}/poster").content
    token = share(client, job["id"]).json()["token"]

    shared = client.get(f"{URL}/{job['id']}/poster").content

    assert [body["scene"] for body in fake_wechat.bodies] == [token]
    assert has_blue(shared)
    assert not has_blue(unshared)


def has_blue(poster: bytes) -> bool:
    """Return whether the blue test code is on the poster."""
    with Image.open(BytesIO(poster)) as picture:
        data = picture.convert("RGB").resize((108, 144)).tobytes()
    pixels = zip(data[::3], data[1::3], data[2::3], strict=True)
    return any(red < 60 and green < 60 and blue > 150 for red, green, blue in pixels)


def test_a_poster_has_no_code_while_wechat_is_unavailable(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings())
    job = upload(client).json()
    finish(client, job["id"])
    share(client, job["id"])
    fake_wechat.fail_with(-1)

    assert client.get(f"{URL}/{job['id']}/poster").status_code == 200
