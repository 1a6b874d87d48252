"""JSON bodies: what is parsed, what is refused, and the message in Chinese."""

import gzip
import json
from typing import Any

import httpx
import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.request_bodies import JSONRoute
from tests.app.test_forms import error_of
from tests.app.test_stored_photos import store_photo
from tests.factories import NIXI

STYLIZATIONS = "/v1/stylizations"
BATCH = "/v1/stylizations/batch"
CHANGE = "/v1/stylizations/stl_x"
NOTIFY = "/v1/stylizations/stl_x/notify"
WEBHOOKS = "/v1/webhooks"
WECHAT = "/v1/auth/wechat"
DEVELOPMENT = "/v1/auth/dev"
URLS = [STYLIZATIONS, BATCH, CHANGE, NOTIFY, WEBHOOKS, WECHAT, DEVELOPMENT]
ONE = {"picture_id": "pic_x", "style_id": NIXI}
SEVERAL = {"picture_id": "pic_x", "looks": [{"style_id": NIXI}, {"style_id": NIXI}]}
HOOK = {"url": "https://example.com/hook"}


@pytest.fixture
def client(make_client):
    return make_client(dev_login=True, uploads_per_minute=100_000)


def send(client, url: str, body: Any, **headers: str) -> httpx.Response:
    """Send a body, as JSON unless it is bytes already."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    kind = {"Content-Type": "application/json", "Accept-Language": "zh"}
    return client.post(url, content=content, headers=kind | given)


def with_value(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return a copy of the body with a value at the end of a path such as `looks.1.tau`."""
    changed = json.loads(json.dumps(body))
    *containers, last = path.split(".")
    inner = changed
    for name in containers:
        key = int(name) if isinstance(inner, list) else name
        if not isinstance(inner, list):
            inner.setdefault(name, {})
        inner = inner[key]
    inner[last] = value
    return changed


# Types


NUMBERS: list[tuple[str, dict[str, Any], str]] = [
    (STYLIZATIONS, ONE, "tau"),
    (STYLIZATIONS, ONE, "levels.colour"),
    (STYLIZATIONS, ONE, "levels.structure"),
    (STYLIZATIONS, {"picture_id": "p", "styles": [{"id": "a"}]}, "styles.0.weight"),
    (STYLIZATIONS, ONE, "max_side_px"),
    (BATCH, SEVERAL, "max_side_px"),
    (BATCH, SEVERAL, "looks.1.tau"),
    (BATCH, SEVERAL, "looks.0.levels.texture"),
]


@pytest.mark.parametrize("value", [True, False, "0.5", "1", "", [1], {}])
def test_only_a_number_is_a_number(client, value):
    for url, body, path in NUMBERS:
        response = send(client, url, with_value(body, path, value))

        assert error_of(response) == (422, "bad_request", path)
        assert path in response.json()["error"]["message"]


@pytest.mark.parametrize("value", [10**400, -(10**400)])
def test_a_number_that_no_float_can_hold_is_refused(client, value):
    for url, body, path in NUMBERS:
        if path != "max_side_px":
            response = send(client, url, with_value(body, path, value))

            assert error_of(response) == (422, "bad_request", path)


@pytest.mark.parametrize("value", [1.0, 64.5])
@pytest.mark.parametrize(("url", "body"), [(STYLIZATIONS, ONE), (BATCH, SEVERAL)])
def test_only_a_whole_number_is_a_size(client, url, body, value):
    response = send(client, url, with_value(body, "max_side_px", value))

    assert error_of(response) == (422, "bad_request", "max_side_px")


BOOLEANS: list[tuple[str, dict[str, Any], str]] = [
    (STYLIZATIONS, ONE, "keep_color"),
    (BATCH, SEVERAL, "looks.1.keep_color"),
    (CHANGE, {}, "favourite"),
]


@pytest.mark.parametrize("value", [0, 1, "true", "false", 1.0, [], {}])
def test_only_true_and_false_are_booleans(client, value):
    for url, body, path in BOOLEANS:
        response = send(client, url, with_value(body, path, value))

        assert error_of(response) == (422, "bad_request", path)


TEXTS: list[tuple[str, dict[str, Any], str]] = [
    (STYLIZATIONS, ONE, "title"),
    (STYLIZATIONS, ONE, "picture_id"),
    (STYLIZATIONS, ONE, "style_id"),
    (STYLIZATIONS, ONE, "client_key"),
    (STYLIZATIONS, ONE, "output_format"),
    (BATCH, SEVERAL, "looks.1.title"),
    (BATCH, SEVERAL, "output_format"),
    (CHANGE, {}, "title"),
    (NOTIFY, {}, "template_id"),
    (WEBHOOKS, {}, "url"),
    (WECHAT, {}, "code"),
    (DEVELOPMENT, {}, "name"),
]


@pytest.mark.parametrize("value", [1, 0.5, True, [], {}])
def test_only_a_string_is_a_text(client, value):
    for url, body, path in TEXTS:
        response = send(client, url, with_value(body, path, value))

        assert error_of(response) == (422, "bad_request", path)


@pytest.mark.parametrize(
    ("url", "body", "field", "reason"),
    [
        (WEBHOOKS, {**HOOK, "events": ["x"]}, "events.0", "stylization.done"),
        (WEBHOOKS, {**HOOK, "events": "stylization.done"}, "events", "数组"),
        (WEBHOOKS, {**HOOK, "events": []}, "events", "至少 1 项"),
        (WEBHOOKS, {**HOOK, "events": ["stylization.done"] * 4}, "events", "最多 3 项"),
        (WEBHOOKS, {"url": ""}, "url", "至少 1 个"),
        (WEBHOOKS, {"url": "x" * 3000}, "url", "3000 个字符"),
        (WEBHOOKS, {}, "url", "缺少"),
        (STYLIZATIONS, {**ONE, "output_format": "bmp"}, "output_format", "jpeg, png, webp"),
        (STYLIZATIONS, {**ONE, "title": "海" * 6667}, "title", "6667 个字符，最多 80 个"),
        (STYLIZATIONS, {**ONE, "title": "a\u2028b"}, "title", "换行符"),
        (STYLIZATIONS, {**ONE, "levels": {"shine": 1}}, "levels.shine", "没有这个字段"),
        (STYLIZATIONS, {**ONE, "\n" * 300: 1}, "?" * 40, "没有这个字段"),
        (BATCH, with_value(SEVERAL, "looks.1.title", "x" * 81), "looks.1.title", "81 个字符"),
        (BATCH, with_value(SEVERAL, "looks.1.style_id", None), "looks.1.style_id", "风格"),
        (BATCH, with_value(SEVERAL, "looks.1.tau", 1.6), "looks.1.tau", "1.5"),
        (BATCH, {**SEVERAL, "looks": {}}, "looks", "数组"),
        (BATCH, {**SEVERAL, "looks": [1]}, "looks.0", "对象"),
        (CHANGE, {"title": "海" * 6667}, "title", "6667 个字符，最多 80 个"),
        (DEVELOPMENT, {"name": "\u3164"}, "name", "可见字符"),
        (DEVELOPMENT, {"name": "x" * 65}, "name", "最多 64 个"),
        (WECHAT, {"code": "x" * 201}, "code", "最多 200 个"),
    ],
)
def test_a_refusal_names_the_field_and_gives_the_limit(client, url, body, field, reason):
    response = send(client, url, body)

    status, _, named = error_of(response)
    assert (status, named) == (422, field)
    assert reason in response.json()["error"]["message"]


def test_the_message_is_in_english_by_default(client):
    body = with_value(SEVERAL, "looks.1.tau", True)

    message = send(client, BATCH, body, Accept_Language="").json()["error"]["message"]

    assert message == "The value of looks.1.tau is not valid: it must be a number."


# The text of a body


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"{", "第 1 行第 2 列"),
        (b'{"title": "a",\n "tau": }', "第 2 行第 9 列"),
        (b'{"tau": NaN}', "NaN"),
        (b'{"tau": -Infinity}', "-Infinity"),
        (b'{"tau": 1, "title": "a", "tau": 2}', "tau 重复"),
        (b'{"looks": [{"tau": 1, "tau": 2}]}', "tau 重复"),
        (b'{"tau": ' + b"9" * 5000 + b"}", "数字过长"),
        (b"[" * 20_000, "嵌套过深"),
        ('{"title": "海边"}'.encode("gbk"), "UTF-8"),
        (b'{"title": "\\ud83d"}', "代理字符"),
        (b'{"\\udc00": ["\\ud83d"]}', "代理字符"),
        ('{"title": "a"}'.encode("utf-16"), "UTF-8"),
        (gzip.compress(b"{}", mtime=0), "UTF-8"),
        (b"x" * 70_000, "65536 字节"),
        (b"[]", "对象"),
        (b"7", "对象"),
        (b'"text"', "对象"),
    ],
)
def test_a_body_that_is_not_a_json_object_is_refused(client, data, reason):
    for url in URLS:
        response = send(client, url, data)

        assert error_of(response) == (400, "bad_request", None)
        assert reason in response.json()["error"]["message"]


def test_an_empty_body_is_refused_where_one_is_needed(client):
    for url in URLS:
        response = send(client, url, b"")

        if url == DEVELOPMENT:
            assert response.status_code == 200
        else:
            assert error_of(response) == (400, "bad_request", None)
            assert "缺少 JSON 正文" in response.json()["error"]["message"]


def test_infinity_is_not_a_strength(client):
    response = send(client, STYLIZATIONS, b'{"tau": 1e400, "picture_id": "p", "style_id": "a"}')

    assert error_of(response) == (422, "bad_request", "tau")


@pytest.mark.parametrize(
    "content_type",
    [
        "Application/JSON",
        "APPLICATION/JSON; Charset=UTF-8",
        " application/json ;charset=utf-8",
    ],
)
@pytest.mark.parametrize("byte_order_mark", [b"", b"\xef\xbb\xbf"])
def test_a_body_is_read_whatever_the_case_of_its_media_type(client, content_type, byte_order_mark):
    picture_id = store_photo(client).json()["id"]
    body = byte_order_mark + json.dumps({"picture_id": picture_id, "style_id": NIXI}).encode()

    response = send(client, STYLIZATIONS, body, Content_Type=content_type)
    hook = send(client, WEBHOOKS, byte_order_mark + json.dumps(HOOK).encode())

    assert (response.status_code, hook.status_code) == (202, 201)


@pytest.mark.parametrize("content_type", ["", "text/plain", "text/json", "application/jsonp"])
def test_another_media_type_is_refused(client, content_type):
    for url in URLS:
        response = send(client, url, {}, Content_Type=content_type)

        assert error_of(response) == (400, "bad_request", None)
        assert "application/json" in response.json()["error"]["message"]


def test_a_compressed_body_is_refused(client):
    for url in URLS:
        response = send(client, url, gzip.compress(b"{}"), Content_Encoding="gzip")

        assert error_of(response) == (400, "bad_request", None)
        assert "gzip" in response.json()["error"]["message"]


def test_the_result_of_wx_login_may_be_sent_whole(client):
    body = {"code": "dev-alice", "errMsg": "login:ok"}

    assert send(client.without_key(), WECHAT, body).status_code == 200


def test_every_route_with_a_json_body_parses_it_strictly(client):
    routes = [
        context.original_route
        for context in iter_route_contexts(client.app.routes)
        if isinstance(context.original_route, APIRoute)
    ]
    with_body = [route for route in routes if route.body_field is not None]

    assert len(with_body) >= 6
    assert [route.path for route in with_body if not isinstance(route, JSONRoute)] == []


# Queries


@pytest.mark.parametrize(
    ("url", "field"),
    [
        ("/v1/stylizations/x?wait=NaN", "wait"),
        ("/v1/stylizations/x?wait=1e400", "wait"),
        ("/v1/stylizations/x?wait=-1", "wait"),
        ("/v1/stylizations/x?wait=26", "wait"),
        ("/v1/stylizations/x?wait=abc", "wait"),
        ("/v1/stylizations?tau_from=nan", "tau_from"),
        ("/v1/stylizations?tau_to=2", "tau_to"),
        ("/v1/stylizations?favourite=maybe", "favourite"),
        ("/v1/stylizations?status=lost", "status"),
        ("/v1/stylizations?limit=0", "limit"),
        ("/v1/stylizations?limit=101", "limit"),
        ("/v1/stylizations?limit=1.5", "limit"),
        ("/v1/stylizations?limit=" + "9" * 5000, "limit"),
        ("/v1/stylizations?created_from=yesterday", "created_from"),
        ("/v1/stylizations?created_from=2026-01-01T00:00:00", "created_from"),
        ("/v1/stylizations?q=" + "x" * 81, "q"),
        ("/v1/stylizations?cursor=x", "cursor"),
        ("/v1/stylizations/x/poster?theme=pink", "theme"),
        ("/v1/styles?kind=other", "kind"),
        ("/v1/styles?category=" + "x" * 101, "category"),
        ("/v1/pictures/x?variant=huge", "variant"),
        ("/v1/pictures/x?download=maybe", "download"),
    ],
)
def test_a_refused_parameter_is_named_in_chinese(client, url, field):
    response = client.get(url, headers={"Accept-Language": "zh"})

    assert error_of(response) == (422, "bad_request", field)
    assert field in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("q=%C4%E3", "q"),
        ("q=sea&style=%C4%E3", "style"),
        ("q=%ed%a0%80", "q"),
        ("cursor=%C4", "cursor"),
        ("%C4=%E3", "\N{REPLACEMENT CHARACTER}"),
    ],
)
@pytest.mark.parametrize("url", ["/v1/stylizations", "/v1/styles", "/v1/pictures/x"])
def test_a_query_that_is_not_utf_8_is_refused(client, url, query, field):
    response = client.get(f"{url}?{query}", headers={"Accept-Language": "zh"})

    assert error_of(response) == (422, "bad_request", field)
    assert "UTF-8" in response.json()["error"]["message"]


def test_a_query_in_utf_8_may_contain_the_replacement_character(client):
    assert client.get("/v1/stylizations?q=%EF%BF%BD").status_code == 200


@pytest.mark.parametrize("url", [STYLIZATIONS, WEBHOOKS, WECHAT, "/v1/pictures"])
def test_another_method_is_refused(client, url):
    for method in ("PUT", "TRACE"):
        response = client.request(method, url, headers={"Accept-Language": "zh"}, content=b"{}")

        assert error_of(response) == (405, "method_not_allowed", None)


# Any body

STRINGS = st.text(max_size=6) | st.sampled_from(
    ["jpeg", NIXI, "stylization.done", "pic_x", "\u2028"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.sampled_from([10**400, 1e308, -1, 2**63])
    | STRINGS
)
FIELDS = [
    *("picture_id", "style_id", "styles", "tau", "levels", "brush", "keep_color", "title", "looks"),
    *("output_format", "max_side_px", "client_key", "url", "events", "template_id", "code", "name"),
    *("favourite", "id", "weight", "colour", "texture"),
]
NAMES = st.sampled_from(FIELDS) | st.text(max_size=4)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=8,
)


@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    url=st.sampled_from(URLS),
    extra=st.dictionaries(NAMES, VALUES, max_size=4),
    base=st.sampled_from([{}, ONE, SEVERAL, HOOK]),
    value=st.none() | VALUES,
)
def test_every_json_body_is_accepted_or_refused_in_chinese(client, url, extra, base, value):
    response = send(client, url, base | extra if value is None else value)

    if not response.is_success:
        assert response.status_code < 500
        error_of(response)
