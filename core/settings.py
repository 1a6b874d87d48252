"""The settings of API, workers and command line; no other module reads the environment.

`docs/settings.md` and `.env.example` are generated from the descriptions below: run `make settings`
after a change.
"""

import logging
import os
import re
import secrets
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from imaging.labels import Label, checked_text

log = logging.getLogger(__name__)

SECRET_FILE: Final = "secret_key"  # noqa: S105  # the name of a file
SECRET_BYTES: Final = 32
MIN_SECRET_CHARACTERS: Final = 16
MINIPROGRAM_SOURCES: Final = Path(__file__).parents[1] / "miniprogram"  # in a source checkout only
RUNNER_START_PAGE: Final = "index.html"
COMPOSE_VARIABLE: Final = "DUALTRANS_PUBLISH"  # read by docker-compose.yml alone
AES_KEY_TEXT: Final = re.compile(r"[A-Za-z0-9]{43}")
ANY_ORIGIN: Final = "*"
ORIGIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://([a-z0-9_-]+(\.[a-z0-9_-]+)*|\[[0-9a-f:.]+\])(:[0-9]{1,5})?"
)
DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}  # browsers leave them out of an origin
REQUIRED_SETTINGS: Final = {  # setting: the settings that it requires; they are declared before it
    "moderation": ("public_url", "wechat_appid", "wechat_secret", "wechat_push_token"),
    "wechat_cloud_env": ("wechat_appid", "wechat_secret"),
}
GROUPS: Final = {  # first setting of a group: the heading of the group in the documents
    "data_dir": "Addresses and storage",
    "secret_keys": "Secrets and login",
    "max_upload_bytes": "Limits",
    "url_lifetime_seconds": "Retention",
    "label_text": "AI label",
    "private_webhooks": "Notifications",
    "wechat_appid": "WeChat",
    "workers": "Workers",
    "log_level": "Logs and metrics",
}

TemplateField = Literal["style", "title", "status", "created_at", "finished_at"]


class Settings(BaseSettings):
    """Read from the environment with the prefix `DUALTRANS_`.

    `REDIS_URL`, `DATABASE_URL`, `STORAGE_URL` and `AWS_ENDPOINT_URL` have no prefix, because
    hosting services set them under these names. Without the first three, the service runs an
    embedded Valkey, SQLite and a folder, all in `data_dir`.

    Usage: `Settings()` reads the environment; `Settings(data_dir=tmp_path, port=0)` overrides it.
    """

    model_config = SettingsConfigDict(
        env_prefix="DUALTRANS_",
        env_ignore_empty=True,
        populate_by_name=True,
        frozen=True,
        hide_input_in_errors=True,  # the input may be a secret
    )

    # Addresses and storage

    data_dir: Path = Field(
        default=Path("var"),
        description="Folder of the embedded database, queue and pictures. Put it on a disk with "
        "space for the pictures.",
    )
    host: str = Field(
        default="127.0.0.1",
        description="Address on which `dualtrans serve` listens. Use `0.0.0.0` to accept "
        "connections from other machines.",
    )
    port: int = Field(
        default=8000, ge=0, le=65535, description="Port of `dualtrans serve`; 0 takes a free one."
    )
    public_url: str | None = Field(
        default=None,
        examples=["https://art.example.org"],
        description="Address that clients use. Set it behind a proxy, where it differs from host "
        "and port. When it is not set, links use the address of the request.",
    )
    redis_url: str | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        examples=["redis://host:6379/0"],
        description="Redis or Valkey server of the queue. Set it to run API and workers on "
        "several machines. When it is not set, `dualtrans serve` starts an embedded Valkey.",
    )
    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        examples=["postgresql://user:password@host:5432/dualtrans"],
        description="PostgreSQL database with the encoding UTF8. Set it to run on several "
        "machines. When it is not set, an SQLite file in the data folder is used.",
    )
    storage_url: str | None = Field(
        default=None,
        validation_alias="STORAGE_URL",
        examples=["s3://bucket/prefix"],
        description="Where pictures are stored: `s3://bucket/prefix` or `file:///path`. Set it to "
        "run on several machines. When it is not set, a folder in the data folder is used.",
    )
    storage_endpoint_url: str | None = Field(
        default=None,
        validation_alias="AWS_ENDPOINT_URL",
        examples=["https://s3.example.org"],
        description="Endpoint of an S3 service other than Amazon's.",
    )
    miniprogram_dir: Path | None = Field(
        default=None,
        examples=["miniprogram/runner/dist"],
        description="Folder of the built browser version of the mini program, served at `/`. When "
        "it is not set, the one of a source checkout is used.",
    )

    # Secrets and login

    secret_keys: str | None = Field(
        default=None,
        description="One or two secrets of at least 16 characters, separated by a comma. The first "
        "signs picture URLs and tokens, both are accepted. To rotate a secret, put the new one in "
        "front and remove the old one two hours later. When it is not set, one machine creates "
        "its own in the data folder.",
    )
    dev_login: bool = Field(
        default=False,
        description="`1` allows `POST /v1/auth/dev`, a login without a password, from this machine "
        "only. When it is not set, `dualtrans serve` allows it on embedded defaults, for the mini "
        "program in the browser; `0` forbids it there too.",
    )

    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        examples=["https://art.example.org,http://localhost:5173"],
        description="Origins whose pages may call the API from a browser, as `scheme://host` or "
        "`scheme://host:port`, separated by commas; `*` allows every page. When it is not set, "
        "only pages of the API's own address may.",
    )

    # Limits

    max_upload_bytes: int = Field(
        default=20 * 1024 * 1024,
        gt=0,
        description="Largest uploaded file, in bytes. Raise it for cameras with larger files.",
    )
    upload_timeout_seconds: float = Field(
        default=120,
        gt=0,
        description="Time in which an upload must arrive. Raise it for clients with slow networks.",
    )
    max_picture_pixels: int = Field(
        default=52_000_000,  # phones and cameras called "50 megapixels" have up to 51.1 million
        gt=0,
        description="Largest picture, in pixels. Decoding needs up to 16 bytes of memory for each.",
    )
    result_max_side_px: int = Field(
        default=1600,
        ge=64,
        description="Long side at which photos are stored and rendered. Larger results need more "
        "memory and time.",
    )
    max_queued_per_owner: int = Field(
        default=100, ge=1, description="Jobs that one user may have in the queue; 429 beyond it."
    )
    max_queued_total: int = Field(
        default=1000,
        ge=1,
        description="Jobs that may be in the queue in total; 503 beyond it. Raise it when you add "
        "workers.",
    )
    uploads_per_minute: int = Field(
        default=120,
        ge=1,
        description="Uploads of one API key or user in a minute; 429 beyond it. "
        "`dualtrans keys create --uploads-per-minute` sets another limit for one key.",
    )
    max_streams_per_owner: int = Field(
        default=20,
        ge=1,
        description="Event streams that one user may have open in one API process; 429 beyond it.",
    )

    # Retention

    url_lifetime_seconds: int = Field(
        default=3600, ge=1, description="Lifetime of a signed picture URL, in seconds."
    )
    original_days: float = Field(
        default=30,
        gt=0,
        description="Retention of uploaded photos, in days. When the result is kept longer, a copy "
        "of 1024 px stays for comparison.",
    )
    result_days: float = Field(
        default=30,
        gt=0,
        description="Retention of results, in days. Set it as your privacy notice says.",
    )

    # AI label

    label_text: str = Field(
        default="AI生成",
        description="Text of the mark on every generated picture. It must contain AI or 人工智能, "
        "and 生成, 合成 or generated; the law of China requires Chinese text. The mark cannot be "
        "switched off.",
    )
    label_producer: str = Field(
        default="DualTrans",
        min_length=1,
        max_length=200,
        description="Name or code of the service provider, written to each file as "
        "`ContentProducer`. Set it to your own.",
    )

    # Notifications

    private_webhooks: bool = Field(
        default=False,
        description="`1` allows webhooks over http and to private addresses, for development.",
    )

    # WeChat

    wechat_appid: str | None = Field(
        default=None,
        description="AppID of the mini program whose users may log in. `dualtrans doctor` checks "
        "that WeChat accepts it.",
    )
    wechat_secret: SecretStr | None = Field(
        default=None, description="AppSecret of the mini program."
    )
    wechat_url: str = Field(
        default="https://api.weixin.qq.com",
        description="Address of WeChat's API. Set it to use a proxy or a test server.",
    )
    wechat_timeout_seconds: float = Field(
        default=5,
        gt=0,
        description="Timeout of one call to WeChat, in seconds. Raise it on machines far from "
        "China.",
    )
    wechat_push_token: SecretStr | None = Field(
        default=None, description="Token of the message push, from WeChat's console."
    )
    wechat_push_aes_key: SecretStr | None = Field(
        default=None,
        description="EncodingAESKey of the message push, from WeChat's console. When it is set, "
        "only messages in safe mode are accepted.",
    )
    wechat_templates: dict[str, dict[str, TemplateField]] = Field(
        default_factory=dict,
        examples=['{"TEMPLATE_ID": {"thing1": "style", "phrase2": "status"}}'],
        description="Subscribe message templates as JSON: template id to fields, and the value of "
        "each field, one of `style`, `title`, `status`, `created_at`, `finished_at`.",
    )
    moderation: Literal["off", "wechat"] = Field(
        default="off",
        description="`wechat` has WeChat check results before they can be shared. It requires the "
        "AppID, the AppSecret, the push token and `DUALTRANS_PUBLIC_URL`.",
    )
    moderation_without_openid: Literal["pass", "review"] = Field(
        default="pass",
        description="State of results of users whom WeChat does not know, such as holders of API "
        "keys: `pass` allows sharing, `review` requires a manual review.",
    )
    wechat_cloud_env: str | None = Field(
        default=None,
        pattern=r"^[A-Za-z0-9-]{1,64}$",
        description="Id of a WeChat cloud environment, to which shared results are mirrored.",
    )

    # Workers

    workers: int = Field(
        default=1, ge=1, description="Workers that `dualtrans serve` starts; one for each GPU."
    )
    weights: Path | None = Field(
        default=None,
        examples=["runs/first/weights.safetensors"],
        description="Weights file. When it is not set, the weights of the project are used.",
    )
    device: str | None = Field(
        default=None,
        examples=["cuda"],
        description="`cpu`, `cuda` or `cuda:1`. When it is not set, a GPU is used if there is one.",
    )
    precision: str | None = Field(
        default=None,
        examples=["bf16"],
        description="`fp32` or `bf16`. When it is not set, the faster one is used.",
    )
    perceptual_weights: Path | None = Field(
        default=None,
        examples=["/models/vgg19-relu4_1.safetensors"],
        description="File with the weights of VGG-19, for the refinement of own styles; "
        "`dualtrans convert-vgg` writes it. When it is not set, the refinement uses the compact "
        "perceptual network of the project, which does not match the style as well.",
    )
    refinement_steps: int = Field(
        default=0,
        ge=0,
        examples=[40],
        description="Steps in which an idle worker refines the code of an own style; 0 switches "
        "the refinement off. More steps take longer. Set `DUALTRANS_PERCEPTUAL_WEIGHTS` as well.",
    )
    max_batch: int = Field(
        default=8,
        ge=1,
        description="Pictures of equal size that are rendered together. Lower it when memory is "
        "short.",
    )
    max_attempts: int = Field(
        default=3, ge=1, description="Attempts of a job before it fails when its workers die."
    )
    lease_seconds: float = Field(
        default=15,
        gt=0,
        description="Time after the last heartbeat of a worker at which its jobs return to the "
        "queue, in seconds. Raise it when the database is slow.",
    )
    heartbeat_seconds: float = Field(
        default=5,
        gt=0,
        description="Interval of a worker's heartbeats, in seconds. Keep it well below the lease.",
    )
    heartbeat_file: Path | None = Field(
        default=None,
        examples=["/run/dualtrans/heartbeat"],
        description="File that a worker touches at each heartbeat, for a container's health check.",
    )
    job_timeout_seconds: float = Field(
        default=120,
        gt=0,
        description="Time after which a worker ends itself because rendering hangs, in seconds. "
        "Raise it on slow CPUs.",
    )

    # Logs and metrics

    log_level: str = Field(default="info", description="`debug`, `info`, `warning` or `error`.")
    log_format: Literal["auto", "json", "text"] = Field(
        default="auto", description="`json` or `text`; `auto` is text on a terminal, else JSON."
    )
    metrics_token: str | None = Field(
        default=None,
        min_length=MIN_SECRET_CHARACTERS,
        description="Token for the API's `/metrics`, at least 16 characters. When it is not set, "
        "clients with a private address that do not come through a proxy may read it.",
    )
    metrics_host: str = Field(
        default="127.0.0.1",
        description="Address on which a worker serves its metrics. The worker image sets "
        "`0.0.0.0`.",
    )
    metrics_port: int | None = Field(
        default=None,
        ge=1,
        le=65535,
        examples=["9100"],
        description="Port on which a worker serves its metrics; further workers of "
        "`dualtrans serve` take the next ports. When it is not set, there are no worker metrics.",
    )

    @field_validator("log_level", "log_format", mode="before")
    @classmethod
    def _to_lower_case(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split_at_commas(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(part.strip() for part in value.split(",") if part.strip())

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if ANY_ORIGIN in value and info.data.get("dev_login"):
            raise ValueError("'*' requires DUALTRANS_DEV_LOGIN=0, or every page could log in")
        return tuple(_checked_origin(origin) for origin in value)

    @field_validator("wechat_push_aes_key")
    @classmethod
    def _check_aes_key(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and not AES_KEY_TEXT.fullmatch(value.get_secret_value()):
            raise ValueError("EncodingAESKey must be 43 letters and digits")
        return value

    @field_validator("moderation", "wechat_cloud_env")
    @classmethod
    def _check_required_settings(cls, value: str | None, info: ValidationInfo) -> str | None:
        required = REQUIRED_SETTINGS.get(info.field_name or "", ())
        missing = [name.upper() for name in required if info.data.get(name) is None]
        if value not in (None, "off") and missing:
            raise ValueError(f"{value!r} requires DUALTRANS_{' and DUALTRANS_'.join(missing)}")
        return value

    @field_validator("label_text")
    @classmethod
    def _check_label_text(cls, value: str) -> str:
        return checked_text(value)

    @property
    def label(self) -> Label:
        """The label of every generated picture."""
        return Label(text=self.label_text, producer=self.label_producer)

    @property
    def refines_styles(self) -> bool:
        """Whether workers refine own styles, provided that they can read the weights."""
        return self.refinement_steps > 0

    @property
    def base_url(self) -> str:
        """The address that clients use, without a trailing slash."""
        return (self.public_url or f"http://{self.host}:{self.port}").rstrip("/")

    @property
    def is_embedded(self) -> bool:
        """Whether the queue server is the embedded one, which `dualtrans serve` starts."""
        return self.redis_url is None


def _checked_origin(text: str) -> str:
    """Return an origin as browsers write it.

    Raises:
        ValueError: it is neither `scheme://host`, `scheme://host:port` nor `*`.
    """
    origin = text.lower()
    if origin != ANY_ORIGIN and not ORIGIN.fullmatch(origin):
        raise ValueError(
            f"{text!r} is not an origin; scheme://host or scheme://host:port is expected, "
            "in ASCII and without a path"
        )
    return origin.removesuffix(DEFAULT_PORTS.get(origin.partition(":")[0], ""))


def unknown_variables() -> list[str]:
    """Environment variables with the prefix that no setting reads, such as misspelt ones."""
    prefix = str(Settings.model_config["env_prefix"])
    read = {prefix + name.upper() for name in Settings.model_fields} | {COMPOSE_VARIABLE}
    given = {name.upper() for name in os.environ}  # noqa: TID251  # only this module may
    return sorted(name for name in given if name.startswith(prefix) and name not in read)


def signing_secrets(settings: Settings) -> tuple[str, ...]:
    """The secrets that sign picture URLs and tokens: the first signs, all of them verify.

    Without `DUALTRANS_SECRET_KEYS`, a secret is created once and stored in `data_dir` with mode
    0600. It works on one machine only.

    Raises:
        ValueError: a secret is shorter than 16 characters.
    """
    if settings.secret_keys is None:
        return (_stored_secret(settings),)
    keys = tuple(key.strip() for key in settings.secret_keys.split(",") if key.strip())
    if not keys or any(len(key) < MIN_SECRET_CHARACTERS for key in keys):
        raise ValueError(
            f"DUALTRANS_SECRET_KEYS: each key needs at least {MIN_SECRET_CHARACTERS} characters"
        )
    return keys


def _stored_secret(settings: Settings) -> str:
    path = settings.data_dir / SECRET_FILE
    if not path.exists():
        if settings.database_url is not None:
            log.warning("DUALTRANS_SECRET_KEYS is not set: picture URLs work on this machine only")
        write_private(path, secrets.token_urlsafe(SECRET_BYTES), replace=False)
    return path.read_text(encoding="utf-8").strip()


def development_key_path(settings: Settings) -> Path:
    """The file in which `serve` stores its development key for the other commands."""
    return settings.data_dir / "development_key"


def runner_folder(settings: Settings) -> Path | None:
    """The built browser version of the mini program, or None when it is not built.

    It is the folder that is set, or the one of a source checkout.
    """
    folder = settings.miniprogram_dir or MINIPROGRAM_SOURCES / "runner" / "dist"
    return folder if (folder / RUNNER_START_PAGE).is_file() else None


def child_environment(**changed: str) -> dict[str, str]:
    """A copy of this process's environment with some variables changed, for a child process."""
    return {**os.environ, **changed}  # noqa: TID251  # only this module may


def write_private(path: Path, text: str, *, replace: bool = True) -> None:
    """Write a file that only its owner can read (0600), atomically.

    With `replace=False` an existing file stays as it is, also when several processes write at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
        if replace:
            temporary.replace(path)
        elif not path.exists():
            _link_if_absent(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def _link_if_absent(temporary: Path, path: Path) -> None:
    try:
        path.hardlink_to(temporary)
    except FileExistsError:
        log.debug("another process has written %s first", path.name)
