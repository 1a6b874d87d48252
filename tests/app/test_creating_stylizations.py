"""POST /v1/stylizations: accepted and refused uploads; a refused upload stores nothing."""

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


def assert_nothing_is_stored(client, stored_files) -> None:
    assert (count(client), count(client, Picture), count(client, Style)) == (0, 0, 0)
    assert stored_files() == []
    assert client.resources.queue.count_pending() == 0


def test_an_upload_creates_a_queued_job_and_notifies_the_workers(client, stored_files):
    response = upload(client, tau="0.8", keep_color="1")

    job = response.json()
    assert response.status_code == 202
    assert (job["status"], job["position"], job["progress"]) == ("queued", 1, 0)
    assert (job["tau"], job["keep_color"], job["style"]["id"]) == (0.8, True, NIXI)
    assert job["style"]["name"] == {"zh": "尼西黑陶", "en": "Nixi black pottery"}
    assert (job["result"], job["error"]) == (None, None)
    assert (job["content"]["width"], job["content"]["height"]) == (320, 240)
    assert response.headers["Location"] == f"{URL}/{job['id']}"
    assert len(stored_files()) == 1
    assert client.resources.queue.count_pending() == 1


def test_the_response_to_an_upload_contains_the_poll_interval(client):
    response = upload(client)

    assert response.json()["poll_after_ms"] == 1800
    assert response.headers["Retry-After"] == "2"


def test_later_jobs_have_later_positions_and_longer_poll_intervals(client):
    jobs = [upload(client).json() for _ in range(3)]

    assert [job["position"] for job in jobs] == [1, 2, 3]
    assert [job["poll_after_ms"] for job in jobs] == [1800, 2100, 2400]


def test_the_row_stores_the_render_size(client):
    upload(client, data=jpeg(3000, 2000))

    with client.resources.database.reading() as session:
        row = session.scalars(select(Stylization)).one()
    assert (row.width, row.height) == (1600, 1067)


def test_without_tau_the_default_strength_of_the_style_is_used(client):
    assert upload(client, style_id="sashiko").json()["tau"] == 0.9


@pytest.mark.parametrize("tau", ["0", "1.5", "0.85", "1", ".5", "1.", "0.0"])
def test_a_decimal_in_the_range_is_accepted_as_strength(client, tau):
    assert upload(client, tau=tau).json()["tau"] == float(tau)


@pytest.mark.parametrize(
    "tau",
    ["nan", "inf", "-inf", "", " ", "abc", "1e999", "1e0", "-0.1", "-0", "1.51", "0,8", "٠", "0x1"],
)
def test_any_other_strength_is_refused(client, stored_files, tau):
    response = upload(client, tau=tau)

    assert response.status_code == 422
    assert response.json()["error"]["code"] == "invalid_tau"
    assert response.json()["error"]["field"] == "tau"
    assert_nothing_is_stored(client, stored_files)


def test_two_strengths_are_refused(client, stored_files):
    response = upload(client, tau=["0.5", "0.5"])

    assert response.json()["error"]["code"] == "invalid_tau"
    assert_nothing_is_stored(client, stored_files)


@pytest.mark.parametrize(
    ("text", "value"), [("0", False), ("1", True), ("false", False), ("true", True)]
)
def test_keep_color_is_parsed_from_a_string(client, text, value):
    assert upload(client, keep_color=text).json()["keep_color"] is value


@pytest.mark.parametrize("text", ["", "yes", "2", "None"])
def test_any_other_keep_color_is_refused(client, text):
    response = upload(client, keep_color=text)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "keep_color")


def test_a_form_without_a_file_is_refused(client):
    response = client.post(URL, files={"other": b"x"}, data={"style_id": NIXI})

    assert (response.status_code, response.json()["error"]["code"]) == (422, "missing_file")


def test_an_empty_file_counts_as_missing(client):
    assert upload(client, data=b"").json()["error"]["code"] == "missing_file"


@pytest.mark.parametrize("fields", [{}, {"style_id": ""}])
def test_a_form_without_a_style_is_refused(client, fields):
    response = client.post(URL, files={"file": jpeg()}, data=fields)

    assert (response.status_code, response.json()["error"]["code"]) == (422, "missing_style")


@pytest.mark.parametrize("style_id", ["no-such-style", "sty_doesnotexist", "a\0b", "x" * 5000])
def test_an_unknown_style_is_refused(client, stored_files, style_id):
    response = upload(client, style_id=style_id)

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_style")
    assert_nothing_is_stored(client, stored_files)


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
def test_an_unusable_photo_is_refused_before_anything_is_stored(
    make_client, stored_files, data, status, code
):
    client = make_client(max_upload_bytes=2_500_000)

    response = upload(client, data=data)

    assert (response.status_code, response.json()["error"]["code"]) == (status, code)
    assert_nothing_is_stored(client, stored_files)


def test_an_uploaded_style_picture_becomes_an_own_style(client, stored_files):
    files = {"file": jpeg(), "style": jpeg(200, 200)}

    response = client.post(URL, files=files, data={"tau": "1.2"})

    style = client.get(f"/v1/styles/{response.json()['style']['id']}").json()
    assert response.status_code == 202
    assert (style["kind"], style["status"]) == ("own", "preparing")
    assert len(stored_files()) == 2


def test_a_style_picture_and_a_style_id_together_are_refused(client, stored_files):
    files = {"file": jpeg(), "style": jpeg(200, 200)}

    response = client.post(URL, files=files, data={"style_id": NIXI})

    assert (response.status_code, response.json()["error"]["field"]) == (422, "style")
    assert_nothing_is_stored(client, stored_files)


def test_a_bad_photo_with_a_good_style_picture_stores_nothing(client, stored_files):
    response = client.post(URL, files={"file": b"text", "style": jpeg(200, 200)})

    assert response.status_code == 415
    assert_nothing_is_stored(client, stored_files)


def test_the_same_client_key_and_body_return_the_same_job(client, stored_files):
    key = str(uuid.uuid4())

    first, second = (upload(client, tau="0.5", client_key=key) for _ in range(2))

    assert (first.status_code, second.status_code) == (202, 200)
    assert first.json()["id"] == second.json()["id"]
    assert (count(client), len(stored_files())) == (1, 1)


def test_the_header_idempotency_key_equals_the_field_client_key(client):
    first = upload(client, headers={"Idempotency-Key": "tap-1"})
    second = upload(client, client_key="tap-1")

    assert second.json()["id"] == first.json()["id"]


def test_two_different_keys_in_one_request_are_refused(client):
    response = upload(client, client_key="tap-1", headers={"Idempotency-Key": "tap-2"})

    assert response.status_code == 422


@pytest.mark.parametrize(
    "change", [{"tau": "0.6"}, {"keep_color": "1"}, {"brush": "fine"}, {"data": jpeg(100, 100)}]
)
def test_the_same_client_key_with_another_body_is_a_conflict(client, stored_files, change):
    upload(client, tau="0.5", client_key="tap-1")

    response = upload(client, **{"tau": "0.5", "client_key": "tap-1", **change})

    assert (response.status_code, response.json()["error"]["code"]) == (409, "idempotency_conflict")
    assert len(stored_files()) == 1


def test_a_replay_of_a_request_without_a_brush_may_name_the_default_one(client):
    first = upload(client, client_key="tap-1").json()

    assert upload(client, client_key="tap-1", brush="medium").json()["id"] == first["id"]


def test_the_same_client_key_of_another_user_creates_another_job(client):
    upload(client, client_key="tap-1")

    assert upload(client.of_another_user(), client_key="tap-1").status_code == 202


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "schlüssel"])
def test_an_unusable_client_key_is_refused(client, key):
    response = upload(client, client_key=key)

    assert (response.status_code, response.json()["error"]["field"]) == (422, "client_key")


def test_concurrent_retries_create_one_job(client, stored_files):
    responses: list = []
    senders = [
        threading.Thread(target=lambda: responses.append(upload(client, client_key="tap-1")))
        for _ in range(6)
    ]

    [sender.start() for sender in senders]
    [sender.join() for sender in senders]

    assert sorted(response.status_code for response in responses) == [200, 200, 200, 200, 200, 202]
    assert len({response.json()["id"] for response in responses}) == 1
    assert (count(client), len(stored_files())) == (1, 1)


def test_an_owner_at_the_quota_is_refused_until_a_job_ends(make_client, stored_files):
    client = make_client(max_queued_per_owner=2)
    jobs = [upload(client).json() for _ in range(2)]

    refused = upload(client)
    client.post(f"{URL}/{jobs[0]['id']}/cancel")

    assert (refused.status_code, refused.json()["error"]["code"]) == (429, "quota_exceeded")
    assert refused.headers["Retry-After"] == "5"
    assert refused.json()["error"]["retryable"] is True
    assert len(stored_files()) == 1  # equal pictures are stored once
    assert upload(client).status_code == 202


def test_a_full_queue_refuses_every_owner(make_client):
    client = make_client(max_queued_total=1)
    upload(client)

    response = upload(client.of_another_user())

    assert (response.status_code, response.json()["error"]["code"]) == (503, "queue_full")
    assert response.headers["Retry-After"] == "10"


def test_uploads_beyond_the_rate_limit_are_refused_with_a_retry_time(make_client):
    client = make_client(uploads_per_minute=2)
    responses = [upload(client, tau="nan") for _ in range(3)]

    assert [response.status_code for response in responses] == [422, 422, 429]
    assert responses[2].json()["error"]["code"] == "rate_limited"
    assert 50 < int(responses[2].headers["Retry-After"]) <= 60
    assert upload(client.of_another_user()).status_code == 202


def test_a_job_is_created_while_redis_is_unreachable(make_client, tmp_path):
    client = make_client(redis_url=f"unix://{tmp_path}/nobody.sock")

    assert upload(client).status_code == 202


def test_every_documented_file_format_is_accepted(client):
    for name in ("JPEG", "PNG", "WEBP", "GIF", "AVIF"):
        assert upload(client, data=file_of(gradient(), name).getvalue()).status_code == 202


def test_stored_bytes_are_removed_when_the_transaction_fails(client, stored_files, monkeypatch):
    def fail(*_args):
        raise RuntimeError("the transaction fails")

    monkeypatch.setattr("app.stylizations.service._row", fail)

    response = upload(client)

    assert (response.status_code, response.json()["error"]["code"]) == (500, "server_error")
    assert stored_files() == []


def test_a_body_that_is_neither_form_nor_json_is_refused(client):
    response = client.post(URL, content=b"style_id", headers={"Content-Type": "text/plain"})

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


def test_a_form_without_a_boundary_is_refused(client):
    headers = {"Content-Type": "multipart/form-data"}

    response = client.post(URL, content=b"x", headers=headers)

    assert (response.status_code, response.json()["error"]["code"]) == (400, "bad_request")


def test_a_form_with_many_files_is_refused(client, stored_files):
    files = [("file", jpeg(64, 64)) for _ in range(50)]

    response = client.post(URL, files=files, data={"style_id": NIXI})

    assert response.status_code == 400
    assert_nothing_is_stored(client, stored_files)
