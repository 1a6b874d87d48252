"""The storage in a local folder and in an S3 bucket."""

from pathlib import Path

import pytest

from core.settings import Settings
from core.storage import Storage, StorageError, open_storage, picture_key


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage(Settings(data_dir=tmp_path))
    return open_storage(Settings(storage_url=request.getfixturevalue("s3_storage_url")))


def test_bytes_that_were_put_can_be_read(storage: Storage) -> None:
    storage.put("pictures/ab/one.jpg", b"bytes")

    assert storage.read("pictures/ab/one.jpg") == b"bytes"
    assert storage.exists("pictures/ab/one.jpg")


def test_a_missing_key_is_reported(storage: Storage) -> None:
    assert not storage.exists("pictures/none.jpg")
    with pytest.raises(FileNotFoundError):
        storage.read("pictures/none.jpg")


def test_removing_a_key_twice_is_not_an_error(storage: Storage) -> None:
    storage.put("pictures/one.jpg", b"bytes")

    storage.remove("pictures/one.jpg")
    storage.remove("pictures/one.jpg")

    assert not storage.exists("pictures/one.jpg")


def test_removing_a_key_that_never_existed_is_not_an_error(storage: Storage) -> None:
    storage.remove("pictures/never.jpg")


def test_a_file_that_vanishes_from_the_folder_can_be_removed(tmp_path: Path) -> None:
    storage = open_storage(Settings(data_dir=tmp_path))
    storage.put("one.jpg", b"bytes")
    (tmp_path / "storage" / "one.jpg").unlink()

    storage.remove("one.jpg")

    with pytest.raises(FileNotFoundError):
        storage.read("one.jpg")


def test_writing_to_a_bucket_that_does_not_exist_is_a_storage_error(s3_storage_url: str) -> None:
    storage = open_storage(Settings(storage_url=f"{s3_storage_url}".replace("s3://", "s3://no-")))

    with pytest.raises(StorageError):
        storage.put("one.jpg", b"bytes")


def test_a_folder_that_cannot_be_written_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"not a folder")
    storage = open_storage(Settings(storage_url=f"file://{tmp_path}"))

    with pytest.raises(StorageError):
        storage.put("file/one.jpg", b"bytes")


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    storage = open_storage(Settings(data_dir=tmp_path))

    with pytest.raises(Exception, match=r"(?i)path"):
        storage.put("../outside.jpg", b"bytes")

    assert not list(tmp_path.parent.glob("outside.jpg"))


def test_a_file_url_selects_a_folder(tmp_path: Path) -> None:
    open_storage(Settings(storage_url=f"file://{tmp_path}/kept")).put("one", b"bytes")

    assert (tmp_path / "kept" / "one").read_bytes() == b"bytes"


def test_a_url_with_another_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="s3:// or file://"):
        open_storage(Settings(storage_url="ftp://host/folder"))


def test_every_picture_has_its_own_key() -> None:
    assert picture_key("pic_abcD", "jpg") == "pictures/cd/pic_abcD.jpg"
