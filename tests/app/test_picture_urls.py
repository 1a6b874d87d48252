"""Signed picture URLs: they need no header, expire, and cannot be forged."""

import io
import re
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from app.accounts.keys import local_user
from core.db.base import now_utc
from core.db.pictures import Picture, new_picture_row
from core.errors import Expired, Forbidden
from core.picture_urls import PictureURLSigner, Variant
from imaging.encode import EncodedPicture
from imaging.formats import PictureFormat
from imaging.labels import encode_labelled
from tests.app.sample_pictures import gradient, jpeg
from tests.app.test_creating_stylizations import upload

JPEG = PictureFormat.JPEG
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


def test_a_cached_picture_is_not_sent_again(client):
    url = picture_url(client)
    etag = client.get(url).headers["ETag"]

    response = client.get(url, headers={"If-None-Match": etag})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["ETag"] == etag


def with_file_name(url: str, file_name: str) -> str:
    """The same signed URL with another last part of its path."""
    return re.sub(r"/[^/?]+\?", f"/{file_name}?", url)


def file_name_of(url: str) -> str:
    return urlsplit(url).path.rpartition("/")[2]


@pytest.mark.parametrize(
    ("stored", "variant", "extension"),
    [
        (PictureFormat.JPEG, Variant.FULL, "jpg"),
        (PictureFormat.PNG, Variant.FULL, "png"),
        (PictureFormat.WEBP, Variant.FULL, "webp"),
        (PictureFormat.PNG, Variant.THUMB, "webp"),
        (PictureFormat.WEBP, Variant.JPEG, "jpg"),
    ],
)
def test_a_picture_url_ends_in_the_extension_of_its_bytes(client, stored, variant, extension):
    data = encode_labelled(
        gradient(200, 120),
        stored,
        label=client.resources.settings.label,
        produce_id="1",
        quality=90,
    )
    encoded = EncodedPicture(data, 200, 120, stored.pillow_name)
    with client.resources.database.transaction() as session:
        row = new_picture_row(encoded, owner_id=local_user(session).id, expires_at=None)
        session.add(row)
    client.resources.storage.put(row.storage_key, data)

    path = client.resources.picture_signer.path(
        row.id, row.file_format, now=now_utc(), variant=variant
    )
    response = client.without_key().get(path)

    assert file_name_of(path) == f"{row.id}.{extension}"
    with Image.open(io.BytesIO(response.content)) as picture:
        assert f"image/{(picture.format or '').lower()}" == response.headers["Content-Type"]
    assert response.headers["Content-Disposition"].endswith(f'.{extension}"')


def test_a_picture_url_without_extension_as_in_earlier_releases_still_works(client):
    content = upload(client).json()["content"]

    for url in (content["url"], content["thumb_url"]):
        old = client.get(with_file_name(url, content["id"]))

        assert (old.status_code, old.content) == (200, client.get(url).content)


@pytest.mark.parametrize("suffix", [".png", ".", ".jpeg", ".JPG", ".jpg.jpg", ".%00"])
def test_a_picture_url_with_another_extension_is_not_found(client, suffix):
    url = picture_url(client)
    picture_id = file_name_of(url).partition(".")[0]

    assert client.get(with_file_name(url, picture_id + suffix)).status_code == 404


def test_a_picture_is_shown_or_saved_under_a_readable_name(client):
    url = picture_url(client)
    date = f"{now_utc():%Y-%m-%d}"
    name = f'filename="dualtrans-{date}-{file_name_of(url)[4:12]}.jpg"'

    shown = client.get(url).headers["Content-Disposition"]
    saved = {
        client.get(url + end).headers["Content-Disposition"] for end in ("&download", "&download=1")
    }

    assert shown == f"inline; {name}"
    assert saved == {f"attachment; {name}"}


def test_a_part_of_a_picture_is_sent(client):
    url = picture_url(client)
    whole = client.get(url)

    part = client.get(url, headers={"Range": "bytes=10-19", "If-Range": whole.headers["ETag"]})
    rest = client.get(url, headers={"Range": "bytes=20-"})

    assert whole.headers["Accept-Ranges"] == "bytes"
    assert (part.status_code, rest.status_code) == (206, 206)
    assert whole.content == whole.content[:10] + part.content + rest.content
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.content)}"
    assert part.headers["Content-Length"] == "10"
    assert part.headers["Content-Type"] == "image/jpeg"


def test_a_range_behind_the_end_of_a_picture_is_an_error_with_its_size(client):
    url = picture_url(client)
    size = len(client.get(url).content)

    response = client.get(url, headers={"Range": f"bytes={size}-"})

    assert response.status_code == 416
    assert response.json()["error"]["code"] == "range_not_satisfiable"
    assert response.headers["Content-Range"] == f"bytes */{size}"


def test_a_thumbnail_has_a_weak_tag_because_it_is_encoded_at_each_request(client):
    content = upload(client).json()["content"]

    tags = [client.get(content[name]).headers["ETag"] for name in ("url", "thumb_url")]

    assert [tag.startswith("W/") for tag in tags] == [False, True]


@given(
    headers=st.dictionaries(
        st.sampled_from(["Range", "If-Range", "If-None-Match"]),
        st.one_of(
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
            st.from_regex(r"bytes=[0-9]{0,20}-[0-9]{0,20}(,[0-9]*-)?", fullmatch=True),
            st.from_regex(r'(W/)?"[a-f0-9]{0,4}"(, \*)?', fullmatch=True),
        ),
    ),
    query=st.dictionaries(
        st.sampled_from(["exp", "kid", "sig", "variant", "download"]), st.text(max_size=20)
    ),
)
@settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_no_header_and_no_query_of_a_picture_gives_a_server_error(client, headers, query):
    url = picture_url(client)  # the same photo again: stored once
    bare = url.partition("?")[0]

    with_headers = client.get(url, headers=headers)
    with_query = client.get(bare, params=query)

    assert with_headers.status_code in (200, 206, 304, 416)
    assert with_query.status_code in (403, 422)


def test_a_thumbnail_is_a_webp_with_its_own_signature(client):
    content = upload(client).json()["content"]
    unsigned = content["url"] + "&variant=thumb"

    thumb = client.get(content["thumb_url"])

    assert Image.open(io.BytesIO(thumb.content)).format == "WEBP"
    assert client.get(unsigned).status_code == 403


@pytest.mark.parametrize("variant", ["url", "thumb_url"])
def test_the_headers_of_a_picture_can_be_requested_with_head(client, variant):
    url = upload(client).json()["content"][variant]

    head = client.request("HEAD", url, headers={"Range": "bytes=0-1"})  # for GET only
    get = client.get(url)

    assert (head.status_code, head.content) == (200, b"")
    assert {**head.headers, "x-request-id": ""} == {**get.headers, "x-request-id": ""}
    assert int(head.headers["Content-Length"]) == len(get.content)


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
        path = signer(lifetime_seconds=lifetime).path("pic_1", JPEG, now=now)

        left = int(query_of(path)["exp"]) - now.timestamp()

        assert lifetime * 0.9 - 1 <= left <= lifetime


def test_a_url_stays_the_same_for_some_minutes():
    paths = {
        signer().path("pic_1", JPEG, now=NOON + timedelta(seconds=s)) for s in range(0, 300, 10)
    }

    assert len(paths) <= 2


def test_a_url_expires_with_its_picture():
    path = signer().path("pic_1", JPEG, now=NOON, expires_at=NOON + timedelta(seconds=20))

    assert int(query_of(path)["exp"]) == NOON.timestamp() + 20


def test_a_url_stays_valid_after_a_secret_is_added():
    path = signer("old").path("pic_1", JPEG, now=NOON)

    left = signer("new", "old").check("pic_1", Variant.FULL, **query_of(path), now=NOON)

    assert left > 3000


def test_a_url_is_refused_when_its_secret_is_removed():
    path = signer("old").path("pic_1", JPEG, now=NOON)

    with pytest.raises(Forbidden):
        signer("new").check("pic_1", Variant.FULL, **query_of(path), now=NOON)


def test_a_url_is_invalid_in_the_second_of_its_expiry():
    path = signer().path("pic_1", JPEG, now=NOON)
    end = datetime.fromtimestamp(int(query_of(path)["exp"]), UTC)

    with pytest.raises(Expired):
        signer().check("pic_1", Variant.FULL, **query_of(path), now=end)
