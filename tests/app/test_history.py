"""The history: found again by what one remembers, named, marked, deleted, brought back, shared."""

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


def found(client, **asked) -> list[str]:
    return [item["id"] for item in client.get(URL, params=asked).json()["items"]]


def change(client, job_id: str, **given):
    return client.request("PATCH", f"{URL}/{job_id}", json=given)


@pytest.fixture
def done(client) -> dict:
    job = upload(client).json()
    finish(client, job["id"])
    return client.get(f"{URL}/{job['id']}").json()


# Searching


def test_the_history_is_searched_by_strength(client):
    ids = [upload(client, tau=tau).json()["id"] for tau in ("0.2", "0.5", "0.9")]

    assert found(client, tau_from=0.5) == [ids[2], ids[1]]
    assert found(client, tau_to=0.5) == [ids[1], ids[0]]
    assert found(client, tau_from=0.3, tau_to=0.6) == [ids[1]]


def test_the_history_is_searched_by_date(client):
    old, new = upload(client).json()["id"], upload(client, tau="0.1").json()["id"]
    yesterday = now_utc() - timedelta(days=1)
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, old).created_at = yesterday

    between = yesterday + timedelta(hours=1)

    assert found(client, created_from=between.isoformat()) == [new]
    assert found(client, created_before=between.isoformat()) == [old]
    assert found(client, created_from=yesterday.isoformat()) == [new, old]


@pytest.mark.parametrize("text", ["海", "sea", "SEA", "100%"])
def test_the_history_is_searched_by_title(client, text):
    job = upload(client, title="海边 Sea 100%").json()
    upload(client, tau="0.1", title="山 100 metres")

    assert found(client, q=text) == [job["id"]]


def test_the_history_is_searched_by_favourites(client):
    plain, loved = upload(client).json()["id"], upload(client, tau="0.1").json()["id"]
    change(client, loved, favourite=True)

    assert found(client, favourite="true") == [loved]
    assert found(client, favourite="false") == [plain]


def test_a_client_without_patch_names_and_marks_by_post(client, done):
    answer = client.post(f"{URL}/{done['id']}", json={"title": "海", "favourite": True})

    assert (answer.status_code, answer.json()["title"], answer.json()["favourite"]) == (
        200,
        "海",
        True,
    )


@pytest.mark.parametrize(
    "query",
    [
        "tau_from=2",
        "tau_to=nan",
        "created_from=yesterday",
        "created_before=2026-01-01T00:00:00",
        "favourite=perhaps",
        "q=%00",
        "q=" + "x" * 81,
    ],
)
def test_a_search_that_cannot_be_meant_is_refused(client, query):
    answer = client.get(f"{URL}?{query}")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_request")


# Naming and marking


def test_a_work_is_named_and_marked_one_after_the_other(client, done):
    named = change(client, done["id"], title="海边")
    marked = change(client, done["id"], favourite=True)

    assert (named.json()["title"], named.json()["favourite"]) == ("海边", False)
    assert (marked.json()["title"], marked.json()["favourite"]) == ("海边", True)


def test_an_empty_title_takes_the_title_away(client, done):
    change(client, done["id"], title="海边")

    assert change(client, done["id"], title=" ").json()["title"] is None


@pytest.mark.parametrize("given", [{"title": "x" * 81}, {"favourite": "yes"}, {"tau": 1}])
def test_a_change_that_cannot_be_meant_is_refused(client, done, given):
    answer = change(client, done["id"], **given)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "bad_request")


# Deleting and bringing back


def test_a_deleted_work_is_brought_back_whole(client, done):
    client.delete(f"{URL}/{done['id']}")

    answer = client.post(f"{URL}/{done['id']}/restore")

    assert (answer.status_code, answer.json()["status"]) == (200, "done")
    assert client.get(answer.json()["result"]["url"]).status_code == 200
    assert client.get(answer.json()["content"]["url"]).status_code == 200
    assert found(client) == [done["id"]]


def test_a_deleted_work_is_not_brought_back_when_its_time_is_over(client, done):
    client.delete(f"{URL}/{done['id']}")
    with client.resources.database.transaction() as session:
        session.get_one(Stylization, done["id"]).deleted_at = now_utc() - UNDO_PERIOD

    assert client.post(f"{URL}/{done['id']}/restore").status_code == 404


def test_what_was_not_deleted_cannot_be_brought_back(client, done):
    assert client.post(f"{URL}/{done['id']}/restore").status_code == 404


def test_a_picture_that_was_gone_before_does_not_come_back_with_a_work(client, done):
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, done["id"])
        session.get_one(Picture, row.result_picture_id).deleted_at = now_utc()
    client.delete(f"{URL}/{done['id']}")

    answer = client.post(f"{URL}/{done['id']}/restore")

    assert (answer.status_code, answer.json()["result"]) == (200, None)
    assert answer.json()["content"] is not None


def test_a_waiting_work_that_is_brought_back_stays_cancelled(client):
    job = upload(client).json()
    client.delete(f"{URL}/{job['id']}")

    assert client.post(f"{URL}/{job['id']}/restore").json()["status"] == "cancelled"


# Sharing


def share(client, job_id: str):
    return client.post(f"{URL}/{job_id}/share")


def test_a_shared_work_is_seen_without_a_key_and_says_nothing_of_its_owner(client, done):
    change(client, done["id"], title="海边")

    link = share(client, done["id"]).json()
    seen = client.without_key().get(link["url"])

    assert seen.status_code == 200
    assert seen.json().keys() == {
        *("title", "style", "tau", "result_url", "thumb_url", "width", "height", "created_at")
    }
    assert seen.json()["title"] == "海边"
    assert client.without_key().get(seen.json()["result_url"]).status_code == 200


def test_a_work_has_one_link_at_a_time(client, done):
    first, again = share(client, done["id"]), share(client, done["id"])

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert client.get(f"{URL}/{done['id']}").json()["share_token"] == first.json()["token"]


def test_a_link_that_was_taken_back_leads_nowhere_and_a_new_one_differs(client, done):
    old = share(client, done["id"]).json()

    assert client.delete(f"{URL}/{done['id']}/share").status_code == 204
    assert client.get(old["url"]).status_code == 404
    assert share(client, done["id"]).json()["token"] != old["token"]


def test_a_deleted_work_is_no_longer_shared_not_even_when_it_is_brought_back(client, done):
    link = share(client, done["id"]).json()
    client.delete(f"{URL}/{done['id']}")
    deleted = client.get(link["url"]).status_code
    client.post(f"{URL}/{done['id']}/restore")

    assert (deleted, client.get(link["url"]).status_code) == (404, 404)


def test_a_shared_work_whose_picture_was_forgotten_is_gone(client, done):
    link = share(client, done["id"]).json()
    with client.resources.database.transaction() as session:
        row = session.get_one(Stylization, done["id"])
        session.get_one(Picture, row.result_picture_id).expires_at = now_utc()

    seen, again = client.get(link["url"]), share(client, done["id"])

    assert (seen.status_code, seen.json()["error"]["code"]) == (410, "expired")
    assert again.status_code == 410


def test_a_work_that_is_not_done_cannot_be_shared(client):
    answer = share(client, upload(client).json()["id"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "not_finished")


@pytest.mark.parametrize("token", ["shr_unknown", "%00", "图"])
def test_an_unknown_link_leads_nowhere(client, token):
    assert client.without_key().get(f"/v1/share/{token}").status_code == 404


def test_somebody_elses_work_is_not_found_by_any_verb(client, done):
    other, url = client.of_another_user(), f"{URL}/{done['id']}"

    answers = [
        change(other, done["id"], title="mine"),
        other.post(f"{url}/share"),
        other.delete(f"{url}/share"),
        other.post(f"{url}/restore"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 4


# Posters


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_poster_shows_photograph_and_result_and_is_labelled(client, done, theme):
    answer = client.get(f"{URL}/{done['id']}/poster", params={"theme": theme})

    with Image.open(BytesIO(answer.content)) as poster:
        width = poster.width
    record = read_label(answer.content)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "image/jpeg")
    assert (width, record and record.produce_id) == (1080, done["id"])


def test_a_poster_needs_both_pictures(client, done):
    waiting = client.get(f"{URL}/{upload(client, tau='0.1').json()['id']}/poster")
    with client.resources.database.transaction() as session:
        session.get_one(Picture, done["content"]["id"]).expires_at = now_utc()

    forgotten = client.get(f"{URL}/{done['id']}/poster")
    somebody_elses = client.of_another_user().get(f"{URL}/{done['id']}/poster")

    assert (waiting.status_code, forgotten.status_code) == (409, 410)
    assert somebody_elses.status_code == 404


def test_the_poster_of_a_shared_work_carries_the_mini_programs_code(make_client, fake_wechat):
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
    """Whether what stands for a code is on it."""
    with Image.open(BytesIO(poster)) as picture:
        data = picture.convert("RGB").resize((108, 144)).tobytes()
    pixels = zip(data[::3], data[1::3], data[2::3], strict=True)
    return any(red < 60 and green < 60 and blue > 150 for red, green, blue in pixels)


def test_a_poster_goes_without_a_code_while_wechat_is_away(make_client, fake_wechat):
    client = make_client(**fake_wechat.settings())
    job = upload(client).json()
    finish(client, job["id"])
    share(client, job["id"])
    fake_wechat.fail_with(-1)

    assert client.get(f"{URL}/{job['id']}/poster").status_code == 200
