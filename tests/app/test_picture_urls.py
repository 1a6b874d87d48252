"""Picture addresses: they open without a header, for a while, and cannot be made up."""

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


def address(client, data: bytes | None = None) -> str:
    return upload(client, data=data).json()["content"]["url"]


def signer(*secrets: str, lifetime_seconds: int = 3600) -> PictureURLSigner:
    return PictureURLSigner(secrets or ("a secret",), lifetime_seconds=lifetime_seconds)


def query_of(path: str) -> dict[str, str]:
    return dict(pair.split("=") for pair in path.partition("?")[2].split("&"))


def test_an_address_opens_without_a_header(client):
    answer = client.without_key().get(address(client))

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert Image.open(io.BytesIO(answer.content)).size == (320, 240)


def test_an_answer_can_be_cached_as_long_as_the_address_holds(client):
    headers = client.get(address(client)).headers

    max_age = int(headers["Cache-Control"].split("max-age=")[1].split(",")[0])
    assert headers["Cache-Control"].startswith("private, ")
    assert 3200 <= max_age <= 3600
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"] == "inline"


def test_a_picture_that_is_known_is_not_sent_again(client):
    url = address(client)
    etag = client.get(url).headers["ETag"]

    answer = client.get(url, headers={"If-None-Match": etag})

    assert (answer.status_code, answer.content) == (304, b"")
    assert answer.headers["ETag"] == etag


def test_a_picture_can_be_offered_as_a_file(client):
    answer = client.get(address(client) + "&download=1")

    assert answer.headers["Content-Disposition"].startswith('attachment; filename="dualtrans-pic_')


def test_a_thumbnail_is_a_small_webp_and_signed_for_itself(client):
    content = upload(client).json()["content"]
    stolen = content["url"] + "&variant=thumb"

    thumb = client.get(content["thumb_url"])

    assert Image.open(io.BytesIO(thumb.content)).format == "WEBP"
    assert client.get(stolen).status_code == 403


def test_only_the_head_of_a_picture_can_be_asked_for(client):
    assert client.request("HEAD", address(client)).status_code == 200


def test_an_address_stops_when_its_time_is_over(make_client):
    client = make_client(url_lifetime_seconds=3)  # a busy machine needs some to ask
    url = address(client)
    first = client.get(url).status_code
    time.sleep(3.1)

    answer = client.get(url)

    assert first == 200
    assert (answer.status_code, answer.json()["error"]["code"]) == (410, "expired")


@pytest.mark.parametrize("part", ["exp", "kid", "sig"])
def test_a_changed_address_is_refused(client, part):
    url = address(client)
    value = query_of(url)[part]
    changed = url.replace(
        f"{part}={value}", f"{part}={value[:-1]}{'1' if value[-1] != '1' else '2'}"
    )

    answer = client.get(changed)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")


@pytest.mark.parametrize("query", ["", "?exp=9999999999", "?exp=x&kid=y&sig=z", "?sig=é&kid=é"])
def test_an_address_without_a_signature_is_refused(client, query):
    bare = address(client).partition("?")[0]

    assert client.get(bare + query).status_code == 403


def test_an_address_opens_no_other_picture(client):
    one, other = address(client), address(client, jpeg(300, 200))
    swapped = other.partition("?")[0] + "?" + one.partition("?")[2]

    assert client.get(swapped).status_code == 403


def test_a_picture_past_its_own_time_is_gone_although_the_address_holds(client):
    url = address(client)
    with client.resources.database.transaction() as session:
        session.query(Picture).update({"expires_at": now_utc() - timedelta(seconds=1)})

    assert client.get(url).status_code == 410


def test_a_picture_whose_bytes_were_just_swept_is_gone(client, settings):
    url = address(client)
    with client.resources.database.reading() as session:
        client.resources.storage.remove(session.query(Picture).one().storage_key)

    assert client.get(url).status_code == 410


def test_addresses_use_the_public_url_when_one_is_set(make_client):
    client = make_client(public_url="https://pictures.example/")

    assert address(client).startswith("https://pictures.example/v1/pictures/")


def test_addresses_use_the_address_that_the_client_used(client):
    assert address(client).startswith("http://127.0.0.1/v1/pictures/")


@pytest.mark.parametrize("lifetime", [1, 5, 9, 60, 3600, 86_400])
def test_no_address_lives_longer_than_its_lifetime_nor_much_shorter(lifetime):
    for second in range(0, 3600, 7):
        now = NOON + timedelta(seconds=second)
        path = signer(lifetime_seconds=lifetime).path("pic_1", now=now)

        left = int(query_of(path)["exp"]) - now.timestamp()

        assert lifetime * 0.9 - 1 <= left <= lifetime


def test_an_address_stays_the_same_for_a_while():
    paths = {signer().path("pic_1", now=NOON + timedelta(seconds=s)) for s in range(0, 300, 10)}

    assert len(paths) <= 2


def test_an_address_ends_with_its_picture():
    path = signer().path("pic_1", now=NOON, expires_at=NOON + timedelta(seconds=20))

    assert int(query_of(path)["exp"]) == NOON.timestamp() + 20


def test_after_a_change_of_secrets_the_old_addresses_still_hold():
    path = signer("old").path("pic_1", now=NOON)

    left = signer("new", "old").check("pic_1", Variant.FULL, **query_of(path), now=NOON)

    assert left > 3000


def test_once_a_secret_is_retired_its_addresses_are_refused():
    path = signer("old").path("pic_1", now=NOON)

    with pytest.raises(Forbidden):
        signer("new").check("pic_1", Variant.FULL, **query_of(path), now=NOON)


def test_an_address_is_over_at_its_very_second():
    path = signer().path("pic_1", now=NOON)
    end = datetime.fromtimestamp(int(query_of(path)["exp"]), UTC)

    with pytest.raises(Expired):
        signer().check("pic_1", Variant.FULL, **query_of(path), now=end)
