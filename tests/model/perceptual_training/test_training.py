"""The training of the compact network: it learns, resumes exactly, and writes its weights."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from model.perceptual import compact
from model.perceptual import vgg as vgg_module
from model.perceptual.compact import CompactConfig, load_compact_perceptual
from model.perceptual.vgg import TAP_CHANNELS, Vgg19, load_vgg
from model.perceptual_training import __main__ as command
from model.perceptual_training import paintings, training
from model.perceptual_training.crops import stacked
from model.perceptual_training.distillation import TapErrors
from model.perceptual_training.training import Training, TrainingOptions
from tests.model.samples import picture, tensor, training_record, write_pictures

TINY = CompactConfig(dims=(4, 6, 8, 10), blocks=(1, 0, 0, 1))


@pytest.fixture(autouse=True)
def _in_fp32(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (compact, training, vgg_module):
        monkeypatch.setattr(module, "fastest_precision", lambda _: "fp32")


@pytest.fixture
def vgg(vgg_file: Path) -> Vgg19:
    return load_vgg(vgg_file, padding_mode="zeros")


@pytest.fixture
def crops() -> np.ndarray:
    return stacked([picture((128, 128), seed=seed) for seed in range(10)])


@pytest.fixture
def start(tmp_path: Path, vgg: Vgg19, crops: np.ndarray) -> Callable[..., Training]:
    """A function that starts a run, or resumes the one with this name."""

    def start(name: str, **changed: Any) -> Training:
        numbers: dict[str, Any] = {"steps": 5, "batch": 2, **changed}
        options = TrainingOptions(TINY, **numbers)
        return Training(vgg, crops, options, tmp_path / name / "checkpoint.pt")

    return start


def test_a_perfect_prediction_has_no_error(vgg: Vgg19):
    taps = vgg(tensor(64, 64, batch=2))

    assert float(TapErrors.of(taps, taps).loss) == pytest.approx(0, abs=1e-5)


def test_a_prediction_of_zeros_has_an_error_of_1_in_each_tap(vgg: Vgg19):
    taps = vgg(tensor(64, 64, batch=2))

    errors = TapErrors.of([torch.zeros_like(tap) for tap in taps], taps)

    assert len(errors.maps) == len(errors.statistics) == len(TAP_CHANNELS)
    assert errors.maps.tolist() == pytest.approx([1] * 4)
    assert errors.statistics.tolist() == pytest.approx([1] * 4, rel=0.01)
    assert 0 < float(errors.content) <= 1


@pytest.mark.slow
def test_the_loss_and_the_errors_on_held_out_crops_fall(
    start: Callable[..., Training], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(training, "_WARM_UP_STEPS", 1)
    run = start("run", steps=25, rate=0.02)
    before = run.validate()
    losses: list[float] = []

    run.run(report=lambda _step, loss: losses.append(loss))

    assert len(losses) == 25
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert sum(run.validate().statistics) < 0.5 * sum(before.statistics)


def interrupted_at(step: int) -> Callable[[int, float], None]:
    def report(done: int, _loss: float) -> None:
        if done == step:
            raise KeyboardInterrupt

    return report


def test_a_resumed_run_equals_an_uninterrupted_one(start: Callable[..., Training]):
    whole = start("whole")
    whole.run()

    with pytest.raises(KeyboardInterrupt):
        start("parts").run(save_every=2, report=interrupted_at(3))
    resumed = start("parts")
    assert resumed.step == 2
    resumed.run()

    assert resumed.step == whole.step == 5
    for name, wanted in whole.average.state_dict().items():
        assert torch.equal(resumed.average.state_dict()[name], wanted), name


def test_a_finished_run_does_nothing_further(start: Callable[..., Training]):
    start("run").run()

    start("run").run(report=interrupted_at(1))  # would raise in a step

    assert start("run").step == 5


def test_a_checkpoint_of_other_options_is_refused(start: Callable[..., Training]):
    start("run").save()

    with pytest.raises(ValueError, match="has other options; choose another --work"):
        start("run", steps=6)


def test_a_file_that_is_no_checkpoint_is_refused(start: Callable[..., Training], tmp_path: Path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "checkpoint.pt").write_bytes(b"text")

    with pytest.raises(ValueError, match="is not a checkpoint"):
        start("run")


def test_too_few_crops_are_refused(start: Callable[..., Training]):
    with pytest.raises(ValueError, match="10 crops are too few for batches of 10"):
        start("run", batch=10)


# The command


@pytest.fixture
def arguments(
    tmp_path: Path, weights: Path, vgg_file: Path, monkeypatch: pytest.MonkeyPatch
) -> list[str]:
    monkeypatch.setattr(paintings, "_SIDES_PX", (128,))
    photos = write_pictures(tmp_path / "photos", ["1.jpg", "2.jpg"])
    artworks = write_pictures(tmp_path / "artworks", ["a.jpg", "b.jpg"], first_seed=10)
    paths = {
        "photos": photos,
        "artworks": artworks,
        "vgg": vgg_file,
        "weights": weights,
        "work": tmp_path / "work",
        "out": tmp_path / "perceptual.safetensors",
    }
    numbers = {"photo-crops": 4, "artwork-crops": 4, "paintings": 1, "steps": 2, "batch": 2}
    given = [f"--{name}={value}" for name, value in {**paths, **numbers}.items()]
    return [*given, "--dims", "4", "6", "8", "10", "--device", "cpu"]


def test_the_written_file_predicts_what_the_trained_network_predicts(
    tmp_path: Path, arguments: list[str], vgg: Vgg19
):
    assert command.main(arguments) == 0

    written = tmp_path / "perceptual.safetensors"
    loaded = load_compact_perceptual(written, torch.device("cpu"))
    crops = np.load(tmp_path / "work" / "pictures.npy")
    options = TrainingOptions(loaded.config, steps=2, batch=2)
    trained = Training(vgg, crops, options, tmp_path / "work" / "checkpoint.pt")
    assert trained.step == 2
    pictures = tensor(64, 64)
    torch.testing.assert_close(loaded(pictures), trained.average(pictures), rtol=0.01, atol=0.002)
    record = training_record(written)
    assert (record["steps"], record["pictures"]["paintings"]) == (2, 1)
    measured = trained.validate()
    assert record["validation"]["maps"] == pytest.approx(measured.maps, abs=1e-3)
    assert record["validation"]["content"] == pytest.approx(measured.content, rel=1e-3)


def test_the_pictures_of_a_run_are_made_once(tmp_path: Path, arguments: list[str]):
    command.main(arguments)
    made = (tmp_path / "work" / "pictures.npy").stat().st_mtime_ns

    assert command.main(arguments) == 0

    assert (tmp_path / "work" / "pictures.npy").stat().st_mtime_ns == made


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--vgg", "none.safetensors"], "none.safetensors"),
        (["--photos", "nowhere"], "nowhere is not a folder"),
        (["--batch", "14"], "too few for batches of 14"),
        (["--dims", "4", "6", "8", "0"], "dims.3 is 0"),
    ],
)
def test_unusable_options_are_reported(
    arguments: list[str], more: list[str], message: str, capsys: pytest.CaptureFixture[str]
):
    assert command.main([*arguments, *more]) == 2

    assert message in capsys.readouterr().err
