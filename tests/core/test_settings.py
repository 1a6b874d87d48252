"""The settings, and the secrets that are created when none are set."""

from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from core.settings import Settings, child_environment, signing_secrets, write_private
from imaging.labels import Label


def test_settings_are_read_from_the_environment_with_our_prefix(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DUALTRANS_MAX_BATCH", "3")
    monkeypatch.setenv("REDIS_URL", "redis://queue:6379/0")
    monkeypatch.setenv("DATABASE_URL", "")

    settings = Settings()

    assert (settings.max_batch, settings.redis_url) == (3, "redis://queue:6379/0")
    assert settings.database_url is None
    assert not settings.is_embedded


def test_a_short_secret_is_rejected_and_not_printed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DUALTRANS_METRICS_TOKEN", "hunter2")

    with pytest.raises(ValidationError) as error:
        Settings()

    assert "metrics_token" in str(error.value)
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize(("value", "expected"), [("JSON", "json"), ("Text", "text"), ("", "auto")])
def test_the_log_format_is_case_insensitive(
    monkeypatch: pytest.MonkeyPatch, value: str, expected: str
) -> None:
    monkeypatch.setenv("DUALTRANS_LOG_FORMAT", value)

    assert Settings().log_format == expected


def test_message_templates_are_read_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALTRANS_WECHAT_TEMPLATES", '{"tpl-1": {"thing1": "style"}}')

    assert Settings().wechat_templates == {"tpl-1": {"thing1": "style"}}


def test_an_unknown_field_value_of_a_template_is_rejected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALTRANS_WECHAT_TEMPLATES", '{"tpl-1": {"thing1": "openid"}}')

    with pytest.raises(ValidationError, match="thing1"):
        Settings()


def test_arguments_override_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere")

    assert Settings(database_url=None).database_url is None


def test_the_base_url_is_the_public_url_if_it_is_set() -> None:
    assert Settings(port=81).base_url == "http://127.0.0.1:81"
    assert Settings(public_url="https://art.example/").base_url == "https://art.example"


def test_the_settings_define_the_label(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALTRANS_LABEL_TEXT", " 由人工智能生成 ")
    monkeypatch.setenv("DUALTRANS_LABEL_PRODUCER", "某某科技")

    assert Settings().label == Label("由人工智能生成", producer="某某科技")


def test_an_empty_label_text_does_not_switch_the_mark_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DUALTRANS_LABEL_TEXT", "")

    assert Settings().label.text == "AI生成"


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("LABEL_TEXT", " ", "must say that AI generated"),
        ("LABEL_TEXT", "AI生成龘", "cannot be drawn: 龘"),
    ],
)
def test_a_label_that_is_not_lawful_or_cannot_be_drawn_is_rejected(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.setenv(f"DUALTRANS_{name}", value)

    with pytest.raises(ValidationError, match=message):
        Settings()


def test_a_secret_is_created_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)

    first, second = signing_secrets(settings), signing_secrets(settings)

    assert first == second
    assert len(first[0]) >= 32
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600


def test_two_secrets_can_be_set_for_rotation() -> None:
    assert signing_secrets(Settings(secret_keys="n" * 16 + " , " + "o" * 16)) == (
        "n" * 16,
        "o" * 16,
    )


@pytest.mark.parametrize("keys", ["short", "long-enough-0123456789,short", " , "])
def test_short_or_empty_secrets_are_rejected(keys: str) -> None:
    with pytest.raises(ValueError, match="16 characters"):
        signing_secrets(Settings(secret_keys=keys))


def test_a_private_file_is_replaced_atomically(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "old")
    write_private(tmp_path / "key", "new")

    assert (tmp_path / "key").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_without_replace_the_first_writer_wins(tmp_path: Path) -> None:
    write_private(tmp_path / "key", "first", replace=False)
    write_private(tmp_path / "key", "second", replace=False)

    assert (tmp_path / "key").read_text() == "first"


def test_a_child_gets_our_environment_with_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "1")

    environment = child_environment(DUALTRANS_PORT="9")

    assert (environment["KEPT"], environment["DUALTRANS_PORT"]) == ("1", "9")


def test_moderation_requires_its_settings() -> None:
    with pytest.raises(ValueError, match="PUBLIC_URL and DUALTRANS_WECHAT_APPID"):
        Settings(moderation="wechat")


def test_a_cloud_environment_requires_a_mini_program() -> None:
    with pytest.raises(ValueError, match="DUALTRANS_WECHAT_SECRET"):
        Settings(wechat_appid="wx0123456789abcdef", wechat_cloud_env="works-1")


@pytest.mark.parametrize("key", ["short", "a" * 42, "a" * 44, "a" * 42 + "="])
def test_an_aes_key_has_43_letters_and_digits(key: str) -> None:
    with pytest.raises(ValueError, match="43"):
        Settings(wechat_push_aes_key=SecretStr(key))


def test_complete_settings_are_accepted_and_hide_their_secrets() -> None:
    settings = Settings(
        public_url="https://art.example.org",
        wechat_appid="wx0123456789abcdef",
        wechat_secret=SecretStr("confidential"),
        wechat_push_token=SecretStr("confidential"),
        wechat_push_aes_key=SecretStr("a" * 43),
        moderation="wechat",
        wechat_cloud_env="works-1",
    )

    assert "confidential" not in repr(settings)
    assert "a" * 43 not in repr(settings)


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("", ()),
        ("https://art.example.org", ("https://art.example.org",)),
        (
            " https://a.example , http://localhost:5173,",
            ("https://a.example", "http://localhost:5173"),
        ),
        (
            "HTTPS://Art.Example.ORG:443,http://[::1]:80",
            ("https://art.example.org", "http://[::1]"),
        ),
        (
            "https://a.example:80,capacitor://localhost",
            ("https://a.example:80", "capacitor://localhost"),
        ),
        ("*", ("*",)),
    ],
)
def test_origins_are_separated_by_commas_and_written_as_browsers_do(
    monkeypatch: pytest.MonkeyPatch, text: str, origins: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DUALTRANS_CORS_ORIGINS", text)

    assert Settings().cors_origins == origins


@pytest.mark.parametrize(
    "text",
    [
        *("https://art.example.org/", "https://art.example.org/app", "art.example.org"),
        *("https://*.example.org", "https://user@example.org", "https://例子.cn", "null"),
        *("https://", "https://a b", "https://a.example?x", "https://a.example:port"),
        '["https://a.example"]',
    ],
)
def test_a_text_that_is_not_an_origin_is_rejected_and_quoted(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("DUALTRANS_CORS_ORIGINS", f"https://good.example,{text}")

    with pytest.raises(ValidationError, match="scheme://host or scheme://host:port") as error:
        Settings()

    assert repr(text) in str(error.value)


def test_every_origin_excludes_the_development_login() -> None:
    with pytest.raises(ValidationError, match="DUALTRANS_DEV_LOGIN=0"):
        Settings(dev_login=True, cors_origins=("*",))

    assert Settings(dev_login=True, cors_origins=("http://localhost:5173",)).dev_login
