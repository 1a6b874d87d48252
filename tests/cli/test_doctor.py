"""`dualtrans doctor`: each thing that will not do is found, and nothing else."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from redis import Redis

from cli import environment_checks, setting_checks
from cli.check_results import Finding
from cli.main import main
from core.db.engine import open_database
from core.db.migrations.upgrade import downgrade, upgrade
from core.settings import Settings
from tests.fake_wechat import APPID, SECRET, FakeWeChat

GOOD_SECRETS = "s" * 32


def with_wechat(settings: Settings, **changed: Any) -> Settings:
    given = {
        "wechat_appid": APPID,
        "wechat_secret": SecretStr(SECRET),
        "public_url": "https://art.example.cn",
        **changed,
    }
    return settings.model_copy(update=given)


def verdict_and_words(finding: Finding) -> tuple[str, str]:
    assert (finding.remedy is None) == (finding.verdict == "ok")
    return finding.verdict, finding.words


# The settings


@pytest.mark.parametrize(
    ("address", "verdict", "words"),
    [
        ("https://art.example.cn", "ok", ""),
        ("https://art.example.cn/", "ok", ""),
        (None, "bad", "none is set"),
        ("http://art.example.cn", "bad", "not https"),
        ("https://203.0.113.7", "bad", "IP address"),
        ("https://[2001:db8::1]", "bad", "IP address"),
        ("http://203.0.113.7:80", "bad", "is not https and names an IP address"),
        ("https://localhost", "bad", "no public domain"),
        ("https://nas.local", "bad", "no public domain"),
        ("https://", "bad", "not an address"),
        ("art.example.cn", "bad", "not an address"),
        ("https://art.example.cn:port", "bad", "not an address"),
        ("https://art.example.cn:8443", "warn", "port"),
        ("https://art.example.cn:443", "warn", "port"),
    ],
)
def test_addresses_that_wechat_refuses_are_found(
    settings: Settings, address: str | None, verdict: str, words: str
) -> None:
    found = setting_checks.check_public_url(with_wechat(settings, public_url=address))

    assert found.verdict == verdict
    assert words in verdict_and_words(found)[1]


def test_without_wechat_an_address_of_any_kind_will_do(settings: Settings) -> None:
    plain = settings.model_copy(update={"public_url": "http://192.168.1.5:8000"})

    assert setting_checks.check_public_url(settings).verdict == "ok"
    assert setting_checks.check_public_url(plain).verdict == "warn"


@pytest.mark.parametrize(
    ("changed", "verdict", "words"),
    [
        ({}, "ok", APPID),
        ({"wechat_appid": None, "wechat_secret": None}, "ok", "not set up"),
        ({"wechat_secret": None}, "bad", "DUALTRANS_WECHAT_SECRET is not set"),
        ({"wechat_appid": None}, "bad", "DUALTRANS_WECHAT_APPID is not set"),
        ({"wechat_appid": "touristappid"}, "bad", "no appid"),
        ({"wechat_appid": "wx0123456789ABCDEF"}, "bad", "no appid"),
        ({"wechat_secret": SecretStr("hush")}, "bad", "the secret"),
        ({"wechat_url": "http://127.0.0.1:1"}, "warn", "in WeChat's place"),
    ],
)
def test_credentials_of_a_wrong_form_are_found_and_the_secret_is_not_shown(
    settings: Settings, changed: dict[str, Any], verdict: str, words: str
) -> None:
    found = setting_checks.check_wechat_settings(with_wechat(settings, **changed))

    assert found.verdict == verdict
    assert words in verdict_and_words(found)[1]
    assert SECRET not in str(found)
    assert "hush" not in str(found)


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({"secret_keys": GOOD_SECRETS}, "ok"),
        ({"secret_keys": "short"}, "bad"),
        ({"secret_keys": "s" * 16}, "warn"),
        ({"secret_keys": ",".join([GOOD_SECRETS, "t" * 32, "u" * 32])}, "warn"),
        ({}, "ok"),
        ({"database_url": "postgresql://host/dualtrans"}, "warn"),
    ],
)
def test_secrets_that_are_weak_or_missing_are_found(
    settings: Settings, changed: dict[str, Any], verdict: str
) -> None:
    found = setting_checks.check_secrets(settings.model_copy(update=changed))

    assert verdict_and_words(found)[0] == verdict


@pytest.mark.parametrize(
    ("changed", "verdict"),
    [
        ({}, "ok"),
        ({"dev_login": True}, "warn"),
        ({"dev_login": True, "public_url": "https://art.example.cn"}, "bad"),
    ],
)
def test_a_login_without_a_password_beside_a_public_address_is_found(
    settings: Settings, changed: dict[str, Any], verdict: str
) -> None:
    found = setting_checks.check_development_login(settings.model_copy(update=changed))

    assert verdict_and_words(found)[0] == verdict


def test_the_login_of_the_mini_program_on_a_newcomers_machine_is_told(runner: Path) -> None:
    settings = Settings(miniprogram_dir=runner)

    found = setting_checks.check_development_login(settings)

    assert found.verdict == "ok"
    assert "for the mini program" in found.words


def test_a_variable_that_nobody_reads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    before = setting_checks.check_variables().verdict
    monkeypatch.setenv("DUALTRANS_RESULT_DAY", "7")

    found = setting_checks.check_variables()

    assert (before, found.verdict) == ("ok", "warn")
    assert "DUALTRANS_RESULT_DAY" in found.words


# What has to be asked


def test_a_database_at_the_newest_step_is_fit(settings: Settings, database_url: str) -> None:
    settings = settings.model_copy(update={"database_url": database_url})
    database = open_database(settings)
    upgrade(database)
    database.close()

    assert environment_checks.probe_database(settings).verdict == "ok"


def test_a_database_that_is_behind_is_found(settings: Settings, database_url: str) -> None:
    settings = settings.model_copy(update={"database_url": database_url})
    database = open_database(settings)
    upgrade(database)
    downgrade(database, "0001")
    database.close()

    found = environment_checks.probe_database(settings)

    assert (found.verdict, found.remedy) == ("bad", "run `dualtrans migrate`")


def test_a_database_that_does_not_answer_is_found(settings: Settings) -> None:
    away = settings.model_copy(update={"database_url": "postgresql://127.0.0.1:1/none"})

    assert environment_checks.probe_database(away).verdict == "bad"


def test_no_database_is_made_by_looking(settings: Settings) -> None:
    assert environment_checks.probe_database(settings).verdict == "ok"
    assert not settings.data_dir.exists()


@pytest.mark.parametrize(
    ("policy", "append_only", "verdict"),
    [
        ("noeviction", "yes", "ok"),
        ("allkeys-lru", "yes", "warn"),
        ("noeviction", "no", "warn"),
    ],
)
def test_a_queue_that_may_lose_what_waits_is_found(
    settings: Settings, policy: str, append_only: str, verdict: str
) -> None:
    with Redis.from_url(str(settings.redis_url)) as connection:
        before = {
            **connection.config_get("maxmemory-policy"),
            **connection.config_get("appendonly"),
        }
        connection.config_set("maxmemory-policy", policy)
        connection.config_set("appendonly", append_only)

        found = environment_checks.probe_queue(settings)

        [connection.config_set(name, value) for name, value in before.items()]
    assert verdict_and_words(found)[0] == verdict


def test_a_queue_that_does_not_answer_is_found(settings: Settings, tmp_path: Path) -> None:
    away = settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody.sock"})
    embedded = settings.model_copy(update={"redis_url": None})

    assert environment_checks.probe_queue(away).verdict == "bad"
    assert environment_checks.probe_queue(embedded).verdict == "ok"


def test_a_storage_is_written_to_and_left_as_it_was(settings: Settings, s3_storage_url) -> None:
    bucket = settings.model_copy(update={"storage_url": s3_storage_url})
    bucket = bucket.model_copy(update={"storage_endpoint_url": Settings().storage_endpoint_url})

    assert environment_checks.probe_storage(settings).verdict == "ok"
    assert [f for f in settings.data_dir.rglob("*") if f.is_file()] == []
    assert environment_checks.probe_storage(bucket).verdict == "ok"


def test_a_storage_that_takes_nothing_is_found(settings: Settings) -> None:
    settings.data_dir.mkdir()
    (settings.data_dir / "storage").write_text("a file in the way")

    assert environment_checks.probe_storage(settings).verdict == "bad"


def test_a_disk_that_is_nearly_full_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    enough = environment_checks.probe_disk(settings).verdict
    monkeypatch.setattr(environment_checks, "SPARE_FREE_BYTES", 2**60)
    little = environment_checks.probe_disk(settings).verdict
    monkeypatch.setattr(environment_checks, "MIN_FREE_BYTES", 2**60)

    assert [enough, little, environment_checks.probe_disk(settings).verdict] == [
        "ok",
        "warn",
        "bad",
    ]


@pytest.mark.parametrize(
    ("failure", "verdict", "told"),
    [
        (None, "ok", "takes appid and secret"),
        (40013, "bad", "DUALTRANS_WECHAT_APPID"),
        (40125, "bad", "DUALTRANS_WECHAT_SECRET"),
        (40164, "bad", "white list"),
        (45009, "bad", "midnight"),
        (-1, "bad", "busy"),
        ("cut", "bad", "does not answer"),
    ],
)
def test_wechats_own_verdict_on_the_credentials_is_told_with_the_remedy(
    settings: Settings, fake_wechat: FakeWeChat, failure: Any, verdict: str, told: str
) -> None:
    if failure is not None:
        fake_wechat.fail_with(failure)

    found = environment_checks.probe_wechat(settings.model_copy(update=fake_wechat.settings()))

    assert found.verdict == verdict
    assert told in str(found)
    assert SECRET not in str(found)


def test_asking_wechat_replaces_no_token_that_is_in_use(
    settings: Settings, fake_wechat: FakeWeChat
) -> None:
    before = fake_wechat.token

    environment_checks.probe_wechat(settings.model_copy(update=fake_wechat.settings()))

    assert fake_wechat.token == before


H100 = {"torch": "2", "devices": [{"name": "H100", "memory_gib": 79.1}]}
NONE = {"torch": "2", "devices": []}


@pytest.mark.parametrize(
    ("told", "asked", "verdict"),
    [
        (NONE, None, "ok"),
        (NONE, "cuda", "bad"),
        (H100, None, "ok"),
        (H100, "cuda", "ok"),
        (H100, "cpu", "warn"),
        (None, None, "bad"),
    ],
)
def test_a_device_that_is_not_there_is_found(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, told: Any, asked: Any, verdict: str
) -> None:
    monkeypatch.setattr(environment_checks, "_told_by_worker", lambda: told)

    found = environment_checks.probe_device(settings.model_copy(update={"device": asked}))

    assert verdict_and_words(found)[0] == verdict


def test_a_machine_without_the_model_needs_no_device(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment_checks, "find_spec", lambda _: None)

    assert environment_checks.probe_device(settings).verdict == "ok"


# The command


@pytest.fixture
def served(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment of a machine on which all is well, but for its device."""
    monkeypatch.setenv("DUALTRANS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("REDIS_URL", str(settings.redis_url))
    monkeypatch.setattr(environment_checks, "_told_by_worker", lambda: NONE)


def test_what_is_well_ends_with_0(served: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert {line.split()[0] for line in lines} <= {"ok", "warn"}
    assert len(lines) == 10


def test_one_bad_thing_ends_with_1_and_the_others_are_told_too(
    served: None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DUALTRANS_WECHAT_APPID", APPID)
    monkeypatch.setenv("DUALTRANS_WECHAT_SECRET", "hush")

    assert main(["doctor"]) == 1

    said = capsys.readouterr().out
    assert "bad   wechat" in said
    assert "ok    storage" in said
    assert "hush" not in said


def test_a_program_reads_it_as_json(served: None, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "--json"])

    found = json.loads(capsys.readouterr().out)
    assert {"verdict", "subject", "words", "remedy"} == set(found[0])


@pytest.mark.slow
def test_the_worker_tells_its_devices_from_a_process_of_its_own() -> None:
    told = environment_checks._told_by_worker()

    assert told is not None
    assert set(told) == {"torch", "built_for_cuda", "devices"}


def test_a_worker_that_says_nothing_is_no_device(monkeypatch: pytest.MonkeyPatch) -> None:
    silent = subprocess.CompletedProcess([], 1, stdout="", stderr="boom")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: silent)

    assert environment_checks._told_by_worker() is None
