"""The OpenAPI description: the snapshot is current, complete and correct."""

import json
import re

import pytest

from app.error_schemas import all_errors
from core.failures import JobFailure, StyleFailed
from tests.contracts.openapi import SNAPSHOT, description

ROWS_ONLY = {kind.code for kind in all_errors() if issubclass(kind, JobFailure)} - {
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


def test_the_committed_snapshot_is_current():
    assert description() == SNAPSHOT.read_text(encoding="utf-8"), (
        "run `make openapi` if the change is intended"
    )


def test_the_routes_that_clients_use_exist(api):
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


def test_every_operation_has_a_short_unique_id(api):
    names = [operation["operationId"] for _, operation in operations(api)]

    assert len(set(names)) == len(names)
    assert "create_stylization" in names


def test_every_operation_has_a_summary_and_a_description(api):
    undocumented = [
        name
        for name, operation in operations(api)
        if not operation.get("summary") or not operation.get("description")
    ]

    assert undocumented == []


def test_every_error_response_has_the_error_envelope(api):
    schemas = {
        response["content"]["application/json"]["schema"]["$ref"]
        for _, operation in operations(api)
        for status, response in operation["responses"].items()
        if int(status) >= 400
    }

    assert schemas == {"#/components/schemas/ErrorEnvelope"}


def test_every_error_code_of_a_response_is_documented(api):
    text = json.dumps(api)
    codes = {kind.code for kind in all_errors()} - ROWS_ONLY - {"method_not_allowed"}

    assert {code for code in codes if f"`{code}`" not in text} == set()


def test_only_the_public_operations_need_no_key(api):
    open_to_all = {name for name, operation in operations(api) if not operation.get("security")}

    assert open_to_all == {
        "GET /v1/styles/{style_id}/preview.webp",
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


def test_every_other_operation_needs_exactly_one_scope(api):
    scopes_of = {
        name: [
            scope
            for requirement in operation["security"]
            for scopes in requirement.values()
            for scope in scopes
        ]
        for name, operation in operations(api)
        if operation.get("security")
    }

    assert {name: scopes for name, scopes in scopes_of.items() if len(scopes) != 1} == {}
    assert {scopes[0] for scopes in scopes_of.values()} == {"read", "stylize", "account"}


def test_the_upload_form_has_every_field(api):
    body = api["paths"]["/v1/stylizations"]["post"]["requestBody"]
    form = body["content"]["multipart/form-data"]["schema"]

    assert set(form["properties"]) == {
        *("file", "picture_id", "style_id", "styles", "style", "tau", "levels", "keep_color"),
        *("brush", "output_format", "max_side_px", "title", "client_key"),
    }


def test_the_json_body_of_a_request_is_complete(api):
    body = api["paths"]["/v1/stylizations"]["post"]["requestBody"]
    schema = body["content"]["application/json"]["schema"]
    named = set(re.findall(r"#/components/schemas/(\w+)", json.dumps(schema)))

    assert schema["required"] == ["picture_id"]
    assert named == {"StyleShareBody", "Levels", "Brush", "PictureFormat"}
    assert named <= api["components"]["schemas"].keys()
