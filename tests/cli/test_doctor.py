"""`dualtrans doctor`: every problem is reported, and nothing else."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis
from safetensors.torch import save_file

from cli import environment_checks, setting_checks
from cli.check_results import CheckResult
from cli.main import main
from core.db.base import now_utc
from core.db.cloud_mirror import MirrorEntry
from core.db.engine import DatabaseEncodingError, open_database
from core.db.migrations.upgrade import downgrade, upgrade
from core.settings import Settings
from tests.fake_wechat import APPID, SECRET, FakeWeChat
from tests.model.samples import random_vgg_weights

LONG_SECRETS = "s" * 32


def with_wechat(settings: Settings, **changed: Any) -> Settings:
    wechat = {
        "wechat_appid": APPID,
        "wechat_secret": SecretStr(SECRET),
        "public_url": "https://art.example.cn",
        **changed,
    }
    return settings.model_copy(update=wechat)


def verdict_and_message(result: CheckResult) -> tuple[str, str]:
    assert (result.fix is None) == (result.verdict == "ok")
    return result.verdict, result.message


# The settings


@pytest.mark.parametrize(
    ("address", "verdict", "message"),
    [
        ("https://art.example.cn", "ok", ""),
        ("https://art.example.cn/", "ok", ""),
        (None, "bad", "not set"),
        ("http://art.example.cn", "bad", "not https"),
        ("https://203.0.113.7", "bad", "IP address"),
        ("https://[2001:db8::1]", "bad", "IP address"),
        ("http://203.0.113.7:80", "bad", "is not https and has an IP address"),
        ("https://localhost", "bad", "no public domain"),
        ("https://nas.local", "bad", "no public domain"),
        ("https://", "bad", "not a valid URL"),
        ("art.example.cn", "bad", "not a valid URL"),
        ("https://art.example.cn:port", "bad", "not a valid URL"),
        ("https://art.example.cn:8443", "warn", "port"),
        ("https://art.example.cn:443", "warn", "port"),
    ],
)
def test_urls_that_wechat_rejects_are_reported(
    settings: Settings, address: str | None, verdict: str, message: str
) -> None:
    result = setting_checks.check_public_url(with_wechat(settings, public_url=address))

    assert result.verdict == verdict
    assert message in verdict_and_message(result)[1]


def test_without_wechat_any_url_is_accepted(settings: Settings) -> None:
    plain = settings.model_copy(update={"public_url": "http://192.168.1.5:8000"})

    assert setting_checks.check_public_url(settings).verdict == "ok"
    assert setting_checks.check_public_url(plain).verdict == "warn"


@pytest.mark.parametrize(
    ("changed", "verdict", "message"),
    [
        ({}, "ok", APPID),
        ({"wechat_appid": None, "wechat_secret": None}, "ok", "not set up"),
        ({"wechat_secret": None}, "bad", "DUALTRANS_WECHAT_SECRET is not set"),
        ({"wechat_appid": None}, "bad", "DUALTRANS_WECHAT_APPID is not set"),
        ({"wechat_appid": "touristappid"}, "bad", "not an AppID"),
        ({"wechat_appid": "wx0123456789ABCDEF"}, "bad", "not an AppID"),
        ({"wechat_secret": SecretStr("wrong")}, "bad", "the AppSecret"),
        ({"wechat_url": "http://127.0.0.1:1"}, "warn", "called instead of WeChat"),
    ],
)
def test_malformed_credentials_are_reported_and_the_secret_is_not_printed(
    settings: Settings, changed: dict[str, Any], verdict: str, message: str
) -> None:
    result = setting_checks.check_wechat_settings(with_wechat(settings, **changed))

    assert result.verdict == verdict
    assert message in verdict_and_message(result)[1]
    assert SECRET not in str(result)
    assert "wrong" not in str(result)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"secret_keys": LONG_SECRETS}, "ok"),
        ({"secret_keys": "short"}, "bad"),
        ({"secret_keys": "s" * 16}, "warn"),
        ({"secret_keys": ",".join([LONG_SECRETS, "t" * 32, "u" * 32])}, "warn"),
        ({}, "ok"),
        ({"database_url": "postgresql://host/dualtrans"}, "warn"),
    ],
)
def test_short_or_missing_secrets_are_reported(
    settings: Settings, changed: dict[str, Any], verdict: str
) -> None:
    result = setting_checks.check_secrets(settings.model_copy(update=changed))

    assert verdict_and_message(result)[0] == verdict


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "ok"),
        ({"dev_login": True}, "warn"),
        ({"dev_login": True, "public_url": "https://art.example.cn"}, "bad"),
    ],
)
def test_a_login_without_a_password_on_a_public_service_is_reported(
    settings: Settings, changed: dict[str, Any], verdict: str
) -> None:
    result = setting_checks.check_development_login(settings.model_copy(update=changed))

    assert verdict_and_message(result)[0] == verdict


def test_the_default_login_of_the_mini_program_on_this_machine_is_mentioned(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("the mini program")
    settings = Settings(miniprogram_dir=tmp_path)

    result = setting_checks.check_development_login(settings)

    assert result.verdict == "ok"
    assert "for the mini program" in result.message


def test_an_unknown_variable_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    before = setting_checks.check_variables().verdict
    monkeypatch.setenv("DUALTRANS_RESULT_DAY", "7")

    result = setting_checks.check_variables()

    assert (before, result.verdict) == ("ok", "warn")
    assert "DUALTRANS_RESULT_DAY" in result.message


# The environment


def test_an_upgraded_database_passes(settings: Settings, database_url: str) -> None:
    settings = settings.model_copy(update={"database_url": database_url})
    database = open_database(settings)
    upgrade(database)
    database.close()

    assert environment_checks.check_database(settings).verdict == "ok"


def test_a_database_with_an_old_schema_is_reported(settings: Settings, database_url: str) -> None:
    settings = settings.model_copy(update={"database_url": database_url})
    database = open_database(settings)
    upgrade(database)
    downgrade(database, "0001")
    database.close()

    result = environment_checks.check_database(settings)

    assert (result.verdict, result.fix) == ("bad", "run `dualtrans migrate`")


def test_an_unreachable_database_is_reported(settings: Settings) -> None:
    unreachable = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/none"})

    assert environment_checks.check_database(unreachable).verdict == "bad"


def test_a_database_without_utf8_is_reported(settings: Settings, ascii_postgres_url: str) -> None:
    ascii = settings.model_copy(update={"database_url": ascii_postgres_url})

    result = environment_checks.check_database(ascii)

    assert (result.verdict, result.fix) == ("bad", DatabaseEncodingError.fix)
    assert "SQL_ASCII" in result.message
    assert list(environment_checks.check_former_cloud_mirror(ascii)) == []


def test_checking_creates_no_database(settings: Settings) -> None:
    assert environment_checks.check_database(settings).verdict == "ok"
    assert not settings.data_dir.exists()


@pytest.mark.parametrize(
    ("policy", "append_only", "verdict"),
    [
        ("noeviction", "yes", "ok"),
        ("allkeys-lru", "yes", "warn"),
        ("noeviction", "no", "warn"),
    ],
)
def test_a_queue_that_may_lose_notifications_is_reported(
    settings: Settings, policy: str, append_only: str, verdict: str
) -> None:
    with Redis.from_url(str(settings.redis_url)) as connection:
        before = {
            **connection.config_get("maxmemory-policy"),
            **connection.config_get("appendonly"),
        }
        connection.config_set("maxmemory-policy", policy)
        connection.config_set("appendonly", append_only)

        result = environment_checks.check_queue(settings)

        [connection.config_set(name, value) for name, value in before.items()]
    assert verdict_and_message(result)[0] == verdict


def test_an_unreachable_queue_is_reported(settings: Settings, tmp_path: Path) -> None:
    unreachable = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})
    embedded = settings.model_copy(update={"redis_url": None})

    assert environment_checks.check_queue(unreachable).verdict == "bad"
    assert environment_checks.check_queue(embedded).verdict == "ok"


def test_checking_a_storage_leaves_no_files(settings: Settings, s3_storage_url) -> None:
    bucket = settings.model_copy(update={"storage_url": s3_storage_url})
    bucket = bucket.model_copy(update={"storage_endpoint_url": Settings().storage_endpoint_url})

    assert environment_checks.check_storage(settings).verdict == "ok"
    assert [f for f in settings.data_dir.rglob("*") if f.is_file()] == []
    assert environment_checks.check_storage(bucket).verdict == "ok"


def test_a_storage_that_cannot_be_written_is_reported(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "storage").write_text("a file in the way")

    assert environment_checks.check_storage(settings).verdict == "bad"


def test_a_nearly_full_disk_is_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdict_before = environment_checks.check_disk(settings).verdict
    monkeypatch.setattr(environment_checks, "LOW_FREE_BYTES", 2**60)
    low_verdict = environment_checks.check_disk(settings).verdict
    monkeypatch.setattr(environment_checks, "MIN_FREE_BYTES", 2**60)

    assert [verdict_before, low_verdict, environment_checks.check_disk(settings).verdict] == [
        "ok",
        "warn",
        "bad",
    ]


@pytest.mark.parametrize(
    ("failure", "verdict", "message"),
    [
        (None, "ok", "accepts AppID and AppSecret"),
        (40013, "bad", "DUALTRANS_WECHAT_APPID"),
        (40125, "bad", "DUALTRANS_WECHAT_SECRET"),
        (40164, "bad", "white list"),
        (45009, "bad", "midnight"),
        (-1, "bad", "busy"),
        ("cut", "bad", "not reachable"),
    ],
)
def test_the_errors_of_wechat_are_reported_with_a_fix(
    settings: Settings, fake_wechat: FakeWeChat, failure: Any, verdict: str, message: str
) -> None:
    if failure is not None:
        fake_wechat.fail_with(failure)

    result = environment_checks.check_wechat_access(
        settings.model_copy(update=fake_wechat.settings())
    )

    assert result.verdict == verdict
    assert message in str(result)
    assert SECRET not in str(result)


def test_checking_wechat_does_not_replace_the_token_in_use(
    settings: Settings, fake_wechat: FakeWeChat
) -> None:
    before = fake_wechat.token

    environment_checks.check_wechat_access(settings.model_copy(update=fake_wechat.settings()))

    assert fake_wechat.token == before


H100 = {"torch": "2", "devices": [{"name": "H100", "memory_gib": 79.1}]}
NO_DEVICE = {"torch": "2", "devices": []}


@pytest.mark.parametrize(
    ("report", "wanted", "verdict"),
    [
        (NO_DEVICE, None, "ok"),
        (NO_DEVICE, "cuda", "bad"),
        (H100, None, "ok"),
        (H100, "cuda", "ok"),
        (H100, "cpu", "warn"),
        (None, None, "bad"),
    ],
)
def test_a_missing_device_is_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, report: Any, wanted: Any, verdict: str
) -> None:
    monkeypatch.setattr(environment_checks, "_query_devices", lambda: report)

    result = environment_checks.check_device(settings.model_copy(update={"device": wanted}))

    assert verdict_and_message(result)[0] == verdict


def test_a_machine_without_the_model_needs_no_device(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_checks, "find_spec", lambda _: None)

    assert environment_checks.check_device(settings).verdict == "ok"


# The refinement of own styles


def refinement(settings: Settings, **changed: Any) -> tuple[str, str]:
    result = environment_checks.check_refinement(settings.model_copy(update=changed))
    return verdict_and_message(result)


def test_refinement_is_off_by_default(settings: Settings, tmp_path: Path) -> None:
    found = refinement(settings, perceptual_weights=tmp_path)

    assert found == ("ok", "off: DUALTRANS_REFINEMENT_STEPS is 0")


@pytest.mark.slow
def test_refinement_with_the_compact_network_is_on(settings: Settings) -> None:
    found = refinement(settings, refinement_steps=40)

    assert found == ("ok", "on: 40 steps for each own style, compact perceptual network")


def test_packaged_weights_that_cannot_be_used_are_reported(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> "subprocess.CompletedProcess[str]":
        commands.append(command)
        return subprocess.CompletedProcess(command, 1, stdout="no such file\n", stderr="")

    monkeypatch.setattr(subprocess, "run", run)

    refining = settings.model_copy(update={"refinement_steps": 40})
    result = environment_checks.check_refinement(refining)

    assert verdict_and_message(result) == ("bad", "off: no such file")
    assert "DUALTRANS_REFINEMENT_STEPS" in str(result.fix)
    assert [command[1:] for command in commands] == [["-m", "worker.perceptual_weights"]]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "No such file or directory"), (b"no weights", "contains no weights")],
    ids=["missing", "other content"],
)
def test_perceptual_weights_that_cannot_be_used_are_reported(
    settings: Settings, tmp_path: Path, content: bytes | None, message: str
) -> None:
    path = tmp_path / "vgg.pth"
    if content is not None:
        path.write_bytes(content)

    verdict, found = refinement(settings, perceptual_weights=path, refinement_steps=40)

    assert verdict == "bad"
    assert found.startswith("off: ")
    assert message in found
    assert str(path) in found


@pytest.mark.slow
def test_refinement_with_vgg_19_is_on(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "vgg.safetensors"
    save_file(random_vgg_weights(), path)

    found = refinement(settings, perceptual_weights=path, refinement_steps=40)

    assert found == ("ok", f"on: 40 steps for each own style, {path}")


def test_a_machine_without_the_model_needs_no_perceptual_weights(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(environment_checks, "find_spec", lambda _: None)

    assert refinement(settings, perceptual_weights=tmp_path, refinement_steps=40)[0] == "ok"


# The command


@pytest.fixture
def healthy_environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which every check passes; the device is simulated."""
    monkeypatch.setenv("DUALTRANS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("REDIS_URL", str(settings.redis_url))
    monkeypatch.setattr(environment_checks, "_query_devices", lambda: NO_DEVICE)


def test_without_problems_it_returns_0(
    healthy_environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["doctor"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warn"}
    assert len(lines) == 11


def test_one_failed_check_returns_1_and_the_others_still_run(
    healthy_environment: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUALTRANS_WECHAT_APPID", APPID)
    monkeypatch.setenv("DUALTRANS_WECHAT_SECRET", "wrong")

    assert main(["doctor"]) == 1

    output = capsys.readouterr().out
    assert "bad   wechat" in output
    assert "ok    storage" in output
    assert "wrong" not in output


def test_the_results_can_be_printed_as_json(
    healthy_environment: None, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor", "--json"])

    results = json.loads(capsys.readouterr().out)
    assert {"verdict", "subject", "words", "remedy"} == set(results[0])


@pytest.mark.slow
def test_a_child_process_reports_the_devices() -> None:
    report = environment_checks._query_devices()

    assert report is not None
    assert set(report) == {"torch", "built_for_cuda", "devices"}


def test_a_failing_child_process_gives_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    failing = subprocess.CompletedProcess([], 1, stdout="", stderr="boom")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failing)

    assert environment_checks._query_devices() is None


# The cloud mirror


def test_documents_that_a_former_mirror_left_in_the_cloud_are_reported(settings: Settings) -> None:
    assert list(environment_checks.check_former_cloud_mirror(settings)) == []
    database = open_database(settings)
    upgrade(database)
    assert list(environment_checks.check_former_cloud_mirror(settings)) == []
    with database.transaction() as session:
        session.add(MirrorEntry(stylization_id="stl_waits"))
        session.add(MirrorEntry(stylization_id="stl_sent", sent_at=now_utc()))
    database.close()

    (result,) = environment_checks.check_former_cloud_mirror(settings)

    verdict, message = verdict_and_message(result)
    assert verdict == "warn"
    assert "1 documents are in WeChat's cloud" in message


def test_a_database_without_tables_has_no_documents_in_the_cloud(settings: Settings) -> None:
    database = open_database(settings)
    database.check_writable()
    database.close()

    assert list(environment_checks.check_former_cloud_mirror(settings)) == []
