"""Forms as clients of all kinds write them: encodings, file names, missing ends, limits."""

import json

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.multipart import MAX_TEXT_BYTES
from app.validation_errors import OTHER
from core.db.styles import Style
from tests.app.messages import assert_is_message
from tests.app.sample_pictures import file_of, gradient, jpeg
from tests.app.test_creating_stylizations import count
from tests.factories import NIXI

URL = "/v1/stylizations"
URLS = [URL, "/v1/pictures", "/v1/styles"]
PHOTO = 'form-data; name="file"; filename="photo.jpg"'
STYLE = ('form-data; name="style_id"', NIXI.encode())


def part(disposition: str | bytes, content: bytes, **headers: str) -> bytes:
    """Return a part of a form; `content_type="text/plain"` adds the header `Content-Type`."""
    if isinstance(disposition, str):
        disposition = disposition.encode()
    lines = [b"Content-Disposition: " + disposition]
    lines += [f"{name.replace('_', '-')}: {value}".encode() for name, value in headers.items()]
    return b"\r\n".join(lines) + b"\r\n\r\n" + content


def text(name: str, content: bytes, **headers: str) -> bytes:
    return part(f'form-data; name="{name}"', content, **headers)


def send(
    client,
    *parts: bytes,
    end: bytes = b"--edge--\r\n",
    url: str = URL,
    language: str = "zh",
    **more,
) -> httpx.Response:
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + end
    headers = {
        "Content-Type": "multipart/form-data; boundary=edge",
        "Accept-Language": language,
        **more.pop("headers", {}),
    }
    return client.post(url, content=body, headers=headers)


def error_of(response: httpx.Response) -> tuple[int, str, str | None]:
    """Return status, code and field of a refused request, whose message is Chinese and exact."""
    error = response.json()["error"]
    assert_is_message(error["message"], "zh")
    assert OTHER.zh not in error["message"]
    return response.status_code, error["code"], error.get("field")


# Texts


@pytest.mark.parametrize(
    ("part_charset", "form_charset", "request_charset"),
    [
        ("gbk", None, None),
        ("GB2312", None, None),
        (None, "gbk", None),
        (None, None, "gb18030"),
        (None, "", "gb18030"),
    ],
)
def test_a_text_is_decoded_from_the_encoding_that_the_form_declares(
    client, part_charset, form_charset, request_charset
):
    title = {"content_type": f"text/plain; charset={part_charset}"} if part_charset else {}
    parts = [part(PHOTO, jpeg()), part(*STYLE), text("title", "海边".encode("gbk"), **title)]
    if form_charset is not None:
        parts.append(text("_charset_", form_charset.encode()))
    kind = "multipart/form-data; boundary=edge"
    if request_charset:
        kind += f"; charset={request_charset}"

    response = send(client, *parts, headers={"Content-Type": kind})

    assert (response.status_code, response.json()["title"]) == (202, "海边")


@pytest.mark.parametrize(
    "name", ["title", "style_id", "tau", "levels", "styles", "client_key", "picture_id"]
)
def test_a_text_that_is_not_utf_8_is_refused(client, name):
    response = send(client, part(PHOTO, jpeg()), text(name, "海边".encode("gbk")))

    assert error_of(response) == (422, "bad_request", name)
    assert "UTF-8" in response.json()["error"]["message"]
    assert count(client) == 0


def test_the_name_of_a_style_that_is_not_utf_8_is_refused(client):
    response = send(
        client, part(PHOTO, jpeg()), text("name", "刺绣".encode("gbk")), url="/v1/styles"
    )

    assert error_of(response) == (422, "bad_request", "name")
    assert count(client, Style) == 0


@pytest.mark.parametrize("charset", ["utf-7", "idna", "base64", "klingon", '"'])
def test_an_unknown_encoding_is_refused(client, charset):
    title = text("title", b"Sea", content_type=f"text/plain; charset={charset}")

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), title)

    assert error_of(response) == (422, "bad_request", "title")


@pytest.mark.parametrize("charset", [b"klingon", b"utf-16"])
def test_an_unknown_encoding_of_the_form_is_refused_with_its_field(client, charset):
    named = text("_charset_", charset)

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), text("title", b"Sea"), named)

    assert error_of(response) == (422, "bad_request", "_charset_")


@pytest.mark.parametrize("charset", [b"", b" \r\n"])
def test_an_empty_name_of_an_encoding_means_utf_8(client, charset):
    named, title = text("_charset_", charset), text("title", "海".encode())

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), title, named)

    assert (response.status_code, response.json()["title"]) == (202, "海")


def test_a_text_that_does_not_fit_its_declared_encoding_is_refused(client):
    title = text("title", b"\x81", content_type="text/plain; charset=gbk")

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), title)

    assert error_of(response) == (422, "bad_request", "title")
    assert "GBK" in response.json()["error"]["message"]


def test_a_text_may_declare_any_media_type(client):
    levels = text("levels", b'\xef\xbb\xbf{"texture": 0.5}', Content_Type="application/json")

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), levels)

    assert response.json()["levels"]["texture"] == 0.5


@pytest.mark.parametrize(
    ("name", "content", "field"),
    [
        ("levels", b'{"texture": "0.5"}', "levels.texture"),
        ("levels", b'{"texture": true}', "levels.texture"),
        ("levels", b'{"texture": NaN}', "levels"),
        ("levels", b'{"texture": 1, "texture": 0}', "levels"),
        ("levels", b"[]", "levels"),
        ("styles", b'[{"id": "a"}, {"id": "b", "weight": "2"}]', "styles.1.weight"),
        ("styles", b'[{"id": 1}]', "styles.0.id"),
        ("styles", json.dumps([{"id": f"s{n}"} for n in range(5)]).encode(), "styles"),
        ("styles", b"{", "styles"),
    ],
)
def test_json_in_a_form_is_as_strict_as_a_json_body(client, name, content, field):
    response = send(client, part(PHOTO, jpeg()), text(name, content))

    assert error_of(response) == (422, "bad_request", field)
    assert field in response.json()["error"]["message"]


def test_a_text_that_is_too_long_is_refused_with_the_limit(client):
    response = send(client, part(PHOTO, jpeg()), part(*STYLE), text("title", b"x" * 70_000))

    assert error_of(response) == (422, "bad_request", "title")
    assert "65536" in response.json()["error"]["message"]


def test_a_long_title_is_refused_with_the_limit_of_titles(client):
    title = text("title", "海".encode() * 6667)  # 20,001 bytes

    response = send(client, part(PHOTO, jpeg()), part(*STYLE), title)

    assert error_of(response) == (422, "bad_request", "title")
    assert "6667 个字符，最多 80 个" in response.json()["error"]["message"]


@pytest.mark.parametrize("name", ["title", "style_id", "tau"])
@pytest.mark.parametrize("file_name", ["filename", "filename*"])
def test_a_file_in_place_of_a_text_is_refused(client, name, file_name):
    title = part(f'form-data; name="{name}"; {file_name}=a.txt', b"0.5" * 30_000)

    response = send(client, part(PHOTO, jpeg()), title)

    assert error_of(response) == (422, "bad_request", name)


def test_a_text_that_occurs_twice_is_refused(client):
    response = send(client, part(PHOTO, jpeg()), text("title", b"a"), text("title", b"b"))

    assert error_of(response) == (422, "bad_request", "title")


@pytest.mark.parametrize(("title", "stored"), [("\u3164\u200b", None), ("\u202eSea ", "Sea")])
def test_a_title_is_stored_as_one_visible_line(client, title, stored):
    response = send(client, part(PHOTO, jpeg()), part(*STYLE), text("title", title.encode()))

    assert (response.status_code, response.json()["title"]) == (202, stored)


def test_a_title_with_a_line_separator_is_refused(client):
    response = send(client, part(PHOTO, jpeg()), part(*STYLE), text("title", "a\u2028b".encode()))

    assert error_of(response) == (422, "bad_request", "title")


def test_a_style_whose_name_shows_nothing_has_the_default_name(client):
    name = text("name", "\ufe0f\u2800".encode())

    style = send(client, part(PHOTO, jpeg()), name, url="/v1/styles").json()

    assert style["name"] == {"zh": "我的风格", "en": "My style"}


# Pictures


@pytest.mark.parametrize(
    "disposition",
    [
        b'form-data; name="file"; filename="photo.jpg"',
        b'form-data; name="file"; filename=""',
        b"form-data; name=file; filename=photo.jpg",
        b"form-data; name=\"file\"; filename*=UTF-8''%E6%B5%B7.jpg",
        b'form-data; name="file"; FileName*=utf-8\'\'a.jpg; filename="a.jpg"',
        b'form-data; name="file"; filename*0="pho"; filename*1="to.jpg"',
        b'form-data; filename="a;\\"b\\".jpg"; name="file"',
        b'form-data; name="file"; filename="C:\\photos\\a.jpg"',
        'form-data; name="file"; filename="海边.jpg"'.encode("gbk"),
        'form-data; name="file"; filename="海边.jpg"'.encode(),
        b'form-data; name="file"; filename="../../etc/passwd"',
        b'form-data; name="file"; filename="' + b"x" * 3000 + b'"',
        b'form-data; name="file"',
    ],
)
def test_a_picture_is_accepted_with_any_file_name_or_none(client, disposition):
    photo = file_of(gradient(800, 600), quality=100).getvalue()
    assert len(photo) > MAX_TEXT_BYTES

    for kind in (None, "image/jpeg", "application/octet-stream"):
        headers = {"content_type": kind} if kind else {}
        response = send(client, part(disposition, photo, **headers), part(*STYLE))

        assert response.status_code == 202, response.text


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_a_picture_in_each_format_needs_no_file_name(client, format):
    picture = file_of(gradient(), format).getvalue()

    response = send(client, text("file", picture), url="/v1/pictures")

    assert response.status_code == 201, response.text


def test_a_style_picture_needs_no_file_name(client):
    response = send(
        client, part(PHOTO, jpeg()), part("form-data; name=style; filename*=utf-8''a", jpeg())
    )

    assert response.status_code == 202
    assert count(client, Style) == 1


@pytest.mark.parametrize(
    "photo",
    [
        part('form-data; name="file"; filename="a.jpg"', b""),
        text("file", b""),
        text("file", b"wxfile://tmp_photo.jpg"),
        text("file", b"/9j/4AAQSkZJRgABAQ" * 5000),
        text("photo", jpeg(), content_type="image/jpeg"),
        part('form-data; name="image"; filename="a.jpg"', b"\xff" * 100_000),
        part("form-data; name=image; filename*=utf-8''a.jpg", b"\xff" * 100_000),
        text("file[]", jpeg(), content_type="application/octet-stream"),
    ],
)
def test_a_form_without_a_picture_is_refused_with_the_name_of_its_field(client, photo):
    for url in URLS:
        response = send(client, photo, part(*STYLE), url=url)

        assert error_of(response) == (422, "missing_file", "file")


@pytest.mark.parametrize("content", [jpeg()[:300], b"%PDF-1.7", jpeg(63, 100)])
def test_a_refused_picture_is_named_by_its_field(client, content):
    style = part('form-data; name="style"; filename="style.jpg"', content)
    photo = part(PHOTO, content)

    refused_style = send(client, part(PHOTO, jpeg()), style)
    refused_photo = send(client, photo, part(*STYLE))
    refused_alone = [send(client, photo, url=url) for url in ("/v1/pictures", "/v1/styles")]

    assert error_of(refused_style)[2] == "style"
    assert {error_of(response)[2] for response in (refused_photo, *refused_alone)} == {"file"}


@pytest.mark.parametrize("url", URLS)
def test_two_pictures_in_one_field_are_refused(client, url):
    response = send(client, part(PHOTO, jpeg()), part(PHOTO, jpeg()), part(*STYLE), url=url)

    assert error_of(response) == (422, "bad_request", "file")
    assert "2" in response.json()["error"]["message"]


def test_an_empty_file_beside_the_picture_is_ignored(client):
    response = send(client, part(PHOTO, b""), part(PHOTO, jpeg()), part(*STYLE))

    assert response.status_code == 202


def test_a_file_in_an_unknown_field_is_ignored(client):
    unknown = part('form-data; name="other"; filename="a.bin"', b"\xff" * 100_000)

    assert send(client, part(PHOTO, jpeg()), part(*STYLE), unknown).status_code == 202


# The form as a whole


@pytest.mark.parametrize(
    ("content_type", "body", "reason"),
    [
        ("multipart/form-data; boundary=edge", b"--edge\r\n" + text("a", b"b"), "不完整"),
        ("multipart/form-data; boundary=edge", b"", "不完整"),
        ("multipart/form-data; boundary=edge", b"--other\r\n", "格式"),
        ("multipart/form-data; boundary=" + "x" * 300, b"", "格式"),
        ("multipart/form-data", b"--edge--\r\n", "boundary"),
        ("multipart/form-data; boundary=", b"--edge--\r\n", "boundary"),
        ("multipart/form-data; boundary=edge", b"--edge\r\nA: b\r\n\r\n\r\n--edge--", "name"),
        (
            "multipart/form-data; boundary=edge",
            b"".join(b"--edge\r\n" + text("a", b"b") + b"\r\n" for _ in range(33)) + b"--edge--",
            "32",
        ),
        ("application/x-www-form-urlencoded", b"tau=1", "multipart/form-data"),
        ("text/plain", b"hello", "multipart/form-data"),
        ("", b"hello", "multipart/form-data"),
    ],
)
def test_a_malformed_form_is_refused_with_its_fault(client, content_type, body, reason):
    headers = {"Content-Type": content_type, "Accept-Language": "zh"}

    for url in URLS:
        response = client.post(url, content=body, headers=headers)

        assert error_of(response) == (400, "bad_request", None)
        assert reason in response.json()["error"]["message"]


def test_a_compressed_form_is_refused(client):
    response = send(client, part(PHOTO, jpeg()), headers={"Content-Encoding": "gzip"})

    assert error_of(response) == (400, "bad_request", None)
    assert "gzip" in response.json()["error"]["message"]


def test_a_cut_upload_is_not_stored(client, stored_files):
    response = send(client, part(*STYLE), part(PHOTO, jpeg()), end=b"")

    assert error_of(response) == (400, "bad_request", None)
    assert stored_files() == []


@pytest.mark.parametrize(
    "content_type",
    [
        "Multipart/Form-Data; boundary=edge",
        "multipart/form-data ; Boundary=edge",
        '  MULTIPART/FORM-DATA;charset=UTF-8;boundary="edge"',
    ],
)
def test_the_media_type_of_a_form_is_compared_without_case(client, content_type):
    photo, headers = part(PHOTO, jpeg()), {"Content-Type": content_type}

    for url in URLS:
        response = send(client, photo, part(*STYLE), url=url, headers=headers)

        assert response.is_success, response.text


# Any form

DISPOSITIONS = st.one_of(
    st.sampled_from(["file", "style", "tau", "title", "levels", "styles", "_charset_", "x"]).map(
        lambda name: f'form-data; name="{name}"'.encode()
    ),
    st.sampled_from([PHOTO.encode(), b"form-data; name=style; filename*=utf-8''a", b"form-data"]),
    st.binary(max_size=30).map(lambda data: data.replace(b"\r", b"").replace(b"\n", b"")),
)
CONTENTS = st.one_of(
    st.just(jpeg(64, 64)),
    st.text(max_size=30).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=200),
    st.sampled_from([b"", b"1e999", b"nan", b"\x00", "海".encode("gbk"), b"x" * 66_000]),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=5,
    ).map(lambda value: json.dumps(value).encode()),
)
CONTENT_TYPES = st.sampled_from(
    [None, "image/jpeg", "text/plain; charset=gbk", "text/plain; charset=\x01", "application/json"]
)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    parts=st.lists(st.tuples(DISPOSITIONS, CONTENTS, CONTENT_TYPES), max_size=6),
    end=st.sampled_from([b"--edge--\r\n", b"--edge--", b"", b"--edge"]) | st.binary(max_size=10),
    url=st.sampled_from(URLS),
)
def test_every_form_is_accepted_or_refused_in_chinese(make_client, parts, end, url):
    client = make_client(uploads_per_minute=100_000)
    bodies = [
        part(disposition, content, **({"content_type": kind} if kind else {}))
        for disposition, content, kind in parts
    ]

    response = send(client, *bodies, end=end, url=url)

    if not response.is_success:
        error_of(response)
        assert response.status_code < 500
