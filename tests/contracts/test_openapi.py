"""The description of the API: as it is committed, complete, and true."""

import json
import re

import pytest

from app.error_schemas import all_errors
from core.failures import RowFailure, StyleFailed
from tests.contracts.openapi import SNAPSHOT, description

ROWS_ONLY = {kind.code for kind in all_errors() if issubclass(kind, RowFailure)} - {
    StyleFailed.code,
    "server_error",
}


@pytest.fixture(scope="module")
def api() -> dict:
    return json.loads(SNAPSHOT.read_text(encoding="utf-8"))


def operations(api: dict) -> list[tuple[str, dict]]:
    return [
        (f"{method.upper()} {path}", operation)
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_committed_description_is_what_the_code_says():
    assert description() == SNAPSHOT.read_text(encoding="utf-8"), (
        "run `make openapi` if it is meant"
    )


def test_the_addresses_that_others_lean_on_exist(api):
    names = {name for name, _ in operations(api)}

    assert names >= {
        "POST /v1/stylizations",
        "GET /v1/stylizations",
        "GET /v1/stylizations/{stylization_id}",
        "DELETE /v1/stylizations/{stylization_id}",
        "POST /v1/stylizations/{stylization_id}/cancel",
        "GET /v1/stylizations/{stylization_id}/events",
        "POST /v1/stylizations/{stylization_id}/notify",
        "POST /v1/webhooks",
        "GET /v1/webhooks",
        "GET /v1/webhooks/{webhook_id}",
        "DELETE /v1/webhooks/{webhook_id}",
        "GET /v1/styles",
        "POST /v1/styles",
        "GET /v1/styles/{style_id}",
        "DELETE /v1/styles/{style_id}",
        "GET /v1/pictures/{picture_id}",
        "POST /v1/auth/wechat",
        "POST /v1/auth/dev",
        "POST /v1/auth/revoke",
        "GET /v1/me",
        "DELETE /v1/me",
        "GET /v1/me/export",
        "GET /v1/config",
        "GET /healthz",
        "GET /readyz",
    }


def test_generated_clients_get_a_short_name_for_each_operation(api):
    names = [operation["operationId"] for _, operation in operations(api)]

    assert len(set(names)) == len(names)
    assert "create_stylization" in names


def test_every_address_says_what_it_is_for_and_what_it_does(api):
    silent = [
        name
        for name, operation in operations(api)
        if not operation.get("summary") or not operation.get("description")
    ]

    assert silent == []


def test_every_error_is_documented_with_the_envelope(api):
    schemas = {
        answer["content"]["application/json"]["schema"]["$ref"]
        for _, operation in operations(api)
        for status, answer in operation["responses"].items()
        if int(status) >= 400
    }

    assert schemas == {"#/components/schemas/ErrorEnvelope"}


def test_every_code_that_a_request_can_be_refused_with_is_documented(api):
    text = json.dumps(api)
    codes = {kind.code for kind in all_errors()} - ROWS_ONLY - {"method_not_allowed"}

    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_what_needs_a_key_says_so(api):
    open_to_all = {name for name, operation in operations(api) if not operation.get("security")}

    assert open_to_all == {
        "GET /v1/styles/{style_id}/preview",
        "GET /v1/pictures/{picture_id}",
        "GET /v1/share/{token}",
        "POST /v1/auth/wechat",
        "POST /v1/auth/dev",
        "GET /v1/wechat/push",
        "POST /v1/wechat/push",
        "GET /v1/config",
        "GET /healthz",
        "GET /readyz",
    }


def test_what_needs_a_key_asks_for_one_scope(api):
    asked = {
        name: [
            scope for need in operation["security"] for scopes in need.values() for scope in scopes
        ]
        for name, operation in operations(api)
        if operation.get("security")
    }

    assert {name: scopes for name, scopes in asked.items() if len(scopes) != 1} == {}
    assert {scopes[0] for scopes in asked.values()} == {"read", "stylize", "account"}


def test_the_form_of_an_upload_says_all_its_fields(api):
    body = api["paths"]["/v1/stylizations"]["post"]["requestBody"]
    form = body["content"]["multipart/form-data"]["schema"]

    assert set(form["properties"]) == {
        *("file", "picture_id", "style_id", "styles", "style", "tau", "levels", "keep_color"),
        *("output_format", "max_side_px", "title", "client_key"),
    }


def test_an_order_in_json_is_described_whole(api):
    body = api["paths"]["/v1/stylizations"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema)))

    assert schema["required"] == ["picture_id"]
    assert named == {"StyleShareBody", "Levels", "PictureFormat"}
    assert named <= api["components"]["schemas"].keys()
