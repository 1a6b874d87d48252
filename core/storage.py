"""Stores the bytes of pictures in a local folder or an S3-compatible bucket."""

from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError as StorageError
from obstore.store import LocalStore, S3Store

from core.settings import Settings

if TYPE_CHECKING:
    from obstore.store import ClientConfig, S3Config

__all__ = [
    "MIN_FREE_BYTES",
    "Storage",
    "StorageError",
    "open_storage",
    "picture_key",
    "storage_folder",
]

PICTURES_FOLDER: Final = "pictures"
MIN_FREE_BYTES: Final = 200 * 1024 * 1024  # with less free space uploads are refused


def picture_key(picture_id: str, extension: str) -> str:
    """Return the storage key of a picture, such as `pictures/k3/pic_…k3.jpg`.

    Every picture has its own key. If equal uploads shared one, the retention sweep could delete
    bytes that a concurrent upload has just found and is about to reference.
    """
    return f"{PICTURES_FOLDER}/{picture_id[-2:].lower()}/{picture_id}.{extension}"


class Storage:
    """Immutable objects by key: bytes under a key never change, and writes are atomic.

    Every method raises `StorageError` when the storage is unreachable or refuses the request.

    Usage: `storage.put(key, data)`, `storage.read(key)`.
    """

    def __init__(self, store: LocalStore | S3Store) -> None:
        """Wrap a store that `open_storage` has configured."""
        self._store = store

    def put(self, key: str, data: bytes) -> None:
        """Write the bytes. Call this before the row that names them is committed."""
        try:
            obstore.put(self._store, key, data)
        except FileNotFoundError as error:  # the bucket does not exist
            raise StorageError(str(error)) from error

    def read(self, key: str) -> bytes:
        """Return the bytes.

        Raises:
            FileNotFoundError: no object has this key.
        """
        return bytes(obstore.get(self._store, key).bytes())

    def exists(self, key: str) -> bool:
        """Return whether an object has this key."""
        try:
            obstore.head(self._store, key)
        except FileNotFoundError:
            return False
        return True

    def remove(self, key: str) -> None:
        """Delete the object. A missing object is not an error, as in S3."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:  # raised by a local folder only
            return


def storage_folder(settings: Settings) -> Path | None:
    """Return the local folder of the stored bytes, or None for a bucket."""
    if settings.storage_url is None:
        return settings.data_dir.absolute() / "storage"
    address = urlsplit(settings.storage_url)
    return Path(address.path) if address.scheme == "file" else None


def open_storage(settings: Settings) -> Storage:
    """Open `STORAGE_URL`: `s3://bucket/prefix`, `file:///folder`, or a folder in `data_dir`.

    The credentials and region of a bucket come from the usual AWS_* variables;
    `AWS_ENDPOINT_URL` selects a service other than Amazon's.

    Raises:
        ValueError: the URL has another scheme.
    """
    folder = storage_folder(settings)
    if folder is not None:
        return Storage(LocalStore(str(folder), mkdir=True))
    address = urlsplit(settings.storage_url or "")
    if address.scheme == "s3":
        return Storage(_open_bucket(settings, address.netloc, address.path.strip("/")))
    raise ValueError(f"STORAGE_URL must begin with s3:// or file://, not {settings.storage_url!r}")


def _open_bucket(settings: Settings, bucket: str, prefix: str) -> S3Store:
    config: S3Config = {}
    options: ClientConfig = {"timeout": "30s", "connect_timeout": "5s"}
    if settings.storage_endpoint_url is not None:
        config["endpoint"] = settings.storage_endpoint_url
        options["allow_http"] = settings.storage_endpoint_url.startswith("http://")
    return S3Store(bucket, prefix=prefix or None, config=config, client_options=options)
