"""Everything that can be set from outside; no other module reads the environment."""

import logging
import os
import re
import secrets
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from imaging.labels import LEAST_HEIGHT_SHARE, Corner, Label, checked_text

log = logging.getLogger(__name__)

SECRET_FILE = "secret_key"  # noqa: S105  # the name of a file
SECRET_BYTES = 32
MIN_SECRET_CHARACTERS = 16
READ_BY_COMPOSE = "DUALTRANS_PUBLISH"  # docker-compose.yml's own
AES_KEY_TEXT = re.compile(r"[A-Za-z0-9]{43}")
NEEDED_FOR = {  # by setting: those before it that it cannot do without
    "moderation": ("public_url", "wechat_appid", "wechat_secret", "wechat_push_token"),
    "wechat_cloud_env": ("wechat_appid", "wechat_secret"),
}

WeChatWord = Literal["style", "title", "status", "created_at", "finished_at"]


class Settings(BaseSettings):
    """The settings of API, worker and command line.

    Read from the environment with the prefix `DUALTRANS_`; `REDIS_URL`, `DATABASE_URL` and
    `STORAGE_URL` carry no prefix, as hosting services set them so. Without these three the stack is
    embedded: Valkey, SQLite and a folder, all in `data_dir`.

    Usage: `Settings()` reads the environment; `Settings(data_dir=tmp_path, port=0)` overrides it.
    """

    model_config = SettingsConfigDict(
        env_prefix="DUALTRANS_",
        env_ignore_empty=True,
        populate_by_name=True,
        frozen=True,
        hide_input_in_errors=True,  # a secret that is not valid is still a secret
    )

    data_dir: Path = Path("var")
    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    public_url: str | None = None  # what clients see; behind a proxy it differs from host and port

    redis_url: str | None = Field(default=None, validation_alias="REDIS_URL")
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    storage_url: str | None = Field(default=None, validation_alias="STORAGE_URL")
    storage_endpoint_url: str | None = Field(default=None, validation_alias="AWS_ENDPOINT_URL")

    miniprogram_dir: Path | None = None  # the built runner, shown at /; None: that of a checkout

    secret_keys: str | None = None  # one or two, comma separated: the first signs, all verify
    dev_login: bool = False

    # Of the mini program; without it and the secret there is no login by WeChat.
    wechat_appid: str | None = None
    wechat_secret: SecretStr | None = None
    wechat_url: str = "https://api.weixin.qq.com"
    wechat_timeout_seconds: float = Field(default=5, gt=0)  # for one answer of WeChat's servers
    wechat_push_token: SecretStr | None = None  # signs what WeChat pushes; the one of its console
    wechat_push_aes_key: SecretStr | None = None  # EncodingAESKey; with it only safe mode is taken

    moderation: Literal["off", "wechat"] = "off"  # whether works are checked before they are shared
    moderation_without_openid: Literal["pass", "review"] = "pass"  # whom WeChat cannot be asked of
    moderation_timeout_minutes: float = Field(default=30, gt=0)  # WeChat says: within 30 minutes
    moderation_max_asks: int = Field(default=3, ge=1)  # without a verdict; then it is `review`

    wechat_cloud_env: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,64}$")
    wechat_cloud_collection: str = Field(default="stylizations", pattern=r"^[A-Za-z0-9_-]{1,64}$")

    max_upload_bytes: int = Field(default=20 * 1024 * 1024, gt=0)
    upload_timeout_seconds: float = Field(default=120, gt=0)  # a body that stalls is let go
    max_picture_pixels: int = Field(default=50_000_000, gt=0)
    min_side_px: int = Field(default=64, ge=1)
    result_max_side_px: int = Field(default=1600, ge=64)
    max_queued_per_owner: int = Field(default=100, ge=1)
    max_queued_total: int = Field(default=1000, ge=1)
    uploads_per_minute: int = Field(default=120, ge=1)
    max_streams_per_owner: int = Field(default=20, ge=1)  # in one API process

    private_webhooks: bool = False  # for development: also http, also to this machine
    # JSON: the templates of subscribe messages by id, each with what its fields are to say.
    wechat_templates: dict[str, dict[str, WeChatWord]] = Field(default_factory=dict)
    wechat_page: str = "pages/job/job"  # of the mini program; it is opened with ?id=stl_…
    wechat_share_page: str = "pages/share/share"  # the same; its scene is the token of a link

    lease_seconds: float = Field(default=15, gt=0)
    heartbeat_seconds: float = Field(default=5, gt=0)
    heartbeat_file: Path | None = None  # touched at each beat, for a container's health check
    max_attempts: int = Field(default=3, ge=1)
    max_batch: int = Field(default=8, ge=1)
    job_timeout_seconds: float = Field(default=120, gt=0)

    url_lifetime_seconds: int = Field(default=3600, ge=1)
    original_days: float = Field(default=30, gt=0)
    result_days: float = Field(default=30, gt=0)

    label_text: str = "AI生成"  # the mark on every picture that AI made; it cannot be left out
    label_height_share: float = Field(default=LEAST_HEIGHT_SHARE, ge=LEAST_HEIGHT_SHARE, le=0.2)
    label_corner: Corner = Corner.BOTTOM_RIGHT
    label_producer: str = Field(default="DualTrans", min_length=1, max_length=200)

    weights: Path | None = None  # None: the weights that ship
    device: str | None = None  # None: CUDA where there is one, else CPU
    precision: str | None = None  # "fp32" or "bf16"; None: what the machine does fast
    workers: int = Field(default=1, ge=1)
    log_level: str = "info"
    log_format: Literal["auto", "json", "text"] = "auto"  # auto: text on a terminal, else JSON

    metrics_token: str | None = Field(default=None, min_length=MIN_SECRET_CHARACTERS)
    """Who reads the API's /metrics must show it; None: who has a private address may."""
    metrics_host: str = "127.0.0.1"  # where a worker shows its own
    metrics_port: int | None = Field(default=None, ge=1, le=65535)  # None: it shows none

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("wechat_push_aes_key")
    @classmethod
    def _of_43_characters(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not AES_KEY_TEXT.fullmatch(value.get_secret_value()):
            raise ValueError("EncodingAESKey has 43 letters and digits")
        return value

    @field_validator("moderation", "wechat_cloud_env")
    @classmethod
    def _with_all_it_needs(cls, value: str | None, info: ValidationInfo) -> str | None:
        needs = NEEDED_FOR.get(info.field_name or "", ()) if value not in (None, "off") else ()
        missing = [name.upper() for name in needs if info.data.get(name) is None]
        if missing:
            raise ValueError(f"{value!r} needs DUALTRANS_{' and DUALTRANS_'.join(missing)}")
        return value

    @field_validator("label_text")
    @classmethod
    def _lawful(cls, value: str) -> str:
        return checked_text(value)

    @property
    def label(self) -> Label:
        """How every picture that AI made is labelled."""
        return Label(
            text=self.label_text,
            height_share=self.label_height_share,
            corner=self.label_corner,
            producer=self.label_producer,
        )

    @property
    def base_url(self) -> str:
        """The address that clients use, without a slash at its end."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_embedded(self) -> bool:
        """Whether the queue server is ours to start."""
        return self.redis_url is None


def unread_variables() -> list[str]:
    """Variables with our prefix that no setting reads: misspelt, or of another version."""
    prefix = str(Settings.model_config["env_prefix"])
    read = {prefix + name.upper() for name in Settings.model_fields} | {READ_BY_COMPOSE}
    given = {name.upper() for name in os.environ}  # noqa: TID251  # this module is the one that may
    return sorted(name for name in given if name.startswith(prefix) and name not in read)


def signing_secrets(settings: Settings) -> tuple[str, ...]:
    """The secrets that sign picture addresses and tokens; the first signs, all of them verify.

    Without `DUALTRANS_SECRET_KEYS` one is made once and kept in `data_dir` with mode 0600, which
    serves one machine only.

    Raises:
        ValueError: a secret that is too short to be one.
    """
    if settings.secret_keys is None:
        return (_kept_secret(settings),)
    keys = tuple(key.strip() for key in settings.secret_keys.split(",") if key.strip())
    if not keys or any(len(key) < MIN_SECRET_CHARACTERS for key in keys):
        raise ValueError(
            f"DUALTRANS_SECRET_KEYS: each key needs at least {MIN_SECRET_CHARACTERS} characters"
        )
    return keys


def _kept_secret(settings: Settings) -> str:
    path = settings.data_dir / SECRET_FILE
    if not path.exists():
        if settings.database_url is not None:
            log.warning("DUALTRANS_SECRET_KEYS is not set: picture addresses hold on this machine")
        write_private(path, secrets.token_urlsafe(SECRET_BYTES), replace=False)
    return path.read_text(encoding="utf-8").strip()


def kept_key_path(settings: Settings) -> Path:
    """Where `serve` leaves its development key for the other commands, readable by its owner."""
    return settings.data_dir / "development_key"


def child_environment(**changed: str) -> dict[str, str]:
    """The environment for a process that we start: our own, with some settings changed."""
    return {**os.environ, **changed}  # noqa: TID251  # this module is the one that may


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file that only its owner can read (0600), whole or not at all.

    With `replace=False` the first of several writers wins and the others change nothing.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            scratch.replace(path)
        elif not path.exists():
            _link_unless_there(scratch, path)
    finally:
        scratch.unlink(missing_ok=True)


def _link_unless_there(scratch: Path, path: Path) -> None:
    try:
        path.hardlink_to(scratch)
    except FileExistsError:
        log.debug("another process wrote %s first", path.name)
