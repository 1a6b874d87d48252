"""`dualtrans`: what it offers, what it hands on, and how it says what is wrong."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path

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

    said = capsys.readouterr().out
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
    )
    for name in commands:
        assert f"    {name} " in said


def test_an_unknown_command_is_refused_with_the_known_ones(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["fly"])

    assert "serve" in capsys.readouterr().err


def test_importing_it_loads_neither_the_model_nor_the_web_framework() -> None:
    look = "import sys, cli.main; print(*sys.modules)"

    loaded = subprocess.run(
        [sys.executable, "-c", look], capture_output=True, text=True, check=True
    ).stdout.split()

    assert not {"torch", "numpy", "model", "worker", "fastapi"} & set(loaded)


@pytest.mark.parametrize(
    ("name", "module"),
    [("stylize", "cli.stylize"), ("train", "model.training"), ("evaluate", "model.evaluation")],
)
def test_the_models_commands_run_in_processes_of_their_own(
    monkeypatch: pytest.MonkeyPatch, name: str, module: str
) -> None:
    ran = note_processes(monkeypatch)

    assert main([name, "--tau", "0.5", "--help"]) == 7
    assert ran == [[sys.executable, "-m", module, "--tau", "0.5", "--help"]]


def test_a_mark_that_cannot_be_drawn_is_told_before_anything_is_painted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = note_processes(monkeypatch)
    monkeypatch.setenv("DUALTRANS_LABEL_TEXT", "AI生成龘")

    assert main(["stylize", "photo.jpg", "--mark"]) == 2

    assert "label_text" in (said := one_line(capsys.readouterr().err))
    assert "龘" in said
    assert ran == []


def note_processes(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Start none, note all; each ends with 7."""
    ran: list[list[str]] = []

    def run(command: list[str], *, check: bool) -> subprocess.CompletedProcess[str]:
        ran.append(command)
        return subprocess.CompletedProcess(command, 7)

    monkeypatch.setattr(subprocess, "run", run)
    monkeypatch.setattr(command_line, "find_spec", lambda _: object())
    return ran


def test_without_the_models_packages_a_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command_line, "find_spec", lambda _: None)

    assert main(["stylize", "photo.jpg"]) == 1

    assert "pip install 'dualtrans[all]'" in one_line(capsys.readouterr().err)


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

    said = one_line(capsys.readouterr().err)
    assert package in said
    assert f"dualtrans[{extra}]" in said


def test_each_worker_of_serve_shows_its_metrics_on_a_port_of_its_own() -> None:
    settings = Settings(workers=2, metrics_port=9100)

    children = serve._children(settings, ["a worker"])

    ports = [child.environment.get("DUALTRANS_METRICS_PORT") for child in children]
    assert ports == [None, "9100", "9101"]


def test_a_setting_that_is_not_valid_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUALTRANS_PORT", "eighty")

    assert main(["migrate"]) == 2

    assert "port" in one_line(capsys.readouterr().err)


def test_a_database_that_does_not_answer_is_told_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")

    assert main(["migrate"]) == 1

    assert "database does not answer" in one_line(capsys.readouterr().err)


def test_a_database_is_migrated_and_may_be_again(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate"]) == 0
    assert main(["migrate"]) == 0

    assert "up to date" in capsys.readouterr().out


def test_a_key_is_made_listed_and_revoked(capsys: pytest.CaptureFixture[str]) -> None:
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


def test_a_key_is_made_with_scopes_a_limit_and_an_end(
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
def test_a_key_of_no_use_is_refused(wrong: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["keys", "create", "x", *wrong])

    assert wrong[0] in capsys.readouterr().err


def test_a_users_tokens_are_ended_and_a_user_is_erased(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["keys", "create", "my app"])
    capsys.readouterr()
    main(["users", "list"])
    user_id = one_line(capsys.readouterr().out).split()[0]

    assert main(["users", "end-tokens", user_id]) == 0
    assert main(["users", "erase", user_id, "--yes"]) == 0

    user = the_user(data_dir, user_id)
    assert (user.token_version, user.kind, user.name) == (2, "erased", "")


def test_a_user_is_not_erased_without_a_second_word(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["users", "erase", "usr_1"])

    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["end-tokens", "usr_1"], ["erase", "usr_1", "--yes"]])
def test_a_user_who_is_not_there_is_told(
    verb: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["users", *verb]) == 1

    assert "usr_1" in one_line(capsys.readouterr().err)


def the_user(data_dir: Path, user_id: str) -> User:
    database = open_database(Settings(data_dir=data_dir))
    with database.reading() as session:
        user = session.get_one(User, user_id)
    database.close()
    return user


def test_revoking_a_key_that_is_not_there_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["keys", "revoke", "dt_nothing"]) == 1

    assert "dt_nothing" in one_line(capsys.readouterr().err)


def test_what_a_picture_says_of_its_making_is_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_labelled(Image.new("RGB", (64, 64)), tmp_path / "made.png", quality=90)

    assert main(["label", str(tmp_path / "made.png")]) == 0

    name, _, record = one_line(capsys.readouterr().out).partition("  ")
    assert name == str(tmp_path / "made.png")
    assert json.loads(record)["ContentProducer"] == "DualTrans"
    assert json.loads(record)["ProduceID"].startswith("stl_")


def test_a_picture_that_says_nothing_is_told_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(jpeg())

    assert main(["label", str(tmp_path / "photo.jpg")]) == 1

    assert "no label" in one_line(capsys.readouterr().out)


def test_a_file_that_is_no_picture_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("no picture")

    assert main(["label", str(tmp_path / "notes.txt")]) == 1

    assert "notes.txt cannot be read" in one_line(capsys.readouterr().err)


def test_a_format_that_carries_no_label_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.tif cannot carry the label; use \.jpg"):
        save_labelled(Image.new("RGB", (64, 64)), tmp_path / "a.tif", quality=90)


def test_a_demo_without_a_key_says_where_one_comes_from(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo", str(tmp_path / "photo.jpg")]) == 1

    assert "dualtrans serve" in one_line(capsys.readouterr().err)


def test_a_demo_without_a_service_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")

    status = main(
        ["demo", str(tmp_path / "photo.jpg"), "--url", "http://127.0.0.1:1", "--key", "dt_x"]
    )

    assert status == 1
    assert "does not answer" in one_line(capsys.readouterr().err)


def test_a_demo_shows_what_the_service_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "photo.jpg").write_bytes(b"")
    refusal = httpx.Response(422, json={"error": {"code": "x", "message": "too small"}})
    monkeypatch.setattr(httpx.Client, "post", lambda *_, **__: refusal)

    assert main(["demo", str(tmp_path / "photo.jpg"), "--key", "dt_x"]) == 1

    assert "too small" in one_line(capsys.readouterr().err)


def test_a_key_made_here_opens_the_same_database(
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
    """A row that failed an hour ago, in the database of the commands."""
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


def test_the_queue_is_told_also_without_its_server(
    failed_row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["queue", "requeue", failed_row]) == 0
    assert main(["queue"]) == 0

    said = capsys.readouterr().out
    assert "queued   1" in said
    assert "oldest   0 s" in said
    assert "wake-ups unknown" in said


def test_the_queue_says_which_workers_are_there_and_how_many_wake_ups_wait(
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

    said = capsys.readouterr().out
    assert "wake-ups 1" in said
    assert re.search(r"wrk_1  busy +0 s ago  cuda", said)


@pytest.mark.parametrize(("since", "count"), [("2", 1), ("0.5", 0)])
def test_what_failed_within_some_hours_is_queued_again_by_its_code(
    failed_row: str, capsys: pytest.CaptureFixture[str], since: str, count: int
) -> None:
    assert main(["queue", "requeue", "--failed-with", "worker_died", "--since", since]) == 0

    assert f"queued again: {count}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ([], "ids"),
        (["stl_1", "--failed-with", "worker_died", "--since", "1"], "ids"),
        (["--failed-with", "worker_died"], "--since"),
        (["stl_none"], "stl_none"),
    ],
)
def test_what_cannot_be_queued_again_is_told_in_one_line(
    failed_row: str, capsys: pytest.CaptureFixture[str], options: list[str], word: str
) -> None:
    assert main(["queue", "requeue", *options]) == 1

    assert word in one_line(capsys.readouterr().err.splitlines()[-1])


def test_purging_says_how_many_results_it_concerns(
    failed_row: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["purge", "--days", "7", "--dry-run"]) == 0
    assert main(["purge", "--days", "7"]) == 0

    assert capsys.readouterr().out.splitlines() == [
        "results that would be forgotten: 0",
        "results that are forgotten: 0",
    ]


@pytest.mark.parametrize("days", ["-1", "nan", "many"])
def test_purging_takes_a_number_of_days(days: str) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["purge", "--days", days])


def test_a_database_without_tables_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["purge", "--days", "7"]) == 1

    assert "no such table" in one_line(capsys.readouterr().err)


def test_waiting_for_a_migration_changes_nothing_and_ends_when_it_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate", "--wait", "0"]) == 1
    assert "dualtrans migrate" in one_line(capsys.readouterr().err)

    assert main(["migrate"]) == 0
    assert main(["migrate", "--wait", "0"]) == 0


def test_waiting_for_a_database_that_does_not_answer_ends_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://127.0.0.1:1/none")

    assert main(["migrate", "--wait", "0"]) == 1

    assert "after 0 s" in one_line(capsys.readouterr().err)


def one_line(said: str) -> str:
    lines = said.strip().splitlines()
    assert len(lines) == 1, said
    return lines[0]
