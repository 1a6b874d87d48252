"""Where the bytes of pictures live: a folder or an S3-compatible bucket, behind four verbs."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import obstore
from obstore.store import LocalStore, S3Store

from core.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

PICTURES_FOLDER = "pictures"
LEAST_FREE_BYTES = 200 * 1024 * 1024  # under it no upload is taken in


def picture_key(picture_id: str, extension: str) -> str:
    """The place of a picture's bytes, such as `pictures/k3/pic_…k3.jpg`.

    It is the picture's own: were equal uploads to share one place, the sweep could take it from
    under an upload that has found it there and is about to commit its row.
    """
    return f"{PICTURES_FOLDER}/{picture_id[-2:].lower()}/{picture_id}.{extension}"


class Storage:
    """Bytes by key. A key, once written, never changes its bytes; a write is seen whole or not.

    Usage: `storage.put(key, data)`, `storage.open(key)`.
    """

    def __init__(self, store: LocalStore | S3Store) -> None:
        """Take a store as `open_storage` builds it."""
        self._store = store

    def put(self, key: str, data: bytes) -> None:
        """Write the bytes; on return they are stored. Do this before the row is committed."""
        obstore.put(self._store, key, data)

    def open(self, key: str) -> bytes:
        """Read the bytes.

        Raises:
            FileNotFoundError: there is nothing under this key.
        """
        return bytes(obstore.get(self._store, key).bytes())

    def exists(self, key: str) -> bool:
        """Whether there is something under this key."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def remove(self, key: str) -> None:
        """Remove it; nothing there is as good."""
        if self.exists(key):
            obstore.delete(self._store, key)


def storage_folder(settings: Settings) -> Path | None:
    """The folder on this machine that holds the bytes; None when a bucket does."""
    if settings.storage_url is None:
        return settings.data_dir.absolute() / "storage"
    address = urlsplit(settings.storage_url)
    return Path(address.path) if address.scheme == "file" else None


def open_storage(settings: Settings) -> Storage:
    """The storage that the settings name: `s3://bucket/prefix`, a folder, or one in `data_dir`.

    Credentials and region of a bucket come from the usual AWS_* variables; other services than
    Amazon's by `AWS_ENDPOINT_URL`.

    Raises:
        ValueError: an address of another kind.
    """
    if settings.storage_url is None:
        folder = settings.data_dir.absolute() / "storage"
        return Storage(LocalStore(str(folder), automatic_cleanup=False, mkdir=True))
    address = urlsplit(settings.storage_url)
    if address.scheme == "s3":
        return Storage(_open_bucket(settings, address.netloc, address.path.strip("/")))
    if address.scheme == "file":
        return Storage(LocalStore(address.path, mkdir=True))
    raise ValueError(f"STORAGE_URL must begin with s3:// or file://, not {settings.storage_url!r}")


def _open_bucket(settings: Settings, bucket: str, prefix: str) -> S3Store:
    config: S3Config = {}
    options: ClientConfig = {"timeout": "30s", "connect_timeout": "5s"}
    if settings.storage_endpoint_url is not None:
        config["endpoint"] = settings.storage_endpoint_url
        options["allow_http"] = settings.storage_endpoint_url.startswith("http://")
    return S3Store(bucket, prefix=prefix or None, config=config, client_options=options)
