"""Every configuration is refused with one line, or can be built and renders a photo."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from model.config import OURS, TINY, DualTransConfig, first_problem
from model.network.discriminators import StyleDiscriminator
from model.network.generator import Generator
from tests.model.samples import tensor

NUMBERS = st.integers(-1, 20) | st.sampled_from([24, 30, 32, 64, 128])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("dims", "heads", "style_dims", "style_heads"), st.tuples(*[NUMBERS] * 3)),
    **dict.fromkeys(
        ("encoder_blocks", "decoder_blocks", "style_blocks", "key_sides"),
        st.tuples(*[st.integers(-1, 3)] * 3),
    ),
    **dict.fromkeys(
        ("half_dim", "full_dim", "window", "lim_side", "code_dim", "style_side"), NUMBERS
    ),
    **dict.fromkeys(("half_blocks", "full_blocks", "mlp_ratio", "slots"), st.integers(-1, 5)),
    "modulation": st.sampled_from(["adaptive", "gain", "film"]),
    "position": st.sampled_from(["lim", "sinusoid", "none", "gps"]),
}
WRONG_TYPES = st.sampled_from([None, True, "12", 1.5, float("nan"), [8, 8, 8], (8, 8)])
CHANGES = st.dictionaries(st.sampled_from(sorted(VALUES)), st.none(), max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: VALUES[name] | WRONG_TYPES for name in names})
)


def render(config: DualTransConfig, side: int) -> torch.Size:
    """Build every network of a training run, and render a photo of this side."""
    generator = Generator(config)
    photo = tensor(side, 64)
    code = generator.encode_style(photo)
    StyleDiscriminator(config)(tensor(64, 64))
    shape: torch.Size = generator(photo, code, code).shape
    return shape


@given(changes=CHANGES, side=st.integers(64, 150))
@example(changes={"code_dim": 30}, side=64)
@example(changes={"window": 20}, side=80)
@example(changes={"full_dim": 9}, side=64)
@example(changes={"dims": (4, 4, 4), "heads": (1, 4, 2)}, side=64)
@example(changes={"modulation": "gain", "slots": 0, "code_dim": 7}, side=64)
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_configuration_is_refused_or_renders_every_photo(
    changes: dict[str, Any], side: int
) -> None:
    outcome: torch.Size | str
    try:
        outcome = render(replace(TINY, **changes), side)
    except ValidationError as error:
        outcome = first_problem(error)

    assert outcome == (1, 3, side, 64) or (isinstance(outcome, str) and "\n" not in outcome)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"code_dim": 30}, "code_dim=30 cannot be divided into the 4 attention heads"),
        ({"window": 9}, "window is 9: Input should be less than or equal to 8"),
        ({"dims": (18, 24, 32)}, "dims.0 is 18: Input should be a multiple of 4"),
        ({"dims": 48}, "dims is 48: Input should be a valid tuple"),
        ({"style_side": 32}, "style_side is 32: Input should be greater than or equal to 64"),
        ({"window": True}, "window is True: Input should be a valid integer"),
        ({"modulation": "film"}, "modulation is 'film': Input should be 'adaptive' or 'gain'"),
    ],
    ids=str,
)
def test_the_problem_is_named_with_the_value(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValidationError) as refused:
        replace(TINY, **changes)

    assert first_problem(refused.value).startswith(problem)


@pytest.mark.parametrize("value", [-1, float("nan"), float("inf"), "1", True])
def test_a_loss_weight_is_a_finite_number_from_0(value: object) -> None:
    with pytest.raises(ValueError, match="style"):
        replace(OURS.weights, style=value)  # type: ignore[arg-type]
