"""`dualtrans`: its commands, their output and their error messages."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import httpx
import pytest
from PIL import Image

from app.accounts.service import create_key
from cli import main as command_line
from cli import serve
from cli.label import save_labelled
from cli.main import main
from core.db.base import now_utc
from core.db.engine import open_database
from core.db.migrations.upgrade import upgrade
from core.db.users import User
from core.db.workers import WorkerHeartbeat, WorkerState
from core.settings import Settings
from core.storage import open_storage
from tests.factories import jpeg, make_stylization


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DUALTRANS_DATA_DIR", str(tmp_path))
    return tmp_path


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])

    output = capsys.readouterr().out
    commands = (
        "serve",
        "stylize",
        "train",
        "evaluate",
        "label",
        "keys",
        "users",
        "demo",
        "migrate",
        "doctor",
        "queue",
        "purge",
        "reviews",
        "convert-vgg",
    )
    for name in commands:
        assert re.search(rf"^    {name}\s", output, re.MULTILINE)


def test_an_unknown_command_is_rejected_with_a_list_of_commands(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])

    assert "serve" in capsys.readouterr().err


def test_importing_main_loads_neither_the_model_nor_the_web_framework() -> None:
    program = "import sys, cli.main; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"torch", "numpy", "model", "worker", "fastapi"} & set(loaded)


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("stylize", "cli.stylize"),
        ("train", "cli.train"),
        ("evaluate", "cli.evaluate"),
        ("convert-vgg", "cli.convert_vgg"),
    ],
)
def test_a_command_of_the_model_gets_its_arguments_and_returns_its_status(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    calls: list[tuple[str, list[str]]] = []

    def import_module(imported: str) -> SimpleNamespace:
        return SimpleNamespace(main=lambda arguments: calls.append((imported, arguments)) or 7)

    monkeypatch.setattr(command_line, "import_module", import_module)

    assert main([name, "--tau", "0.5", "--help"]) == 7
    assert calls == [(module, ["--tau", "0.5", "--help"])]


@pytest.mark.parametrize("name", ["stylize", "train", "evaluate", "convert-vgg"])
def test_the_help_of_a_command_of_the_model_shows_how_to_call_it(
    capsys: pytest.CaptureFixture[str], name: str
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])

    assert capsys.readouterr().out.startswith(f"usage: dualtrans {name} ")


def test_ctrl_c_returns_130_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(command_line, "import_module", lambda _: SimpleNamespace(main=interrupt))

    assert main(["stylize", "photo.jpg"]) == 130


def test_a_mark_that_cannot_be_drawn_is_reported_before_the_model_is_loaded(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from model.inference import Stylizer

    loaded: list[object] = []
    monkeypatch.setattr(Stylizer, "load", lambda *_, **__: loaded.append(None))
    monkeypatch.setenv("DUALTRANS_LABEL_TEXT", "AI生成龘")

    assert main(["stylize", "photo.jpg", "--style", "great-wave", "--mark"]) == 2

    assert "label_text" in (line := one_line(capsys.readouterr().err))
    assert "龘" in line
    assert loaded == []


@pytest.mark.parametrize(
    ("name", "missing", "extra"), [("stylize", "torch", "all"), ("keys", "app", "app")]
)
def test_without_its_packages_a_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
    missing: str,
    extra: str,
) -> None:
    def import_module(_: str) -> None:
        raise ModuleNotFoundError(name=missing)

    monkeypatch.setattr(command_line, "import_module", import_module)

    assert main([name, "photo.jpg"]) == 1

    line = one_line(capsys.readouterr().err)
    assert f"the package {missing}" in line
    assert f"pip install 'dualtrans[{extra}]'" in line


def test_an_import_error_in_our_own_code_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    def import_module(_: str) -> None:
        raise ModuleNotFoundError(name="core.nowhere")

    monkeypatch.setattr(command_line, "import_module", import_module)

    with pytest.raises(ModuleNotFoundError):
        main(["keys", "list"])


@pytest.mark.parametrize(("package", "extra"), [("uvicorn", "app"), ("torch", "worker")])
def test_serve_without_a_package_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    package: str,
    extra: str,
) -> None:
    monkeypatch.setattr(
        serve, "find_spec", lambda name: None if name == package else find_spec(name)
    )
    monkeypatch.setattr(serve, "configure_logging", lambda *_: None)

    assert main(["serve", "--port", "0"]) == 1

    line = one_line(capsys.readouterr().err)
    assert package in line
    assert f"dualtrans[{extra}]" in line


def test_each_worker_of_serve_has_its_own_metrics_port() -> None:
    settings = Settings(workers=2, metrics_port=9100)

    children = serve._children(settings, ["a worker"])

    ports = [child.environment.get("DUALTRANS_METRICS_PORT") for child in children]
    assert ports == [None, "9100", "9101"]


def test_an_invalid_setting_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUALTRANS_PORT", "eighty")

    assert main(["migrate"]) == 2

    assert "port" in one_line(capsys.readouterr().err)


def test_an_unreachable_database_is_reported_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")

    assert main(["migrate"]) == 1

    assert "database is not reachable" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize("command", [["migrate"], ["migrate", "--wait", "0"], ["users", "list"]])
def test_a_database_without_utf8_is_refused_in_one_line(
    command: list[str],
    ascii_postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", ascii_postgres_url)

    assert main(command) == 1

    line = one_line(capsys.readouterr().err)
    assert "encoding SQL_ASCII, but needs UTF8" in line
    assert "CREATE DATABASE dualtrans ENCODING 'UTF8'" in line


def test_migrating_twice_is_allowed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0

    assert "up to date" in capsys.readouterr().out


def test_a_key_is_created_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
    main(["keys", "create", "my app"])
    key = capsys.readouterr().out.strip()
    main(["keys", "list"])
    listed = capsys.readouterr().out
    main(["keys", "revoke", key[:11]])
    main(["keys", "list"])

    assert key.startswith("dt_")
    assert key not in listed
    assert "active" in listed
    assert "my app" in listed
    assert "revoked" in capsys.readouterr().out


def test_a_key_has_the_scopes_limit_and_expiry_of_its_options(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["keys", "create", "wall", "--scope", "read", "--uploads-per-minute", "5", "--days", "90"])
    capsys.readouterr()
    main(["keys", "list"])

    listed = one_line(capsys.readouterr().out)
    until = (now_utc() + timedelta(days=90)).strftime("until %Y-%m-%d")
    assert "   5/min  read  " in listed
    assert until in listed


def test_a_key_without_options_reads_and_stylizes_until_it_is_revoked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    main(["keys", "create", "app"])
    capsys.readouterr()
    main(["keys", "list"])

    assert " until revoked      120/min  read stylize " in one_line(capsys.readouterr().out)


@pytest.mark.parametrize("name", ["", " ", "\u200b", "a\nb", "x" * 201, "\udcff"])
def test_a_key_needs_a_visible_name_of_one_line(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "create", name]) == 1

    assert "The value of name is not valid" in one_line(capsys.readouterr().err)


@pytest.mark.parametrize(
    "wrong",
    [
        ["--scope", "everything"],
        ["--uploads-per-minute", "0"],
        ["--uploads-per-minute", "many"],
        ["--days", "-1"],
        ["--days", "99999999"],
    ],
)
def test_invalid_options_of_a_key_are_rejected(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["keys", "create", "x", *wrong])

    assert wrong[0] in capsys.readouterr().err


def test_the_tokens_of_a_user_are_revoked_and_the_user_is_erased(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "create", "my app"])
    capsys.readouterr()
    main(["users", "list"])
    user_id = one_line(capsys.readouterr().out).split()[0]

    assert main(["users", "end-tokens", user_id]) == 0
    assert main(["users", "erase", user_id, "--yes"]) == 0

    user = load_user(data_dir, user_id)
    assert (user.token_version, user.kind, user.name) == (2, "erased", "")


def test_erasing_a_user_needs_a_confirmation(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["users", "erase", "usr_1"])

    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize("action", [["end-tokens", "usr_1"], ["erase", "usr_1", "--yes"]])
def test_an_unknown_user_is_reported(action: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["users", *action]) == 1

    assert "usr_1" in one_line(capsys.readouterr().err)


def load_user(data_dir: Path, user_id: str) -> User:
    database = open_database(Settings(data_dir=data_dir))
    with database.reading() as session:
        user = session.get_one(User, user_id)
    database.close()
    return user


def test_revoking_an_unknown_key_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "revoke", "dt_nothing"]) == 1

    assert "dt_nothing" in one_line(capsys.readouterr().err)


def test_the_label_of_a_picture_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_labelled(Image.new("RGB", (64, 64)), tmp_path / "made.png", quality=90)

    assert main(["label", str(tmp_path / "made.png")]) == 0

    name, _, record = one_line(capsys.readouterr().out).partition("  ")
    assert name == str(tmp_path / "made.png")
    assert json.loads(record)["ContentProducer"] == "DualTrans"
    assert json.loads(record)["ProduceID"].startswith("stl_")


def test_a_picture_without_a_label_returns_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg())

    assert main(["label", str(tmp_path / "photo.jpg")]) == 1

    assert "no label" in one_line(capsys.readouterr().out)


def test_a_file_that_is_not_a_picture_is_reported(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")

    assert main(["label", str(tmp_path / "notes.txt")]) == 1

    assert "notes.txt cannot be read" in one_line(capsys.readouterr().err)


def test_a_format_that_cannot_carry_a_label_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.tif cannot carry the label; use \.jpg"):
        save_labelled(Image.new("RGB", (64, 64)), tmp_path / "a.tif", quality=90)


def test_a_demo_without_a_key_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(tmp_path / "photo.jpg")]) == 1

    assert "dualtrans serve" in one_line(capsys.readouterr().err)


def test_a_demo_without_a_service_reports_that(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")

    status = main(
        ["demo", str(tmp_path / "photo.jpg"), "--url", "http://127.0.0.1:1", "--key", "dt_x"]
    )

    assert status == 1
    assert "is not reachable" in one_line(capsys.readouterr().err)


def test_a_demo_prints_the_error_of_the_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    refusal = httpx.Response(422, json={"error": {"code": "x", "message": "too small"}})
    monkeypatch.setattr(httpx.Client, "post", lambda *_, **__: refusal)

    assert main(["demo", str(tmp_path / "photo.jpg"), "--key", "dt_x"]) == 1

    assert "too small" in one_line(capsys.readouterr().err)


def test_keys_are_stored_in_the_database_of_the_service(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "create", "first"])
    database = open_database(Settings(data_dir=data_dir))
    create_key(database, "second")
    database.close()
    capsys.readouterr()

    main(["keys", "list"])

    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.fixture
def failed_row(data_dir: Path) -> Iterator[str]:
    """A job that failed an hour ago, in the database of the commands."""
    settings = Settings(data_dir=data_dir)
    database = open_database(settings)
    upgrade(database)
    with database.transaction() as session:
        finished = now_utc() - timedelta(hours=1)
        row_id = make_stylization(
            session,
            open_storage(settings),
            status="failed",
            error_code="worker_died",
            finished_at=finished,
        ).id
    yield row_id
    database.close()


def test_the_queue_is_printed_when_redis_is_not_reachable(
    failed_row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["queue", "requeue", failed_row]) == 0
    assert main(["queue"]) == 0

    output = capsys.readouterr().out
    assert "queued        1" in output
    assert "oldest        0 s" in output
    assert "notifications unknown" in output


def test_the_queue_lists_the_workers_and_counts_the_pending_notifications(
    failed_row: str,
    data_dir: Path,
    redis_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("REDIS_URL", redis_url)
    database = open_database(Settings(data_dir=data_dir))
    with database.transaction() as session:
        session.add(WorkerHeartbeat(id="wrk_1", state=WorkerState.BUSY, device="cuda"))
    database.close()

    main(["queue", "requeue", failed_row])
    main(["queue"])

    output = capsys.readouterr().out
    assert "notifications 1" in output
    assert re.search(r"wrk_1  busy +0 s ago  cuda", output)


@pytest.mark.parametrize(("since", "count"), [("2", 1), ("0.5", 0)])
def test_jobs_that_failed_recently_with_a_code_are_queued_again(
    failed_row: str, capsys: pytest.CaptureFixture[str], since: str, count: int
) -> None:
    assert main(["queue", "requeue", "--failed-with", "worker_died", "--since", since]) == 0

    assert f"queued again: {count}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ([], "ids"),
        (["stl_1", "--failed-with", "worker_died", "--since", "1"], "ids"),
        (["--failed-with", "worker_died"], "--since"),
        (["stl_none"], "stl_none"),
    ],
)
def test_a_job_that_cannot_be_queued_again_is_reported_in_one_line(
    failed_row: str, capsys: pytest.CaptureFixture[str], options: list[str], reason: str
) -> None:
    assert main(["queue", "requeue", *options]) == 1

    assert reason in one_line(capsys.readouterr().err.splitlines()[-1])


def test_purging_prints_the_number_of_results(
    failed_row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["purge", "--days", "7", "--dry-run"]) == 0
    assert main(["purge", "--days", "7"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "results that would be removed: 0",
        "results that are removed: 0",
    ]


@pytest.mark.parametrize("days", ["-1", "nan", "many"])
def test_purging_needs_a_number_of_days(days: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["purge", f"--days={days}"])

    assert f"argument --days: '{days}' is not a number from 0" in capsys.readouterr().err


@pytest.mark.parametrize("hours", ["0", "nan", "many"])
def test_requeueing_needs_a_number_of_hours(hours: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["queue", "requeue", "--failed-with", "worker_died", f"--since={hours}"])

    assert f"argument --since: '{hours}' is not a number above 0" in capsys.readouterr().err


def test_a_database_without_tables_is_reported_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["purge", "--days", "7"]) == 1

    assert "no such table" in one_line(capsys.readouterr().err)


def test_waiting_for_a_migration_changes_nothing_and_ends_after_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate", "--wait", "0"]) == 1
    assert "dualtrans migrate" in one_line(capsys.readouterr().err)

    assert main(["migrate"]) == 0
    assert main(["migrate", "--wait", "0"]) == 0


def test_waiting_for_an_unreachable_database_ends_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")

    assert main(["migrate", "--wait", "0"]) == 1

    assert "after 0 s" in one_line(capsys.readouterr().err)


def one_line(output: str) -> str:
    lines = output.strip().splitlines()
    assert len(lines) == 1, output
    return lines[0]
