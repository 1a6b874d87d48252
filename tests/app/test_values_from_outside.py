"""No value of a parameter, a header or a field gives a 5xx, on SQLite and on PostgreSQL.

The operations and their parameters come from the OpenAPI description, so a new one is included.
Each request has one unusual value; everything else in it is valid, so that the value reaches the
place where it is used.
"""

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta, timezone
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from app.accounts.service import create_key
from core.db.base import EARLIEST, LATEST, now_utc
from core.db.users import ALL_SCOPES
from tests.app.conftest import Client
from tests.app.sample_pictures import jpeg
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import finish
from tests.contracts.openapi import SNAPSHOT
from tests.factories import NIXI

STYLIZATIONS = "/v1/stylizations"
HEADERS = (
    *("Accept-Language", "Authorization", "Content-Length", "Content-Type", "Host"),
    *("Idempotency-Key", "If-None-Match", "If-Modified-Since", "Last-Event-ID", "Range"),
    *("Forwarded", "X-Forwarded-For", "X-Request-ID"),
)
PUSH, PUSH_TOKEN = "/v1/wechat/push", "push-token"

VALID_BODIES: dict[str, dict[str, Any]] = {
    "/v1/auth/dev": {"name": "developer"},
    "/v1/auth/wechat": {"code": "0c3Xk1"},
    "/v1/webhooks": {"url": "https://example.com"},
    PUSH: {"Event": "wxa_media_check", "trace_id": "x", "errcode": 0},
    f"{STYLIZATIONS}/batch": {"picture_id": "{picture_id}", "looks": [{"style_id": NIXI}]},
    f"{STYLIZATIONS}/{{stylization_id}}/notify": {"template_id": "x"},
    STYLIZATIONS: {"picture_id": "{picture_id}", "style_id": NIXI},
}


@dataclass(frozen=True)
class Place:
    """Where a request has its unusual value."""

    method: str
    path: str
    kind: str  # path | query | header | json | form
    name: str


def places() -> list[Place]:
    """Return every parameter and body field of every operation."""
    description = json.loads(SNAPSHOT.read_text(encoding="utf-8"))
    found: list[Place] = []
    for path, operations in description["paths"].items():
        for method, operation in operations.items():
            names = [(item["in"], item["name"]) for item in operation.get("parameters", [])]
            contents = operation.get("requestBody", {}).get("content", {})
            for media_type, content in contents.items():
                kind = "json" if media_type == "application/json" else "form"
                fields = fields_of(description, content["schema"])
                names += [(kind, name) for name in fields | VALID_BODIES.get(path, {}).keys()]
            found += [Place(method, path, kind, name) for kind, name in names]
    return found


def fields_of(description: dict[str, Any], schema: dict[str, Any]) -> set[str]:
    """Return the names of the fields of a body, also of a body that is optional."""
    if "$ref" in schema:
        schema = description["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    inner = schema.get("anyOf", [])
    return set(schema.get("properties", {})).union(*(fields_of(description, s) for s in inner))


NAMED_PLACES = places()
HEADER_PLACES = [
    Place(method, path, "header", name)
    for name in HEADERS
    for method, path in (("get", STYLIZATIONS), ("post", STYLIZATIONS), ("post", "/v1/auth/dev"))
]


# Values

TIMES = st.builds(
    lambda time, offset: time.replace(tzinfo=timezone(offset)).isoformat(),
    st.sampled_from([EARLIEST, LATEST]) | st.datetimes(),
    st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)),
) | st.sampled_from(["0000-00-00T00:00:00Z", "10000-01-01T00:00:00Z", "2026-02-30T00:00:00"])
NUMBERS = st.sampled_from(
    ["9" * 5000, "9" * 400, "-" + "9" * 30, "1e400", "-1e400", "NaN", "-0", "0x1", "1_0", "１"]
) | st.one_of(st.integers(), st.floats()).map(str)
TEXTS = st.sampled_from(
    ["\0", "a\0b", "\ud800", "x" * 5000, "[" * 5000, "\ufdfa" * 80, "%", "\\"]
) | st.text(st.characters(), max_size=20)
URLS = st.builds(
    "{}://{}{}".format,
    st.sampled_from(["https", "http", ""]),
    st.sampled_from(["xn--", "[::1", "[fe80::1%eth0]", "...", "a:b@c", "\u2100.com"]) | TEXTS,
    st.sampled_from(["", "/", ":99999999999/", ":/", "#", "?"]),
)
# A value of JSON as text, so that it can be one that Python's encoder does not write.
RAW_JSON = (
    (TEXTS | TIMES | URLS).map(json.dumps)
    | NUMBERS
    | st.sampled_from(['"\\ud800"', "[" * 5000, "{}", "[]", "null", "Infinity"])
    | TEXTS.map(lambda text: json.dumps({text: text}))
)
POSITIONS = st.builds(
    lambda time, row_id: f"[{time}, {row_id}]",
    TIMES.map(json.dumps) | RAW_JSON,
    TEXTS.map(json.dumps) | RAW_JSON,
)


def in_base64(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode(errors="replace")).decode().rstrip("=")


CURSORS = POSITIONS.map(in_base64)
KEYS = RAW_JSON.map(lambda text: f"Bearer {in_base64(text)}.{in_base64(text)}.")
VALUES = TIMES | NUMBERS | TEXTS | URLS | CURSORS | KEYS
VALUES_BY_NAME = {
    "Authorization": KEYS,
    "Content-Length": NUMBERS,
    "created_before": TIMES,
    "created_from": TIMES,
    "cursor": CURSORS,
    "url": URLS.map(json.dumps),
}
FITTING = st.sampled_from(
    [place for place in NAMED_PLACES + HEADER_PLACES if place.name in VALUES_BY_NAME]
).flatmap(lambda place: st.tuples(st.just(place), VALUES_BY_NAME[place.name]))
ARBITRARY = (st.sampled_from(NAMED_PLACES) | st.sampled_from(HEADER_PLACES)).flatmap(
    lambda place: st.tuples(st.just(place), RAW_JSON if place.kind == "json" else VALUES)
)


# Requests


@dataclass(frozen=True)
class Service:
    """A client, and the ids of what it owns."""

    client: Client
    ids: dict[str, str]

    @property
    def push_signature(self) -> dict[str, str]:
        """Return the parameters with which WeChat signs a message."""
        timestamp = str(int(now_utc().timestamp()))
        signed = "".join(sorted((PUSH_TOKEN, timestamp, "n")))
        signature = hashlib.sha1(signed.encode(), usedforsecurity=False).hexdigest()
        return {"timestamp": timestamp, "nonce": "n", "signature": signature}

    def send(self, place: Place, value: str) -> int:
        """Send a request with the value at the place; return the status of the response."""
        shown = value.encode(errors="replace").decode()  # in a URL or a form: no lone surrogates
        ids = self.ids | ({place.name: shown} if place.kind == "path" else {})
        options: dict[str, Any] = {"headers": {}}
        query = dict(self.push_signature) if place.path == PUSH else {}
        if place.kind == "query":
            query[place.name] = shown
        options["params"] = query
        if place.kind == "form":
            fields = self.body_of(place.path) | {place.name: shown}
            options["files"] = {name: (None, str(text)) for name, text in fields.items()}
        elif place.path in VALID_BODIES and place.method in ("post", "patch"):
            members = {name: json.dumps(text) for name, text in self.body_of(place.path).items()}
            if place.kind == "json":
                members[place.name] = value
            body = ", ".join(f"{json.dumps(name)}: {text}" for name, text in members.items())
            options["content"] = f"{{{body}}}".encode()
            options["headers"]["Content-Type"] = "application/json"
        if place.kind == "header":
            line = "".join(shown.split("\n")).replace("\r", "").replace("\0", "")
            options["headers"][place.name] = line.strip().encode()
        url = place.path
        for name, text in ids.items():
            url = url.replace(f"{{{name}}}", quote(text, safe=""))
        return self.client.request(place.method.upper(), url, **options).status_code

    def body_of(self, path: str) -> dict[str, Any]:
        body = json.dumps(VALID_BODIES.get(path, {}))
        return json.loads(body.replace("{picture_id}", self.ids["picture_id"]))


@pytest.fixture
def service(make_client, database_url, fake_wechat) -> Service:
    limits = {"uploads_per_minute": 100_000, "max_queued_per_owner": 100_000}
    wechat = fake_wechat.settings() | {"wechat_push_token": SecretStr(PUSH_TOKEN)}
    client = make_client(database_url=database_url, dev_login=True, **limits, **wechat)
    client.key = create_key(client.resources.database, "tester", scopes=ALL_SCOPES)
    job = upload(client).json()
    finish(client, job["id"])
    token = client.post(f"{STYLIZATIONS}/{job['id']}/share").json()["token"]
    picture = client.post("/v1/pictures", files={"file": jpeg(100, 100)}).json()
    return Service(
        client,
        {
            "stylization_id": job["id"],
            "picture_id": picture["id"],
            "style_id": NIXI,
            "webhook_id": "whk_none",
            "token": token,
        },
    )


@pytest.mark.parametrize("requests", [FITTING, ARBITRARY], ids=["fitting", "arbitrary"])
def test_no_value_from_outside_gives_a_server_error(service, requests):
    @given(request=requests)
    @settings(
        max_examples=400,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def send(request: tuple[Place, str]) -> None:
        assert service.send(*request) < 500

    send()


EXTREMES = ("0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-05:00")


def cursor(*content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode()


@pytest.mark.parametrize("name", ["created_from", "created_before"])
def test_a_time_outside_of_the_years_of_utc_is_an_open_bound(service, name: str):
    both = [service.client.get(STYLIZATIONS, params={name: time}) for time in EXTREMES]

    counts = [len(response.json()["items"]) for response in both]
    assert counts == ([1, 0] if name == "created_from" else [0, 1])


@pytest.mark.parametrize("path", [STYLIZATIONS, "/v1/styles"])
def test_a_cursor_outside_of_the_years_of_utc_is_before_or_after_every_row(service, path: str):
    client = service.client
    client.post("/v1/styles", files={"file": jpeg(101, 100)})
    pages = [client.get(path, params={"cursor": cursor(time, "x")}) for time in EXTREMES]

    assert [len(page.json()["items"]) for page in pages] == [0, 1]


@pytest.mark.parametrize("path", [STYLIZATIONS, "/v1/styles"])
@pytest.mark.parametrize(
    "content",
    [
        ["2026-01-01T00:00:00+00:00", "\ud800"],
        ["2026-01-01T00:00:00+00:00", "\0"],
        ["2026-01-01T00:00:00+00:00", 1],
        ["2026-01-01T00:00:00", "x"],
        ["2026-01-01T00:00:00+00:00"],
        [1e400, "x"],
        [None, None],
    ],
)
def test_a_cursor_that_the_service_cannot_have_sent_is_refused(client, path: str, content: list):
    response = client.get(path, params={"cursor": cursor(*content)})

    assert (response.status_code, response.json()["error"]["field"]) == (422, "cursor")


@pytest.mark.parametrize("name", ["q", "category", "cursor", "exp"])
def test_the_character_nul_in_a_query_is_refused(client, name: str):
    response = client.get("/v1/styles", params={name: "a\0b"})

    assert (response.status_code, response.json()["error"]["field"]) == (422, name)


@pytest.mark.parametrize("path", ["/v1/stylizations/{}", "/v1/webhooks/{}", "/v1/share/{}"])
def test_nothing_has_an_id_with_the_character_nul(client, path: str):
    assert client.get(path.format("a%00b")).status_code == 404


def test_an_id_in_a_body_with_the_character_nul_is_unknown(service):
    client, photo = service.client, {"picture_id": service.ids["picture_id"]}
    forms = [photo | {"style_id": "a\0b"}, {"picture_id": "a\0b", "style_id": NIXI}]
    variant, nowhere = {"style_id": NIXI}, {"picture_id": "a\0b"}

    responses = [
        *(
            client.post(STYLIZATIONS, files={k: (None, v) for k, v in form.items()})
            for form in forms
        ),
        client.post(STYLIZATIONS, json=nowhere | variant),
        client.post(f"{STYLIZATIONS}/batch", json=nowhere | {"looks": [variant]}),
    ]

    assert [response.status_code for response in responses] == [422] * 4
    assert [response.json()["error"]["code"] for response in responses] == [
        "unknown_style",
        *["unknown_picture"] * 3,
    ]
    assert not any("\0" in response.json()["error"]["message"] for response in responses)


def test_a_declared_length_of_thousands_of_digits_is_too_large(client):
    response = client.post("/v1/auth/dev", headers={"Content-Length": "9" * 5000}, content=b"")

    assert (response.status_code, response.json()["error"]["code"]) == (413, "file_too_large")
