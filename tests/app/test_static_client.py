"""What stands at `/`: the runner where it is built, else words; and never in the API's way."""

from pathlib import Path

import pytest

from app.static_client import service
from cli.development_login import allows_development_login_by_default
from core.settings import Settings


@pytest.fixture
def shown(make_client, runner: Path):
    """A service that shows a runner."""
    return make_client(miniprogram_dir=runner).without_key()


@pytest.fixture
def unbuilt(make_client, tmp_path: Path):
    """A service that has no runner to show."""
    return make_client(miniprogram_dir=tmp_path / "none").without_key()


def test_the_start_page_of_the_runner_stands_at_the_root(shown):
    answer = shown.get("/")

    assert (answer.status_code, answer.text) == (200, "<title>the mini program</title>")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("name", "content_type"),
    [
        ("app.js", "text/javascript; charset=utf-8"),
        ("pictures/pot.webp", "image/webp"),
        ("icons/works.svg", "image/svg+xml"),
    ],
)
def test_a_file_of_the_runner_has_the_type_of_its_kind(shown, runner, name, content_type):
    (runner / name).parent.mkdir(exist_ok=True)
    (runner / name).write_bytes(b"content")

    answer = shown.get(f"/{name}")

    assert (answer.status_code, answer.content) == (200, b"content")
    assert answer.headers["Content-Type"] == content_type


def test_a_file_that_is_known_is_sent_again_only_when_it_was_built_anew(shown, runner):
    etag = shown.get("/").headers["ETag"]

    unchanged = shown.get("/", headers={"If-None-Match": etag})
    (runner / "index.html").write_text("another")
    changed = shown.get("/", headers={"If-None-Match": etag})

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
def test_nothing_outside_the_folder_is_shown(shown, runner, path):
    secret = runner.parent / "secret.html"
    secret.write_text("secret")
    (runner / "link.html").symlink_to(secret)

    answer = shown.get(path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")


def test_the_absolute_name_of_a_file_is_not_its_address(shown, runner):
    assert shown.get(f"/%2f{str(runner)[1:]}/index.html").status_code == 404


def test_a_file_of_a_kind_that_no_runner_has_is_not_shown(shown, runner):
    (runner / ".env").write_text("a person's own")
    (runner / "build.py").write_text("a program")

    assert shown.get("/.env").status_code == 404
    assert shown.get("/build.py").status_code == 404


@pytest.mark.parametrize(
    "path", ["/v1/config", "/healthz", "/readyz", "/metrics", "/docs", "/openapi.json"]
)
def test_what_the_api_answers_stays_the_apis(shown, runner, path):
    (runner / path[1:]).parent.mkdir(exist_ok=True)
    (runner / path[1:]).write_text("a decoy")

    answer = shown.get(path)

    assert answer.status_code == 200
    assert answer.text != "a decoy"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/v1/nothing", 404), ("POST", "/v1/nothing", 404), ("PUT", "/v1/config", 405)],
)
def test_what_the_api_refuses_is_refused_in_its_envelope(shown, method, path, status):
    answer = shown.request(method, path)

    assert answer.status_code == status
    assert answer.json()["error"]["request_id"]


def test_nothing_can_be_sent_to_the_start_page(shown):
    assert shown.post("/").status_code == 404


def test_without_a_runner_the_page_says_how_to_see_it(unbuilt):
    answer = unbuilt.get("/")

    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "再运行 <code>make run</code>" in answer.text
    assert "run <code>make run</code> again" in answer.text
    assert 'href="/docs"' in answer.text


def test_where_no_runner_can_be_built_the_page_does_not_say_how(unbuilt, monkeypatch, tmp_path):
    monkeypatch.setattr(service, "MINIPROGRAM_SOURCES", tmp_path)

    page = unbuilt.get("/").text

    assert "make run" not in page
    assert 'href="/docs"' in page


def test_without_a_runner_there_is_nothing_else_to_see(unbuilt):
    assert unbuilt.get("/index.html").status_code == 404
    assert unbuilt.get("/app.js").status_code == 404


# Who may log in to it


def trial(runner: Path, **changed) -> Settings:
    return Settings(miniprogram_dir=runner, **changed)


def test_on_a_newcomers_machine_the_runner_may_log_in(runner):
    assert allows_development_login_by_default(trial(runner))
    assert allows_development_login_by_default(trial(runner, host="localhost"))


@pytest.mark.parametrize(
    "changed",
    [
        {"dev_login": False},
        {"host": "0.0.0.0"},
        {"host": "192.168.1.5"},
        {"public_url": "https://art.example.cn"},
        {"wechat_appid": "wx0123456789abcdef"},
        {"redis_url": "redis://host"},
        {"database_url": "postgresql://host/dualtrans"},
        {"storage_url": "s3://bucket"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_where_anything_is_set_for_others_it_may_not(runner, changed):
    assert not allows_development_login_by_default(trial(runner, **changed))


def test_without_a_runner_nobody_is_let_in(tmp_path):
    assert not allows_development_login_by_default(trial(tmp_path / "none"))
