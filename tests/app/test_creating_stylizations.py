"""POST /v1/stylizations: what is taken in, what is refused, and that refusals leave nothing."""

import threading
import uuid

import pytest
from sqlalchemy import func, select

from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import Stylization
from tests.app.sample_pictures import file_of, gradient, jpeg, png_of_many_pixels
from tests.factories import NIXI

URL = "/v1/stylizations"


def upload(client, *, data: bytes | None = None, url: str = URL, headers=None, **fields):
    files = {"file": ("photo.jpg", jpeg() if data is None else data)}
    return client.post(url, files=files, data={"style_id": NIXI, **fields}, headers=headers or {})


def count(client, table=Stylization) -> int:
    with client.resources.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table))


def assert_nothing_is_kept(client, stored_files) -> None:
    assert (count(client), count(client, Picture), count(client, Style)) == (0, 0, 0)
    assert stored_files() == []
    assert client.resources.queue.count_pending() == 0


def test_an_upload_is_taken_in_and_a_worker_is_woken(client, stored_files):
    answer = upload(client, tau="0.8", keep_color="1")

    job = answer.json()
    assert answer.status_code == 202
    assert (job["status"], job["position"], job["progress"]) == ("queued", 1, 0)
    assert (job["tau"], job["keep_color"], job["style"]["id"]) == (0.8, True, NIXI)
    assert job["style"]["name"] == {"zh": "尼西黑陶", "en": "Nixi black pottery"}
    assert (job["result"], job["error"]) == (None, None)
    assert (job["content"]["width"], job["content"]["height"]) == (320, 240)
    assert answer.headers["Location"] == f"{URL}/{job['id']}"
    assert len(stored_files()) == 1
    assert client.resources.queue.count_pending() == 1


def test_an_upload_says_when_to_ask_again(client):
    answer = upload(client)

    assert answer.json()["poll_after_ms"] == 1800
    assert answer.headers["Retry-After"] == "2"


def test_those_who_come_later_wait_further_back_and_ask_less_often(client):
    jobs = [upload(client).json() for _ in range(3)]

    assert [job["position"] for job in jobs] == [1, 2, 3]
    assert [job["poll_after_ms"] for job in jobs] == [1800, 2100, 2400]


def test_the_row_keeps_the_size_at_which_it_will_be_rendered(client):
    upload(client, data=jpeg(3000, 2000))

    with client.resources.database.reading() as session:
        row = session.scalars(select(Stylization)).one()
    assert (row.width, row.height) == (1600, 1067)


def test_without_tau_the_strength_is_the_styles_own(client):
    assert upload(client).json()["tau"] == 0.85


@pytest.mark.parametrize("tau", ["0", "1.5", "0.85", "1", ".5", "1.", "0.0"])
def test_a_decimal_from_0_to_1_5_is_a_strength(client, tau):
    assert upload(client, tau=tau).json()["tau"] == float(tau)


@pytest.mark.parametrize(
    "tau",
    ["nan", "inf", "-inf", "", " ", "abc", "1e999", "1e0", "-0.1", "-0", "1.51", "0,8", "٠", "0x1"],
)
def test_anything_else_is_refused_as_a_strength(client, stored_files, tau):
    answer = upload(client, tau=tau)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid_tau"
    assert answer.json()["error"]["field"] == "tau"
    assert_nothing_is_kept(client, stored_files)


def test_two_strengths_are_refused(client, stored_files):
    answer = upload(client, tau=["0.5", "0.5"])

    assert answer.json()["error"]["code"] == "invalid_tau"
    assert_nothing_is_kept(client, stored_files)


@pytest.mark.parametrize(
    ("text", "meaning"), [("0", False), ("1", True), ("false", False), ("true", True)]
)
def test_keep_color_is_said_as_a_string(client, text, meaning):
    assert upload(client, keep_color=text).json()["keep_color"] is meaning


@pytest.mark.parametrize("text", ["", "yes", "2", "None"])
def test_any_other_keep_color_is_refused(client, text):
    answer = upload(client, keep_color=text)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "keep_color")


def test_a_form_without_a_file_is_refused(client):
    answer = client.post(URL, files={"other": b"x"}, data={"style_id": NIXI})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "missing_file")


def test_an_empty_file_counts_as_missing(client):
    assert upload(client, data=b"").json()["error"]["code"] == "missing_file"


@pytest.mark.parametrize("fields", [{}, {"style_id": ""}])
def test_a_form_without_a_style_is_refused(client, fields):
    answer = client.post(URL, files={"file": jpeg()}, data=fields)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "missing_style")


@pytest.mark.parametrize("style_id", ["no-such-style", "sty_doesnotexist", "a\0b", "x" * 5000])
def test_an_unknown_style_is_refused(client, stored_files, style_id):
    answer = upload(client, style_id=style_id)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_style")
    assert_nothing_is_kept(client, stored_files)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"a text file", 415, "unsupported_image"),
        (jpeg()[:2000], 422, "truncated_image"),
        (jpeg(40, 200), 422, "image_too_small"),
        (jpeg(3000, 80), 422, "image_too_small"),
        (png_of_many_pixels(12_000), 422, "decompression_bomb"),
        (b"\xff" * 3_000_000, 413, "file_too_large"),
    ],
    ids=["text", "truncated", "small", "narrow", "bomb", "large"],
)
def test_a_picture_that_cannot_be_used_is_refused_before_anything_is_stored(
    make_client, stored_files, data, status, code
):
    client = make_client(max_upload_bytes=2_500_000)

    answer = upload(client, data=data)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert_nothing_is_kept(client, stored_files)


def test_a_style_picture_may_come_along_and_becomes_an_own_style(client, stored_files):
    files = {"file": jpeg(), "style": jpeg(200, 200)}

    answer = client.post(URL, files=files, data={"tau": "1.2"})

    style = client.get(f"/v1/styles/{answer.json()['style']['id']}").json()
    assert answer.status_code == 202
    assert (style["kind"], style["status"]) == ("own", "preparing")
    assert len(stored_files()) == 2


def test_a_style_picture_and_a_style_id_together_are_refused(client, stored_files):
    files = {"file": jpeg(), "style": jpeg(200, 200)}

    answer = client.post(URL, files=files, data={"style_id": NIXI})

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "style")
    assert_nothing_is_kept(client, stored_files)


def test_a_bad_photograph_beside_a_good_style_picture_leaves_nothing(client, stored_files):
    answer = client.post(URL, files={"file": b"text", "style": jpeg(200, 200)})

    assert answer.status_code == 415
    assert_nothing_is_kept(client, stored_files)


def test_the_same_key_and_body_give_the_same_job_again(client, stored_files):
    key = str(uuid.uuid4())

    first, second = (upload(client, tau="0.5", client_key=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (count(client), len(stored_files())) == (1, 1)


def test_the_header_idempotency_key_is_as_good(client):
    first = upload(client, headers={"Idempotency-Key": "tap-1"})
    second = upload(client, client_key="tap-1")

    assert second.json()["id"] == first.json()["id"]


def test_two_different_keys_in_one_request_are_refused(client):
    answer = upload(client, client_key="tap-1", headers={"Idempotency-Key": "tap-2"})

    assert answer.status_code == 422


@pytest.mark.parametrize("change", [{"tau": "0.6"}, {"keep_color": "1"}, {"data": jpeg(100, 100)}])
def test_the_same_key_with_another_body_is_a_conflict(client, stored_files, change):
    upload(client, tau="0.5", client_key="tap-1")

    answer = upload(client, **{"tau": "0.5", "client_key": "tap-1", **change})

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert len(stored_files()) == 1


def test_the_same_key_of_another_user_is_another_job(client):
    upload(client, client_key="tap-1")

    assert upload(client.of_another_user(), client_key="tap-1").status_code == 202


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "schlüssel"])
def test_an_unusable_client_key_is_refused(client, key):
    answer = upload(client, client_key=key)

    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "client_key")


def test_retries_that_arrive_together_make_one_job(client, stored_files):
    answers: list = []
    senders = [
        threading.Thread(target=lambda: answers.append(upload(client, client_key="tap-1")))
        for _ in range(6)
    ]

    [sender.start() for sender in senders]
    [sender.join() for sender in senders]

    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 200, 202]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert (count(client), len(stored_files())) == (1, 1)


def test_who_has_too_many_waiting_is_refused_until_some_finish(make_client, stored_files):
    client = make_client(max_queued_per_owner=2)
    jobs = [upload(client).json() for _ in range(2)]

    refused = upload(client)
    client.post(f"{URL}/{jobs[0]['id']}/cancel")

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    assert refused.headers["Retry-After"] == "5"
    assert refused.json()["error"]["retryable"] is True
    assert len(stored_files()) == 1  # equal pictures are stored once
    assert upload(client).status_code == 202


def test_a_full_queue_is_full_for_everyone(make_client):
    client = make_client(max_queued_total=1)
    upload(client)

    answer = upload(client.of_another_user())

    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "queue_full")
    assert answer.headers["Retry-After"] == "10"


def test_uploads_beyond_the_rate_are_refused_with_the_time_to_wait(make_client):
    client = make_client(uploads_per_minute=2)
    answers = [upload(client, tau="nan") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [422, 422, 429]
    assert answers[2].json()["error"]["code"] == "rate_limited"
    assert 50 < int(answers[2].headers["Retry-After"]) <= 60
    assert upload(client.of_another_user()).status_code == 202


def test_a_job_is_taken_in_while_redis_is_away(make_client, tmp_path):
    client = make_client(redis_url=f"unix://{tmp_path}/nobody.sock")

    assert upload(client).status_code == 202


def test_every_file_format_that_is_promised_is_taken(client):
    for name in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        assert upload(client, data=file_of(gradient(), name).getvalue()).status_code == 202


def test_bytes_are_taken_back_when_the_row_cannot_be_committed(client, stored_files, monkeypatch):
    def fail(*_args):
        raise RuntimeError("the database went away")

    monkeypatch.setattr("app.stylizations.service._row", lambda *_: fail)

    answer = upload(client)

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "server_error")
    assert stored_files() == []


def test_a_body_that_is_neither_form_nor_json_is_refused(client):
    answer = client.post(URL, content=b"style_id", headers={"Content-Type": "text/plain"})

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_form_without_a_boundary_is_refused(client):
    headers = {"Content-Type": "multipart/form-data"}

    answer = client.post(URL, content=b"x", headers=headers)

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")


def test_a_form_of_many_files_is_refused(client, stored_files):
    files = [("file", jpeg(64, 64)) for _ in range(50)]

    answer = client.post(URL, files=files, data={"style_id": NIXI})

    assert answer.status_code == 400
    assert_nothing_is_kept(client, stored_files)
