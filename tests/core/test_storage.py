"""Bytes by key, in a folder and in an S3 bucket."""

from pathlib import Path

import pytest

from core.settings import Settings
from core.storage import Storage, open_storage, picture_key


@pytest.fixture(params=["folder", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "folder":
        return open_storage(Settings(data_dir=tmp_path))
    return open_storage(Settings(storage_url=request.getfixturevalue("s3_storage_url")))


def test_what_is_put_is_read_again(storage: Storage) -> None:
    storage.put("pictures/ab/one.jpg", b"bytes")

    assert storage.read("pictures/ab/one.jpg") == b"bytes"
    assert storage.exists("pictures/ab/one.jpg")


def test_what_is_not_there_says_so(storage: Storage) -> None:
    assert not storage.exists("pictures/none.jpg")
    with pytest.raises(FileNotFoundError):
        storage.read("pictures/none.jpg")


def test_what_is_removed_is_gone_and_may_be_removed_again(storage: Storage) -> None:
    storage.put("pictures/one.jpg", b"bytes")

    storage.remove("pictures/one.jpg")
    storage.remove("pictures/one.jpg")

    assert not storage.exists("pictures/one.jpg")


def test_a_key_cannot_leave_the_folder(tmp_path: Path) -> None:
    storage = open_storage(Settings(data_dir=tmp_path))

    with pytest.raises(Exception, match=r"(?i)path"):
        storage.put("../outside.jpg", b"bytes")

    assert not list(tmp_path.parent.glob("outside.jpg"))


def test_a_folder_can_be_named(tmp_path: Path) -> None:
    open_storage(Settings(storage_url=f"file://{tmp_path}/kept")).put("one", b"bytes")

    assert (tmp_path / "kept" / "one").read_bytes() == b"bytes"


def test_an_address_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="s3:// or file://"):
        open_storage(Settings(storage_url="ftp://host/folder"))


def test_every_picture_has_a_place_of_its_own() -> None:
    assert picture_key("pic_abcD", "jpg") == "pictures/cd/pic_abcD.jpg"
