"""A run from the command line: what it leaves behind, how it goes on, what stops it."""

import json
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from model.checkpoint import load_generator, training_record
from model.config import SMALL
from model.training.__main__ import Training, main, parse


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.fixture
def command(content_folder: Path, style_folder: Path, vgg_file: Path) -> list[str]:
    """TINY, two pairs of 64 px a step, two steps of each stage."""
    return [
        *("--content", str(content_folder), "--style", str(style_folder), "--vgg", str(vgg_file)),
        *("--config", "tiny", "--steps", "4", "--warm-steps", "2", "--batch", "2", "--crop", "64"),
        *("--device", "cpu", "--precision", "fp32", "--log-every", "1", "--threads", "1"),
    ]


def state_of(run: Path) -> dict[str, Any]:
    return torch.load(run / "checkpoint.pt", weights_only=True)


def test_a_run_that_was_stopped_after_each_step_ends_as_one_that_was_not(
    tmp_path: Path, command: list[str]
):
    whole, parts = tmp_path / "whole", tmp_path / "parts"

    main([*command, "--run", str(whole)])
    for _ in range(4):
        main([*command, "--run", str(parts), "--minutes", "0"])

    one, other = state_of(whole), state_of(parts)
    assert (one["step"], one["pairs"]) == (other["step"], other["pairs"]) == (4, 8)
    torch.testing.assert_close(
        [one[part] for part in ("generator", "average", "reader", "optimiser")],
        [other[part] for part in ("generator", "average", "reader", "optimiser")],
        rtol=0,
        atol=0,
    )


def test_the_same_seed_trains_the_same_weights_and_another_does_not(
    tmp_path: Path, command: list[str]
):
    for run, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        main([*command, "--steps", "1", "--seed", seed, "--run", str(tmp_path / run)])

    versions = [load_generator(tmp_path / run / "weights.safetensors")[1] for run in "abc"]
    assert versions[0] == versions[1] != versions[2]


def test_a_run_leaves_weights_that_tell_how_they_were_trained(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path), "--held-out", "1"])

    record = training_record(tmp_path / "weights.safetensors")
    told = {name: record[name] for name in ("config", "steps", "pairs", "photographs", "artworks")}
    assert told == {"config": "tiny", "steps": 4, "pairs": 8, "photographs": 2, "artworks": 3}


def test_a_run_leaves_a_line_a_step(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert ("style" in lines[1], "style" in lines[2]) == (False, True)


def test_a_run_leaves_a_sheet_of_the_pictures_it_is_shown_with(
    tmp_path: Path, command: list[str], content_folder: Path, style_folder: Path
):
    photographs = [str(path) for path in sorted(content_folder.iterdir())[:2]]
    artwork = str(style_folder / "Ukiyo_e" / "c.png")

    main(
        [
            *(*command, "--steps", "1", "--run", str(tmp_path)),
            *("--sheet-content", *photographs, "--sheet-style", artwork),
        ]
    )

    with Image.open(tmp_path / "sheet-000001.jpg") as sheet:
        # a row of artworks and one a photograph; photograph, tau = 0, one style
        assert sheet.size == (3 * 192 + 2 * 4, 3 * 192 + 2 * 4)


def test_a_finished_run_stays_as_it_is(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])
    version = load_generator(tmp_path / "weights.safetensors")[1]

    main([*command, "--run", str(tmp_path)])

    assert load_generator(tmp_path / "weights.safetensors")[1] == version


def test_what_is_shown_and_shipped_is_the_moving_average(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    read, _ = load_generator(tmp_path / "weights.safetensors")
    average = state_of(tmp_path)["average"]
    assert all(torch.equal(t, average[n].half().float()) for n, t in read.state_dict().items())


# Numbers that are not finite


@pytest.fixture
def training(tmp_path: Path, command: list[str]) -> Iterator[Training]:
    training = Training(parse([*command, "--run", str(tmp_path)]))
    yield training
    training.logbook.close()


@pytest.fixture
def training_gone_wrong(training: Training, monkeypatch: pytest.MonkeyPatch) -> Training:
    """Every loss is not a number."""

    def infected(batch):
        terms = type(training.losses).reconstruction(training.losses, batch)
        return {name: term * float("nan") for name, term in terms.items()}

    monkeypatch.setattr(training.losses, "reconstruction", infected)
    return training


def test_a_step_that_is_not_finite_changes_no_weight(training_gone_wrong: Training):
    training = training_gone_wrong
    before = {name: tensor.clone() for name, tensor in training.generator.state_dict().items()}

    training.one_step(training.pairs.batch_of(0))

    after = training.generator.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert (training.pairs_seen, training.refused) == (0, 1)


def test_a_finite_step_changes_weights_and_average(training: Training):
    before = [parameter.clone() for parameter in training.generator.parameters()]

    training.one_step(training.pairs.batch_of(0))

    changed = [
        not torch.equal(now, then)
        for parameters in (training.generator.parameters(), training.average.parameters())
        for now, then in zip(parameters, before, strict=True)
    ]
    assert (sum(changed) > len(changed) / 2, training.pairs_seen) == (True, 2)


def test_a_gradient_that_leaps_changes_no_weight(training: Training):
    batch = training.pairs.batch_of(0)
    usual = training.one_step(batch)["norm"]
    training.usual_norm = usual / 1000
    before = [parameter.clone() for parameter in training.generator.parameters()]

    training.one_step(batch)

    after = training.generator.parameters()
    assert all(torch.equal(now, then) for now, then in zip(after, before, strict=True))
    assert (training.refused, training.usual_norm) == (1, usual / 1000)


def test_many_steps_in_a_row_that_are_not_finite_end_the_run_with_advice(
    training_gone_wrong: Training,
):
    batch = training_gone_wrong.pairs.batch_of(0)
    training_gone_wrong.refused = 18

    training_gone_wrong.one_step(batch)
    with pytest.raises(SystemExit, match=r"20 steps in a row were .*; lower --learning-rate"):
        training_gone_wrong.one_step(batch)


# What is wrong is told in one line


def told(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_a_missing_folder_is_told(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    code = main([*command, "--content", str(tmp_path / "nowhere"), "--run", str(tmp_path)])

    assert (code, told(capsys)) == (
        2,
        f"dualtrans train: {tmp_path / 'nowhere'} is not a folder",
    )


@pytest.mark.parametrize("content", [None, b"no weights"], ids=["missing", "text"])
def test_a_vgg_that_cannot_be_read_is_told(
    tmp_path: Path, command: list[str], content: bytes | None, capsys: pytest.CaptureFixture[str]
):
    if content is not None:
        (tmp_path / "vgg.pth").write_bytes(content)

    code = main([*command, "--vgg", str(tmp_path / "vgg.pth"), "--run", str(tmp_path)])

    assert (code, "vgg.pth" in told(capsys)) == (2, True)


@pytest.mark.parametrize("crop", ["32", "100"])
def test_a_crop_that_fits_no_grid_is_refused(
    command: list[str], crop: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        parse([*command, "--crop", crop])

    assert f"--crop {crop} is not a multiple of 32 of at least 64" in told(capsys)


def test_a_checkpoint_of_another_configuration_is_not_overwritten(
    tmp_path: Path, command: list[str]
):
    main([*command, "--steps", "1", "--run", str(tmp_path)])
    state = state_of(tmp_path)
    torch.save({**state, "config": SMALL.to_dict()}, tmp_path / "checkpoint.pt")

    with pytest.raises(SystemExit, match="is of another configuration; choose another --run"):
        main([*command, "--run", str(tmp_path)])


def test_a_checkpoint_that_cannot_be_read_is_not_overwritten(tmp_path: Path, command: list[str]):
    (tmp_path / "checkpoint.pt").write_bytes(b"half a checkpoint")

    with pytest.raises(SystemExit, match=r"checkpoint\.pt is no checkpoint"):
        main([*command, "--run", str(tmp_path)])

    assert (tmp_path / "checkpoint.pt").read_bytes() == b"half a checkpoint"
