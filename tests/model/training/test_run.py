"""Training runs from the command line: their files, resumption and errors."""

import json
import signal
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from model.checkpoint import from_stored_names, load_generator
from model.config import CONFIGS, SMALL, TINY
from model.training.__main__ import main
from model.training.options import parse_options
from model.training.run import Training
from tests.model.samples import training_record


@pytest.fixture(autouse=True)
def _signals_as_before() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, action in before.items():
        signal.signal(number, action)


@pytest.fixture
def command(content_folder: Path, style_folder: Path, vgg_file: Path) -> list[str]:
    """TINY, two pairs of 64 px per step, one step of each stage."""
    return [
        *("--content", str(content_folder), "--style", str(style_folder), "--vgg", str(vgg_file)),
        *("--config", "tiny", "--steps", "4", "--batch", "2", "--crop", "64"),
        *("--styles-each", "2", "--rehearse", "2"),
        *("--warm-steps", "1", "--adversarial-steps", "1", "--finish-steps", "1"),
        *("--device", "cpu", "--precision", "fp32", "--log-every", "1", "--threads", "1"),
    ]


def state_of(run: Path) -> dict[str, Any]:
    return torch.load(run / "checkpoint.pt", weights_only=True)


def test_a_run_interrupted_after_every_step_ends_with_the_same_state(
    tmp_path: Path, command: list[str]
):
    whole, parts = tmp_path / "whole", tmp_path / "parts"

    main([*command, "--run", str(whole)])
    for _ in range(4):
        main([*command, "--run", str(parts), "--minutes", "0"])

    first, second = state_of(whole), state_of(parts)
    assert (first["step"], first["pairs"]) == (second["step"], second["pairs"]) == (4, 8)
    torch.testing.assert_close(tensors_of(first), tensors_of(second), rtol=0, atol=0)


def tensors_of(state: object) -> list[torch.Tensor]:
    """All tensors of a checkpoint in their order."""
    if isinstance(state, torch.Tensor):
        return [state]
    inside: Iterable[object] = ()
    if isinstance(state, dict):
        inside = state.values()
    elif isinstance(state, (list, tuple)):
        inside = state
    return [tensor for part in inside for tensor in tensors_of(part)]


def losses_of(run: Path) -> list[float]:
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [line["total"] for line in lines if "total" in line]


@pytest.mark.parametrize("config", ["tiny", "paper"])
def test_a_resumed_run_has_exactly_the_same_losses(
    tmp_path: Path, command: list[str], config: str, monkeypatch: pytest.MonkeyPatch
):
    literal = {"paper": replace(TINY, modulation="gain", slots=0), "tiny": TINY}
    monkeypatch.setitem(CONFIGS, "paper", literal[config])  # its recipe with a tiny network
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    line = [*command, "--config", config]

    main([*line, "--run", str(whole)])
    for _ in range(4):
        main([*line, "--run", str(parts), "--minutes", "0"])

    assert len(losses_of(whole)) == 4
    assert losses_of(whole) == losses_of(parts)


def test_a_run_resumes_from_its_checkpoint_archive(tmp_path: Path, command: list[str]):
    archive, first = tmp_path / "archive.xz", tmp_path / "first"
    interrupted = [*command, "--kept", str(archive)]
    main([*interrupted, "--run", str(first), "--minutes", "0"])
    others = [tmp_path / name for name in ("second", "third")]

    for other in others:
        copy = tmp_path / f"{other.name}.xz"
        copy.write_bytes(archive.read_bytes())
        main([*command, "--kept", str(copy), "--run", str(other)])

    assert archive.stat().st_size < (first / "checkpoint.pt").stat().st_size / 2
    second, third = (state_of(other) for other in others)
    assert (second["step"], second["pairs"]) == (4, 8)
    torch.testing.assert_close(tensors_of(second), tensors_of(third), rtol=0, atol=0)


def test_an_unreadable_archive_is_reported(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    archive = tmp_path / "archive.xz"
    archive.write_bytes(b"not an archive")

    assert main([*command, "--kept", str(archive), "--run", str(tmp_path / "run")]) == 2
    assert f"{archive} is not a checkpoint archive" in capsys.readouterr().err


def test_a_run_selects_the_better_of_stage_1_and_stage_3_on_the_held_out_set(
    tmp_path: Path, command: list[str]
):
    main([*command, "--run", str(tmp_path), "--held-out", "1.", "c."])

    record = training_record(tmp_path / "weights.safetensors")
    validation = record["validation"]
    weights = record["weights"]
    loss = {
        stage: weights["style"] * validation[stage]["validation_style"]
        + weights["content"] * validation[stage]["validation_content"]
        for stage in ("stage-1", "stage-3")
    }
    better = min(loss, key=lambda stage: loss[stage])
    assert validation["kept"] == {better: pytest.approx(loss[better])}
    version = load_generator(tmp_path / "weights.safetensors")[1]
    assert version == load_generator(tmp_path / f"{better}.safetensors")[1]


def test_a_worse_stage_3_leaves_the_weights_of_stage_1(
    tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
):
    styles = iter([0.1, 0.9, 0.9])  # stage 1, stage 3, the last report
    monkeypatch.setattr(
        Training,
        "validate",
        lambda _: {"validation_style": next(styles), "validation_content": 0.0},
    )

    main([*command, "--run", str(tmp_path)])

    versions = {
        name: load_generator(tmp_path / f"{name}.safetensors")[1]
        for name in ("weights", "stage-1", "stage-3")
    }
    assert versions["weights"] == versions["stage-1"] != versions["stage-3"]


def test_the_accuracies_of_both_discriminators_are_logged(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    logged = [sorted(name for name in line if name.startswith("accuracy")) for line in lines]
    assert logged == [[], [], *[["accuracy_features", "accuracy_style"]] * 2]


@pytest.mark.parametrize("name", ["adversarial", "feature_adversarial"])
def test_a_discriminator_with_weight_0_is_left_out(tmp_path: Path, command: list[str], name: str):
    main([*command, "--run", str(tmp_path), "--weight", f"{name}=0"])

    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert ("accuracy_style" in last, "accuracy_features" in last) == (
        name != "adversarial",
        name != "feature_adversarial",
    )


def test_a_run_can_start_from_given_weights(tmp_path: Path, command: list[str]):
    main([*command, "--steps", "3", "--run", str(tmp_path / "a")])
    given = tmp_path / "a" / "weights.safetensors"

    line = [*command, "--run", str(tmp_path / "b"), "--start-from", str(given)]
    training = Training(parse_options(line))
    training.log.close()

    expected = load_generator(given)[0].state_dict()
    state = training.state.generator.state_dict()
    assert all(torch.equal(tensor, expected[name]) for name, tensor in state.items())


def test_an_entry_of_the_configuration_can_be_changed(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path), "--set", "position=sinusoid", "slots=0"])

    generator, _ = load_generator(tmp_path / "weights.safetensors")
    assert (generator.config.position, generator.config.slots) == ("sinusoid", 0)


def test_the_same_seed_trains_the_same_weights_and_another_does_not(
    tmp_path: Path, command: list[str]
):
    for run, seed in (("a", "0"), ("b", "0"), ("c", "1")):
        main([*command, "--minutes", "0", "--seed", seed, "--run", str(tmp_path / run)])

    versions = [load_generator(tmp_path / run / "weights.safetensors")[1] for run in "abc"]
    assert versions[0] == versions[1] != versions[2]


def test_the_weights_file_contains_the_training_record(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path), "--held-out", "1"])

    record = training_record(tmp_path / "weights.safetensors")
    values = {
        name: record[name] for name in ("config", "steps", "pairs", "photographs", "artworks")
    }
    assert values == {"config": "tiny", "steps": 4, "pairs": 8, "photographs": 2, "artworks": 3}


@pytest.mark.parametrize("data", [None, "my own photos, CC BY 4.0"])
def test_the_record_has_the_data_that_the_user_names(
    tmp_path: Path, command: list[str], data: str | None
):
    given = [] if data is None else ["--data", data]

    main([*command, "--minutes", "0", "--run", str(tmp_path), *given])

    record = training_record(tmp_path / "weights.safetensors")
    assert (record["data"], record["started_from_data"]) == (data, None)


def test_the_record_names_the_data_of_the_weights_to_start_with(tmp_path: Path, command: list[str]):
    first, second = tmp_path / "first", tmp_path / "second"
    main([*command, "--minutes", "0", "--run", str(first), "--data", "theirs"])

    start = ["--start-from", str(first / "weights.safetensors")]
    main([*command, "--minutes", "0", "--run", str(second), "--data", "mine", *start])

    record = training_record(second / "weights.safetensors")
    assert (record["data"], record["started_from_data"]) == ("mine", "theirs")


def test_without_tensorboard_a_run_says_so_once_and_trains(
    tmp_path: Path,
    command: list[str],
    content_folder: Path,
    style_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
):
    for name in [name for name in sys.modules if name.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "tensorboard", None)  # as if it were not installed
    sheet = [
        *("--sheet-content", str(next(content_folder.iterdir()))),
        *("--sheet-style", str(style_folder / "Ukiyo_e" / "c.png")),
    ]

    assert main([*command, "--run", str(tmp_path), *sheet]) == 0

    (message,) = caplog.messages
    assert "pip install 'dualtrans[train]'" in message
    assert len(losses_of(tmp_path)) == 4
    assert list(tmp_path.glob("sheet-*.jpg"))
    assert not list(tmp_path.glob("events.*"))


def test_the_log_has_a_line_per_step(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert ["style" in line for line in lines] == [False, True, True, True]
    assert ["adversarial" in line for line in lines] == [False, False, True, True]


def test_a_run_writes_a_sample_sheet_of_the_given_pictures(
    tmp_path: Path, command: list[str], content_folder: Path, style_folder: Path
):
    photos = [str(path) for path in sorted(content_folder.iterdir())[:2]]
    artwork = str(style_folder / "Ukiyo_e" / "c.png")

    main(
        [
            *(*command, "--steps", "3", "--run", str(tmp_path), "--minutes", "0"),
            *("--sheet-content", *photos, "--sheet-style", artwork),
        ]
    )

    with Image.open(tmp_path / "sheet-000001.jpg") as sheet:
        # a row of artworks and one per photo; columns: photo, tau = 0, one style
        assert sheet.size == (3 * 256 + 2 * 4, 3 * 256 + 2 * 4)


@pytest.mark.parametrize("held_out", [[], ["--held-out", "1.", "c."]], ids=["none", "some"])
def test_repeating_a_finished_run_changes_nothing(
    tmp_path: Path, command: list[str], held_out: list[str]
):
    line = [*command, "--run", str(tmp_path), *held_out]
    assert main(line) == 0
    version = load_generator(tmp_path / "weights.safetensors")[1]
    state = state_of(tmp_path)

    assert main(line) == 0

    assert load_generator(tmp_path / "weights.safetensors")[1] == version
    assert state_of(tmp_path)["figures"] == state["figures"]


def test_a_finished_run_can_continue_with_more_steps(tmp_path: Path, command: list[str]):
    line = [*command, "--run", str(tmp_path), "--held-out", "1.", "c."]
    main(line)

    assert main([*line, "--steps", "6"]) == 0

    state = state_of(tmp_path)
    stages = [
        training_record(tmp_path / f"{stage}.safetensors")["steps"]
        for stage in ("stage-1", "stage-3")
    ]
    assert (state["step"], stages) == (6, [4, 6])
    assert state["figures"].keys() == {"stage-1", "stage-3", "kept"}


def test_a_selection_is_discarded_when_training_continues(
    tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
):
    styles = iter([0.1, 0.9, 0.9, 0.9, 0.9])  # stage 1 of the first run is the best
    monkeypatch.setattr(
        Training,
        "validate",
        lambda _: {"validation_style": next(styles), "validation_content": 0.0},
    )
    main([*command, "--run", str(tmp_path)])

    main([*command, "--run", str(tmp_path), "--steps", "6", "--minutes", "0"])

    average = from_stored_names(state_of(tmp_path)["average"])
    weights = load_generator(tmp_path / "weights.safetensors")[0].state_dict()
    assert all(torch.equal(t, average[n].half().float()) for n, t in weights.items())


def test_the_weights_to_use_are_the_moving_average(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    read, _ = load_generator(tmp_path / "weights.safetensors")
    average = from_stored_names(state_of(tmp_path)["average"])
    assert all(torch.equal(t, average[n].half().float()) for n, t in read.state_dict().items())


# Steps that are rejected


@pytest.fixture
def training(tmp_path: Path, command: list[str]) -> Iterator[Training]:
    training = Training(parse_options([*command, "--run", str(tmp_path)]))
    yield training
    training.log.close()


@pytest.fixture
def diverged_training(training: Training, monkeypatch: pytest.MonkeyPatch) -> Training:
    """Every loss is NaN."""

    def reconstruction(batch):
        terms = type(training.losses).reconstruction(training.losses, batch)
        return {name: term * float("nan") for name, term in terms.items()}

    monkeypatch.setattr(training.losses, "reconstruction", reconstruction)
    return training


def test_a_step_that_is_not_finite_changes_no_weight(diverged_training: Training):
    training = diverged_training
    before = {
        name: tensor.clone() for name, tensor in training.state.generator.state_dict().items()
    }

    training.one_step(training.pairs.batch_of(0))

    after = training.state.generator.state_dict()
    assert all(torch.equal(after[name], tensor) for name, tensor in before.items())
    assert (training.state.pairs, training.rejected_steps) == (0, 1)


def test_a_finite_step_changes_weights_and_average(training: Training):
    before = [parameter.clone() for parameter in training.state.generator.parameters()]

    training.one_step(training.pairs.batch_of(0))

    changed = [
        not torch.equal(now, then)
        for parameters in (
            training.state.generator.parameters(),
            training.state.average.parameters(),
        )
        for now, then in zip(parameters, before, strict=True)
    ]
    assert (sum(changed) > len(changed) / 2, training.state.pairs) == (True, 2)


def test_a_much_larger_gradient_changes_no_weight(training: Training):
    batch = training.pairs.batch_of(0)
    norm = training.one_step(batch)["norm"]
    training.state.typical_norm = norm / 1000
    before = [parameter.clone() for parameter in training.state.generator.parameters()]

    training.one_step(batch)

    after = training.state.generator.parameters()
    assert all(torch.equal(now, then) for now, then in zip(after, before, strict=True))
    assert (training.rejected_steps, training.state.typical_norm) == (1, norm / 1000)


def test_many_rejected_steps_in_a_row_end_the_run_with_advice(
    diverged_training: Training,
):
    batch = diverged_training.pairs.batch_of(0)
    diverged_training.rejected_steps = 18

    diverged_training.one_step(batch)
    with pytest.raises(SystemExit, match=r"20 steps in a row was .*; lower --learning-rate"):
        diverged_training.one_step(batch)


# Errors are reported in one line


def last_error_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().err.strip().splitlines()[-1]


def test_a_missing_folder_is_reported(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    code = main([*command, "--content", str(tmp_path / "nowhere"), "--run", str(tmp_path)])

    assert (code, last_error_line(capsys)) == (
        2,
        f"dualtrans train: {tmp_path / 'nowhere'} is not a folder",
    )


@pytest.mark.parametrize("content", [None, b"no weights"], ids=["missing", "text"])
def test_an_unreadable_vgg_file_is_reported(
    tmp_path: Path, command: list[str], content: bytes | None, capsys: pytest.CaptureFixture[str]
):
    if content is not None:
        (tmp_path / "vgg.pth").write_bytes(content)

    code = main([*command, "--vgg", str(tmp_path / "vgg.pth"), "--run", str(tmp_path)])

    assert (code, "vgg.pth" in last_error_line(capsys)) == (2, True)


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        (["--set", "dims"], "'dims' is not NAME=VALUE with a field of DualTransConfig"),
        (["--weight", "beauty=1"], "'beauty=1' is not NAME=VALUE with a field of LossWeights"),
        (["--adversarial-steps", "9"], "do not fit into --steps 4"),
        (["--set", "code_dim=30"], "code_dim=30 cannot be divided into the 4 attention heads"),
        (["--weight", "style=much"], "style is 'much': Input should be a valid number"),
        (["--device", "abacus"], "device is 'abacus'"),
    ],
    ids=str,
)
def test_an_invalid_change_is_reported(
    tmp_path: Path,
    command: list[str],
    extra: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
):
    code = main([*command, "--run", str(tmp_path), *extra])

    assert (code, line in last_error_line(capsys)) == (2, True)


def test_a_missing_vgg_file_is_reported(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    index = command.index("--vgg")

    code = main([*command[:index], *command[index + 2 :], "--run", str(tmp_path)])

    assert (code, last_error_line(capsys)) == (
        2,
        "dualtrans train: --config tiny is trained with VGG-19: --vgg is required",
    )


@pytest.mark.parametrize(
    ("option", "value"),
    [
        *((option, "0") for option in ("--batch", "--steps", "--log-every", "--threads")),
        *((option, "-1") for option in ("--rehearse", "--seed", "--minutes", "--average")),
        *((option, "nan") for option in ("--learning-rate", "--minutes", "--average")),
        ("--batch", "2.5"),
        ("--average", "1.5"),
    ],
)
def test_a_number_out_of_range_is_rejected(
    command: list[str], option: str, value: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        parse_options([*command, option, value])

    assert f"argument {option}: {value!r} is not a" in last_error_line(capsys)


@pytest.mark.parametrize("crop", ["32", "100"])
def test_a_crop_that_does_not_fit_the_grid_is_rejected(
    command: list[str], crop: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        parse_options([*command, "--crop", crop])

    assert f"--crop {crop} is not a multiple of 32 of at least 64" in last_error_line(capsys)


def test_a_checkpoint_with_a_different_configuration_is_not_overwritten(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    main([*command, "--minutes", "0", "--run", str(tmp_path)])
    state = state_of(tmp_path)
    torch.save({**state, "config": SMALL.to_dict()}, tmp_path / "checkpoint.pt")

    assert main([*command, "--run", str(tmp_path)]) == 2
    assert "has a different configuration; choose another --run" in last_error_line(capsys)


def test_an_unreadable_checkpoint_is_not_overwritten(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "checkpoint.pt").write_bytes(b"half a checkpoint")

    assert main([*command, "--run", str(tmp_path)]) == 2
    assert "checkpoint.pt is not a checkpoint" in last_error_line(capsys)
    assert (tmp_path / "checkpoint.pt").read_bytes() == b"half a checkpoint"
