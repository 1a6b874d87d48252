"""The path `/` serves the mini program runner if it is built, otherwise a page of instructions."""

from pathlib import Path

import pytest

from app.static_client import service
from cli.development_login import allows_development_login_by_default
from core.settings import Settings


@pytest.fixture
def client(make_client, runner: Path):
    """A client of a service that serves the runner."""
    return make_client(miniprogram_dir=runner).without_key()


@pytest.fixture
def client_without_runner(make_client, tmp_path: Path):
    """A client of a service without a runner."""
    return make_client(miniprogram_dir=tmp_path / "none").without_key()


def test_the_start_page_of_the_runner_is_served_at_the_root(client):
    response = client.get("/")

    assert (response.status_code, response.text) == (200, "<title>the mini program</title>")
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert response.headers["Cache-Control"] == "no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("app.js", "text/javascript; charset=utf-8"),
        ("pictures/pot.webp", "image/webp"),
        ("icons/works.svg", "image/svg+xml"),
    ],
)
def test_a_file_of_the_runner_has_its_content_type(client, runner, name, content_type):
    (runner / name).parent.mkdir(exist_ok=True)
    (runner / name).write_bytes(b"content")

    response = client.get(f"/{name}")

    assert (response.status_code, response.content) == (200, b"content")
    assert response.headers["Content-Type"] == content_type


def test_a_cached_file_is_sent_again_only_after_a_change(client, runner):
    etag = client.get("/").headers["ETag"]

    unchanged = client.get("/", headers={"If-None-Match": etag})
    (runner / "index.html").write_text("another")
    changed = client.get("/", headers={"If-None-Match": etag})

    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert (changed.status_code, changed.text) == (200, "another")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.html",
        "/%2e%2e/secret.html",
        "/pictures/..%2f..%2fsecret.html",
        "/..%5csecret.html",
        "/link.html",
        "/%00.html",
        "/%2findex.html",
        f"/{'x' * 5000}.html",
    ],
)
def test_files_outside_the_folder_are_not_served(client, runner, path):
    secret = runner.parent / "secret.html"
    secret.write_text("secret")
    (runner / "link.html").symlink_to(secret)

    response = client.get(path)

    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_an_absolute_path_is_not_served(client, runner):
    assert client.get(f"/%2f{str(runner)[1:]}/index.html").status_code == 404


def test_files_of_other_types_are_not_served(client, runner):
    (runner / ".env").write_text("private settings")
    (runner / "build.py").write_text("a program")

    assert client.get("/.env").status_code == 404
    assert client.get("/build.py").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/config", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]
)
def test_the_routes_of_the_api_have_precedence(client, runner, path):
    (runner / path[1:]).parent.mkdir(exist_ok=True)
    (runner / path[1:]).write_text("a decoy")

    response = client.get(path)

    assert response.status_code == 200
    assert response.text != "a decoy"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("POST", "/v1/nothing", 404), ("PUT", "/v1/config", 405)],
)
def test_errors_of_the_api_keep_their_envelope(client, method, path, status):
    response = client.request(method, path)

    assert response.status_code == status
    assert response.json()["error"]["request_id"]


def test_the_start_page_accepts_no_post(client, client_without_runner):
    for response in (client.post("/"), client_without_runner.post("/")):
        assert response.status_code == 405
        assert response.headers["Allow"] == "GET, HEAD, OPTIONS"


def test_a_part_of_a_file_is_sent(client, runner):
    (runner / "app.js").write_bytes(b"0123456789")

    response = client.get("/app.js", headers={"Range": "bytes=2-4"})

    assert (response.status_code, response.content) == (206, b"234")
    assert response.headers["Content-Range"] == "bytes 2-4/10"


def test_the_headers_of_a_file_can_be_requested_with_head(client, runner):
    (runner / "app.js").write_bytes(b"0" * 300_000)

    response = client.request("HEAD", "/app.js")

    assert (response.status_code, response.content) == (200, b"")
    assert response.headers["Content-Length"] == "300000"


def test_without_a_runner_the_page_says_how_to_build_it(client_without_runner):
    response = client_without_runner.get("/")

    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "再运行 <code>make run</code>" in response.text
    assert "run <code>make run</code> again" in response.text
    assert 'href="/docs"' in response.text


def test_without_its_sources_the_page_does_not_say_how_to_build_the_runner(
    client_without_runner, monkeypatch, tmp_path
):
    monkeypatch.setattr(service, "MINIPROGRAM_SOURCES", tmp_path)

    page = client_without_runner.get("/").text

    assert "make run" not in page
    assert 'href="/docs"' in page


def test_without_a_runner_no_file_is_served(client_without_runner):
    assert client_without_runner.get("/index.html").status_code == 404
    assert client_without_runner.get("/app.js").status_code == 404


# The default of the development login


def settings_with(runner: Path, **changed) -> Settings:
    return Settings(miniprogram_dir=runner, **changed)


def test_the_development_login_is_on_for_a_local_service_with_a_runner(runner):
    assert allows_development_login_by_default(settings_with(runner))
    assert allows_development_login_by_default(settings_with(runner, host="localhost"))


@pytest.mark.parametrize(
    "changed",
    [
        {"dev_login": False},
        {"host": "0.0.0.0"},
        {"host": "192.168.1.5"},
        {"public_url": "https://art.example.cn"},
        {"cors_origins": ("*",)},
        {"wechat_appid": "wx0123456789abcdef"},
        {"redis_url": "redis://host"},
        {"database_url": "postgresql://host/dualtrans"},
        {"storage_url": "s3://bucket"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_the_development_login_is_off_if_the_service_is_set_up_for_others(runner, changed):
    assert not allows_development_login_by_default(settings_with(runner, **changed))


def test_the_development_login_is_off_without_a_runner(tmp_path):
    assert not allows_development_login_by_default(settings_with(tmp_path / "none"))
