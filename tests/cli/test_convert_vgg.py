"""`dualtrans convert-vgg` makes a file with VGG-19 for the refinement of own styles."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from cli.main import main
from model.perceptual.vgg import CONVOLUTIONS, load_vgg
from tests.model.samples import random_vgg_weights, tensor


@pytest.fixture
def torchvision_file(tmp_path: Path) -> Path:
    """A file in torchvision's layout, with a layer behind relu4_1 and random values."""
    path = tmp_path / "vgg19-dcbb9e9d.pth"
    weights = random_vgg_weights() | {"features.21.weight": torch.zeros(512, 512, 3, 3)}
    torch.save(weights, path)
    return path


def convert(capsys: pytest.CaptureFixture[str], source: Path, target: Path) -> tuple[int, str]:
    status = main(["convert-vgg", str(source), str(target)])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def test_the_file_has_only_the_layers_up_to_relu4_1_and_gives_the_same_features(
    torchvision_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "vgg.safetensors"

    status, printed = convert(capsys, torchvision_file, target)

    assert (status, printed) == (0, f"{target}  14.0 MB\n")
    assert len(load_file(target)) == 2 * len(CONVOLUTIONS)
    picture = tensor(64, 64)
    torch.testing.assert_close(load_vgg(target)(picture), load_vgg(torchvision_file)(picture))


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        ("vgg19-dcbb9e9d.pth", "vgg.pth", "TARGET must end with .safetensors"),
        ("none.pth", "vgg.safetensors", "No such file or directory"),
        ("text.pth", "vgg.safetensors", "contains no weights"),
        ("text.pth", "text.pth/vgg.safetensors", "contains no weights"),
    ],
)
def test_an_unusable_file_is_reported_in_one_line(
    torchvision_file: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    source: str,
    target: str,
    message: str,
) -> None:
    (tmp_path / "text.pth").write_text("text")

    status, printed = convert(capsys, tmp_path / source, tmp_path / target)

    assert status == 2
    assert message in printed
    assert len(printed.splitlines()) == 1
    assert not (tmp_path / target).exists()


def test_the_source_is_not_overwritten(
    torchvision_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = tmp_path / "first.safetensors"
    convert(capsys, torchvision_file, first)

    status, printed = convert(capsys, first, first)

    assert status == 2
    assert "SOURCE and TARGET are the same file" in printed


def test_a_target_that_cannot_be_written_is_reported(
    torchvision_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("")

    status, printed = convert(capsys, torchvision_file, tmp_path / "file" / "vgg.safetensors")

    assert status == 2
    assert "file" in printed
    assert len(printed.splitlines()) == 1
