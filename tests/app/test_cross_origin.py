"""CORS: closed by default, open for the pages of origins that a setting names."""

import httpx
import pytest

from tests.app.test_creating_stylizations import upload

PAGE = "https://art.example.org"
OTHER_PAGE = "https://elsewhere.example"
URL = "/v1/stylizations"


@pytest.fixture
def client(make_client):
    """A client of a service whose API pages of one origin may call."""
    return make_client(cors_origins=(PAGE,))


def preflight(client, method: str, headers: str = "", origin: str = PAGE) -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    if headers:
        asked["Access-Control-Request-Headers"] = headers
    return client.without_key().request("OPTIONS", URL, headers=asked)


def names_in(response: httpx.Response, header: str) -> set[str]:
    return {name.strip().lower() for name in response.headers[header].split(",")}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PATCH", "DELETE"])
def test_a_preflight_allows_the_methods_and_headers_of_the_api(client, method):
    headers = "authorization,content-type,idempotency-key,if-none-match,range,x-request-id"

    response = preflight(client, method, headers)

    assert response.status_code == 200
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
    assert method.lower() in names_in(response, "Access-Control-Allow-Methods")
    assert set(headers.split(",")) <= names_in(response, "Access-Control-Allow-Headers")
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["X-Request-ID"]


def test_a_page_can_read_the_response_and_its_headers(client):
    response = upload(client, headers={"Origin": PAGE})

    assert response.status_code == 202
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
    assert "Origin" in response.headers["Vary"]
    assert names_in(response, "Access-Control-Expose-Headers") >= {
        *("x-request-id", "retry-after", "etag", "location"),
        *("content-disposition", "content-range"),
    }


def break_down(*_args, **_options):
    raise RuntimeError("a defect")


@pytest.mark.parametrize(
    ("status", "method", "path", "options"),
    [
        (401, "GET", "/v1/me", {"headers": {"Authorization": ""}}),
        (404, "GET", "/v1/nothing", {}),
        (405, "PUT", "/v1/config", {}),
        (413, "POST", URL, {"headers": {"Content-Length": "999999999"}, "content": b"x"}),
        (422, "GET", f"{URL}?limit=many", {}),
        (500, "GET", URL, {}),
    ],
)
def test_a_page_can_read_every_error_with_its_request_id(
    client, monkeypatch, status, method, path, options
):
    monkeypatch.setattr("app.stylizations.history.list_stylizations", break_down)
    headers = {"Origin": PAGE, **options.pop("headers", {})}

    response = client.request(method, path, headers=headers, **options)

    assert response.status_code == status
    assert response.headers["Access-Control-Allow-Origin"] == PAGE
    assert response.headers["X-Request-ID"] == response.json()["error"]["request_id"]


@pytest.mark.parametrize("origin", [OTHER_PAGE, "http://art.example.org", f"{PAGE}:8443", "null"])
def test_pages_of_other_origins_may_not(client, origin):
    refused = preflight(client, "GET", origin=origin)
    response = client.get("/v1/config", headers={"Origin": origin})

    assert refused.status_code == 400
    for each in (refused, response):
        assert "Access-Control-Allow-Origin" not in each.headers


def test_every_page_may_if_the_setting_is_a_star(make_client):
    client = make_client(cors_origins=("*",))

    responses = [
        preflight(client, "GET", "authorization", origin=OTHER_PAGE),
        client.get("/v1/config", headers={"Origin": OTHER_PAGE}),
    ]

    for response in responses:
        assert response.status_code == 200
        assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_no_page_of_another_origin_may_by_default(make_client):
    client = make_client()

    refused = preflight(client, "POST", "authorization")
    response = client.get("/v1/config", headers={"Origin": PAGE})

    for each in (refused, response):
        assert not {name for name in each.headers if name.startswith("access-control")}


def test_no_page_may_read_the_metrics_of_a_private_network(make_client):
    client = make_client(cors_origins=("*",)).without_key()

    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", headers={"Origin": OTHER_PAGE}).status_code == 403
