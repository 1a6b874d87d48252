"""`HEAD`, `OPTIONS` and the methods that `Allow` names, on every route."""

import re
from collections import defaultdict

import pytest
from fastapi.routing import iter_route_contexts

from tests.app.test_creating_stylizations import upload

HEAD_AND_OPTIONS = {"HEAD", "OPTIONS"}


def methods_by_path(client) -> dict[str, set[str]]:
    """The methods of each route, by a path that it matches."""
    found: dict[str, set[str]] = defaultdict(set)
    for context in iter_route_contexts(client.app.routes):
        if context.path and context.methods:
            found[re.sub(r"{\w+}", "some-id", context.path)] |= set(context.methods)
    return found


def allowed(response) -> set[str]:
    return set(response.headers["Allow"].split(", "))


def test_allow_names_every_method_of_a_path_and_no_other(client):
    for path, methods in methods_by_path(client).items():
        refused, asked = client.request("TRACE", path), client.request("OPTIONS", path)

        assert (refused.status_code, refused.json()["error"]["code"]) == (405, "method_not_allowed")
        assert (asked.status_code, asked.content) == (204, b"")
        assert allowed(refused) == allowed(asked) >= methods | {"OPTIONS"}, path
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            is_refused = client.without_key().request(method, path).status_code == 405
            assert is_refused == (method not in allowed(asked)), f"{method} {path}"


def test_allow_unites_the_routes_of_a_path(client):
    response = client.request("PUT", "/v1/stylizations/stl_1")

    assert allowed(response) == {"GET", "POST", "PATCH", "DELETE", *HEAD_AND_OPTIONS}


def test_the_options_of_an_unknown_path_are_not_found(client):
    assert client.request("OPTIONS", "/v1/nothing").status_code == 404


@pytest.mark.parametrize(
    "path", ["/healthz", "/readyz", "/metrics", "/v1/config", "/v1/styles", "/v1/me", "/docs", "/"]
)
def test_head_has_the_headers_of_get_without_a_body(client, path):
    head, get = client.request("HEAD", path), client.get(path)

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert set(head.headers) == set(get.headers)
    assert head.headers["Content-Type"] == get.headers["Content-Type"]
    if path != "/metrics":  # its numbers change
        assert int(head.headers["Content-Length"]) == len(get.content)


def test_head_answers_on_every_path_with_get(client):
    upload(client)
    paths = [path for path, methods in methods_by_path(client).items() if "GET" in methods]

    statuses = {
        path: (client.request("HEAD", path).status_code, client.get(path).status_code)
        for path in paths
    }

    assert len(paths) > 15
    assert {path: pair for path, pair in statuses.items() if pair[0] != pair[1]} == {}


def test_head_needs_a_key_where_get_does(client):
    assert client.without_key().request("HEAD", "/v1/me").status_code == 401


@pytest.mark.parametrize("url", ["/v1/stylizations/{id}/events", "/v1/me/export"])
def test_head_ends_a_stream_after_its_headers(client, url):
    job = upload(client).json()  # nothing renders it, so that its events have no end

    response = client.request("HEAD", url.format(id=job["id"]))

    assert (response.status_code, response.content) == (200, b"")


def test_the_stream_that_head_has_ended_counts_no_longer(make_client):
    client = make_client(max_streams_per_owner=1)
    url = f"/v1/stylizations/{upload(client).json()['id']}/events"

    statuses = [client.request("HEAD", url).status_code for _ in range(3)]

    assert statuses == [200, 200, 200]


def test_head_is_counted_as_head_with_its_route(client):
    client.request("HEAD", "/v1/config")

    metrics = client.get("/metrics").text
    assert 'dualtrans_http_requests_total{method="HEAD",route="/v1/config",status="200"}' in metrics
