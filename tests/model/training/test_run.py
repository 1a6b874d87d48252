"""A run from the command line: what it leaves behind, how it goes on, what stops it."""

import json
import signal
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from model.checkpoint import from_stored_names, load_generator
from model.config import CONFIGS, SMALL, TINY
from model.training.__main__ import main, parse, schedule, tables
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
    """TINY, two pairs of 64 px a step, one step of each stage."""
    return [
        *("--content", str(content_folder), "--style", str(style_folder), "--vgg", str(vgg_file)),
        *("--config", "tiny", "--steps", "4", "--batch", "2", "--crop", "64"),
        *("--styles-each", "2", "--rehearse", "2"),
        *("--warm-steps", "1", "--adversarial-steps", "1", "--finish-steps", "1"),
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
    torch.testing.assert_close(tensors_of(one), tensors_of(other), rtol=0, atol=0)


def tensors_of(state: object) -> list[torch.Tensor]:
    """Every tensor of a checkpoint, in its order."""
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
def test_a_run_that_goes_on_has_the_same_loss_to_the_last_digit(
    tmp_path: Path, command: list[str], config: str, monkeypatch: pytest.MonkeyPatch
):
    literal = {"paper": replace(TINY, modulation="gain", slots=0), "tiny": TINY}
    monkeypatch.setitem(CONFIGS, "paper", literal[config])  # its recipe on a network for tests
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    line = [*command, "--config", config]

    main([*line, "--run", str(whole)])
    for _ in range(4):
        main([*line, "--run", str(parts), "--minutes", "0"])

    assert len(losses_of(whole)) == 4
    assert losses_of(whole) == losses_of(parts)


def test_a_run_goes_on_from_a_small_copy_of_its_checkpoint(tmp_path: Path, command: list[str]):
    kept, first = tmp_path / "kept.xz", tmp_path / "first"
    half = [*command, "--kept", str(kept)]
    main([*half, "--run", str(first), "--minutes", "0"])
    others = [tmp_path / name for name in ("second", "third")]

    for other in others:
        copy = tmp_path / f"{other.name}.xz"
        copy.write_bytes(kept.read_bytes())
        main([*command, "--kept", str(copy), "--run", str(other)])

    assert kept.stat().st_size < (first / "checkpoint.pt").stat().st_size / 2
    second, third = (state_of(other) for other in others)
    assert (second["step"], second["pairs"]) == (4, 8)
    torch.testing.assert_close(tensors_of(second), tensors_of(third), rtol=0, atol=0)


def test_a_small_copy_that_cannot_be_read_is_told(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    kept = tmp_path / "kept.xz"
    kept.write_bytes(b"nothing of the kind")

    assert main([*command, "--kept", str(kept), "--run", str(tmp_path / "run")]) == 2
    assert f"{kept} is no packed checkpoint" in capsys.readouterr().err


def test_a_run_keeps_the_better_of_stage_1_and_stage_3_on_the_held_out_pictures(
    tmp_path: Path, command: list[str]
):
    main([*command, "--run", str(tmp_path), "--held-out", "1.", "c."])

    record = training_record(tmp_path / "weights.safetensors")
    figures = record["validation"]
    weights = record["weights"]
    loss = {
        stage: weights["style"] * figures[stage]["validation_style"]
        + weights["content"] * figures[stage]["validation_content"]
        for stage in ("stage-1", "stage-3")
    }
    better = min(loss, key=lambda stage: loss[stage])
    assert figures["kept"] == {better: pytest.approx(loss[better])}
    kept = load_generator(tmp_path / "weights.safetensors")[1]
    assert kept == load_generator(tmp_path / f"{better}.safetensors")[1]


def test_a_stage_2_that_lost_leaves_the_weights_of_stage_1(
    tmp_path: Path, command: list[str], monkeypatch: pytest.MonkeyPatch
):
    figures = iter([0.1, 0.9, 0.9])  # stage 1, stage 3, the last sheet's
    monkeypatch.setattr(
        Training,
        "validate",
        lambda _: {"validation_style": next(figures), "validation_content": 0.0},
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
    told = [sorted(name for name in line if name.startswith("accuracy")) for line in lines]
    assert told == [[], [], *[["accuracy_features", "accuracy_style"]] * 2]


@pytest.mark.parametrize("name", ["adversarial", "feature_adversarial"])
def test_a_discriminator_of_no_weight_is_left_out(tmp_path: Path, command: list[str], name: str):
    main([*command, "--run", str(tmp_path), "--weight", f"{name}=0"])

    last = json.loads((tmp_path / "log.jsonl").read_text().splitlines()[-1])
    assert ("accuracy_style" in last, "accuracy_features" in last) == (
        name != "adversarial",
        name != "feature_adversarial",
    )


def test_a_run_can_begin_with_given_weights(tmp_path: Path, command: list[str]):
    main([*command, "--steps", "3", "--run", str(tmp_path / "a")])
    given = tmp_path / "a" / "weights.safetensors"

    options = parse([*command, "--run", str(tmp_path / "b"), "--start-from", str(given)])
    config, recipe = tables(options)
    training = Training(options, config, recipe, schedule(options, recipe))
    training.logbook.close()

    wanted = load_generator(given)[0].state_dict()
    assert all(torch.equal(t, wanted[n]) for n, t in training.generator.state_dict().items())


def test_an_entry_of_the_table_can_be_changed(tmp_path: Path, command: list[str]):
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


def test_a_run_leaves_weights_that_tell_how_they_were_trained(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path), "--held-out", "1"])

    record = training_record(tmp_path / "weights.safetensors")
    told = {name: record[name] for name in ("config", "steps", "pairs", "photographs", "artworks")}
    assert told == {"config": "tiny", "steps": 4, "pairs": 8, "photographs": 2, "artworks": 3}


def test_a_run_leaves_a_line_a_step(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    lines = [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [1, 2, 3, 4]
    assert ["style" in line for line in lines] == [False, True, True, True]
    assert ["adversarial" in line for line in lines] == [False, False, True, True]


def test_a_run_leaves_a_sheet_of_the_pictures_it_is_shown_with(
    tmp_path: Path, command: list[str], content_folder: Path, style_folder: Path
):
    photographs = [str(path) for path in sorted(content_folder.iterdir())[:2]]
    artwork = str(style_folder / "Ukiyo_e" / "c.png")

    main(
        [
            *(*command, "--steps", "3", "--run", str(tmp_path), "--minutes", "0"),
            *("--sheet-content", *photographs, "--sheet-style", artwork),
        ]
    )

    with Image.open(tmp_path / "sheet-000001.jpg") as sheet:
        # a row of artworks and one a photograph; photograph, tau = 0, one style
        assert sheet.size == (3 * 256 + 2 * 4, 3 * 256 + 2 * 4)


def test_a_finished_run_stays_as_it_is(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])
    version = load_generator(tmp_path / "weights.safetensors")[1]

    main([*command, "--run", str(tmp_path)])

    assert load_generator(tmp_path / "weights.safetensors")[1] == version


def test_what_is_shown_and_shipped_is_the_moving_average(tmp_path: Path, command: list[str]):
    main([*command, "--run", str(tmp_path)])

    read, _ = load_generator(tmp_path / "weights.safetensors")
    average = from_stored_names(state_of(tmp_path)["average"])
    assert all(torch.equal(t, average[n].half().float()) for n, t in read.state_dict().items())


# Numbers that are not finite


@pytest.fixture
def training(tmp_path: Path, command: list[str]) -> Iterator[Training]:
    options = parse([*command, "--run", str(tmp_path)])
    config, recipe = tables(options)
    training = Training(options, config, recipe, schedule(options, recipe))
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


@pytest.mark.parametrize(
    ("extra", "line"),
    [
        (["--set", "dims"], "'dims' is not NAME=VALUE with a name of DualTransConfig"),
        (["--weight", "beauty=1"], "'beauty=1' is not NAME=VALUE with a name of LossWeights"),
        (["--adversarial-steps", "9"], "do not fit into --steps 4"),
    ],
    ids=str,
)
def test_a_change_that_cannot_be_made_is_told(
    tmp_path: Path,
    command: list[str],
    extra: list[str],
    line: str,
    capsys: pytest.CaptureFixture[str],
):
    code = main([*command, "--run", str(tmp_path), *extra])

    assert (code, line in told(capsys)) == (2, True)


def test_a_recipe_that_needs_vgg_says_so(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    place = command.index("--vgg")

    code = main([*command[:place], *command[place + 2 :], "--run", str(tmp_path)])

    assert (code, told(capsys)) == (
        2,
        "dualtrans train: --config tiny is trained by VGG-19: name its --vgg",
    )


@pytest.mark.parametrize("crop", ["32", "100"])
def test_a_crop_that_fits_no_grid_is_refused(
    command: list[str], crop: str, capsys: pytest.CaptureFixture[str]
):
    with pytest.raises(SystemExit):
        parse([*command, "--crop", crop])

    assert f"--crop {crop} is not a multiple of 32 of at least 64" in told(capsys)


def test_a_checkpoint_of_another_configuration_is_not_overwritten(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    main([*command, "--minutes", "0", "--run", str(tmp_path)])
    state = state_of(tmp_path)
    torch.save({**state, "config": SMALL.to_dict()}, tmp_path / "checkpoint.pt")

    assert main([*command, "--run", str(tmp_path)]) == 2
    assert "is of another configuration; choose another --run" in told(capsys)


def test_a_checkpoint_that_cannot_be_read_is_not_overwritten(
    tmp_path: Path, command: list[str], capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "checkpoint.pt").write_bytes(b"half a checkpoint")

    assert main([*command, "--run", str(tmp_path)]) == 2
    assert "checkpoint.pt is no checkpoint" in told(capsys)
    assert (tmp_path / "checkpoint.pt").read_bytes() == b"half a checkpoint"
