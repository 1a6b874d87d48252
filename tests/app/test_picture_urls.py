"""Signed picture URLs: they need no header, expire, and cannot be forged."""

import io
import time
from datetime import UTC, datetime, timedelta

import pytest
from PIL import Image

from core.db.base import now_utc
from core.db.pictures import Picture
from core.errors import Expired, Forbidden
from core.picture_urls import PictureURLSigner, Variant
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload

NOON = datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC)


def picture_url(client, data: bytes | None = None) -> str:
    return upload(client, data=data).json()["content"]["url"]


def signer(*secrets: str, lifetime_seconds: int = 3600) -> PictureURLSigner:
    return PictureURLSigner(secrets or ("a secret",), lifetime_seconds=lifetime_seconds)


def query_of(path: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in path.partition("?")[2].split("&"))


def test_a_picture_url_needs_no_key(client):
    response = client.without_key().get(picture_url(client))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(response.content)).size == (320, 240)


def test_a_picture_can_be_cached_as_long_as_its_url_is_valid(client):
    headers = client.get(picture_url(client)).headers

    max_age = int(headers["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert headers["Cache-Control"].startswith("private, ")
    assert 3200 <= max_age <= 3600
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "inline"


def test_a_cached_picture_is_not_sent_again(client):
    url = picture_url(client)
    etag = client.get(url).headers["ETag"]

    response = client.get(url, headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag


def test_a_picture_can_be_downloaded_as_a_file(client):
    response = client.get(picture_url(client) + "&download=1")

    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="dualtrans-pic_'
    )


def test_a_thumbnail_is_a_webp_with_its_own_signature(client):
    content = upload(client).json()["content"]
    unsigned = content["url"] + "&variant=thumb"

    thumb = client.get(content["thumb_url"])

    assert Image.open(io.BytesIO(thumb.content)).format == "WEBP"
    assert client.get(unsigned).status_code == 403


def test_the_headers_of_a_picture_can_be_requested_with_head(client):
    assert client.request("HEAD", picture_url(client)).status_code == 200


def test_a_picture_url_expires(make_client):
    client = make_client(
        url_lifetime_seconds=3
    )  # long enough for the first request on a busy machine
    url = picture_url(client)
    first = client.get(url).status_code
    time.sleep(3.1)

    response = client.get(url)

    assert first == 200
    assert (response.status_code, response.json()["error"]["code"]) == (410, "expired")


@pytest.mark.parametrize("part", ["exp", "kid", "sig"])
def test_a_changed_picture_url_is_refused(client, part):
    url = picture_url(client)
    value = query_of(url)[part]
    changed = url.replace(
        f"{part}={value}", f"{part}={value[:-1]}{'1' if value[-1] != '1' else '2'}"
    )

    response = client.get(changed)

    assert (response.status_code, response.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("query", ["", "?exp=9999999999", "?exp=x&kid=y&sig=z", "?sig=é&kid=é"])
def test_a_picture_url_without_a_signature_is_refused(client, query):
    bare = picture_url(client).partition("?")[0]

    assert client.get(bare + query).status_code == 403


def test_a_signature_is_valid_for_one_picture_only(client):
    one, other = picture_url(client), picture_url(client, jpeg(300, 200))
    swapped = other.partition("?")[0] + "?" + one.partition("?")[2]

    assert client.get(swapped).status_code == 403


def test_an_expired_picture_is_not_returned_even_if_its_url_is_valid(client):
    url = picture_url(client)
    with client.resources.database.transaction() as session:
        session.query(Picture).update({"expires_at": now_utc() - timedelta(seconds=1)})

    assert client.get(url).status_code == 410


def test_a_picture_whose_bytes_were_removed_has_expired(client, settings):
    url = picture_url(client)
    with client.resources.database.reading() as session:
        client.resources.storage.remove(session.query(Picture).one().storage_key)

    assert client.get(url).status_code == 410


def test_picture_urls_use_the_public_url_if_it_is_set(make_client):
    client = make_client(public_url="https://pictures.example/")

    assert picture_url(client).startswith("https://pictures.example/v1/pictures/")


def test_picture_urls_use_the_host_of_the_request_by_default(client):
    assert picture_url(client).startswith("http://127.0.0.1/v1/pictures/")


@pytest.mark.parametrize("lifetime", [1, 5, 9, 60, 3600, 86_400])
def test_a_url_is_valid_for_its_lifetime_or_slightly_less(lifetime):
    for second in range(0, 3600, 7):
        now = NOON + timedelta(seconds=second)
        path = signer(lifetime_seconds=lifetime).path("pic_1", now=now)

        left = int(query_of(path)["exp"]) - now.timestamp()

        assert lifetime * 0.9 - 1 <= left <= lifetime


def test_a_url_stays_the_same_for_some_minutes():
    paths = {signer().path("pic_1", now=NOON + timedelta(seconds=s)) for s in range(0, 300, 10)}

    assert len(paths) <= 2


def test_a_url_expires_with_its_picture():
    path = signer().path("pic_1", now=NOON, expires_at=NOON + timedelta(seconds=20))

    assert int(query_of(path)["exp"]) == NOON.timestamp() + 20


def test_a_url_stays_valid_after_a_secret_is_added():
    path = signer("old").path("pic_1", now=NOON)

    left = signer("new", "old").check("pic_1", Variant.FULL, **query_of(path), now=NOON)

    assert left > 3000


def test_a_url_is_refused_when_its_secret_is_removed():
    path = signer("old").path("pic_1", now=NOON)

    with pytest.raises(Forbidden):
        signer("new").check("pic_1", Variant.FULL, **query_of(path), now=NOON)


def test_a_url_is_invalid_in_the_second_of_its_expiry():
    path = signer().path("pic_1", now=NOON)
    end = datetime.fromtimestamp(int(query_of(path)["exp"]), UTC)

    with pytest.raises(Expired):
        signer().check("pic_1", Variant.FULL, **query_of(path), now=end)
