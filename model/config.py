"""All numbers of the network and its losses, as complete tables, with the reason beside each.

The field names of both dataclasses are stored in weights files and checkpoints, and are the names
of `dualtrans train --set` and `--weight`: renaming a field changes a file format.
"""

import dataclasses
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, ValidationError
from pydantic.dataclasses import dataclass

from styling.sizes import MIN_SIDE_PX

NEIGHBOURS: Final = 4
"""The decoder's MLPs read a quarter of the channels of each neighbour: left, right, up, down."""
TOKEN_HEADS: Final = 4
"""Attention heads that compute the style tokens; they divide the channels of a code."""

CODE_VIEW_SCALE: Final = 2 / 3
"""The short side of the view of an artwork, relative to the short side of the result.

With this scale the strokes of a result have about the size of those of the artwork, relative to
the picture.
"""

# Unknown names are refused, and so are texts and truth values in the place of numbers.
_STRICT: Final = ConfigDict(strict=True, extra="forbid")
_Positive = Annotated[int, Field(ge=1)]
_Count = Annotated[int, Field(ge=0)]
_Channels = Annotated[int, Field(ge=NEIGHBOURS, multiple_of=NEIGHBOURS)]
_Window = Annotated[int, Field(ge=1, le=MIN_SIDE_PX // 8)]  # of the smallest map with windows
_StyleSide = Annotated[int, Field(ge=MIN_SIDE_PX)]
_Weight = Annotated[float, Field(ge=0, allow_inf_nan=False)]

Modulation = Literal["adaptive", "gain"]
Position = Literal["lim", "sinusoid", "none"]
AdversarialKind = Literal["nonsaturating", "minimax", "hinge"]


@dataclass(frozen=True, config=_STRICT)
class DualTransConfig:
    """The size of one generator. Grids are named by their scale: 1/4, 1/8, 1/16.

    Every configuration that can be created can be built, and renders photos of every size.
    """

    name: str
    dims: tuple[_Channels, _Channels, _Channels]
    """Channels of the tokens at 1/4, 1/8 and 1/16."""
    heads: tuple[_Positive, _Positive, _Positive]
    """Attention heads at the same grids; they divide the channels."""
    encoder_blocks: tuple[_Count, _Count, _Count]
    decoder_blocks: tuple[_Count, _Count, _Count]
    """Blocks at 1/4, 1/8 and 1/16 of encoder and decoder; the decoder runs from 1/16 to 1/4."""
    half_dim: _Channels
    half_blocks: _Count
    full_dim: _Channels
    full_blocks: _Count
    """Channels and token-wise MLPs at 1/2 and 1/1, where there is no attention."""
    mlp_ratio: _Positive
    window: _Window
    """Side in tokens of an attention window, in the style controller and D_s at 1/4 and 1/8."""
    key_sides: tuple[_Positive, _Positive, _Positive]
    """Attention pools its keys to at most this side in tokens at 1/4, 1/8 and 1/16, which keeps the
    cost linear in pixels."""
    lim_side: _Positive
    """n of Eq. 6: the side of the grid to which the Location Information Module pools."""
    style_dims: tuple[_Positive, _Positive, _Positive]
    style_heads: tuple[_Positive, _Positive, _Positive]
    style_blocks: tuple[_Count, _Count, _Count]
    """Channels, heads and blocks of the style controller's TransGAN-type backbone at 1/4, 1/8 and
    1/16 of the style picture."""
    style_side: _StyleSide
    """Short side in px to which a picture is reduced before its style code is computed."""
    code_dim: _Positive
    """Channels of each vector of a style code: three level vectors and the style tokens. With
    style tokens a multiple of `TOKEN_HEADS`."""
    slots: _Count
    """Number of style tokens that the decoder's attention reads beside the tokens of the photo."""
    modulation: Modulation
    """adaptive: scale, shift and gate in every decoder block. gain: the paper's E(x) * tau."""
    position: Position = "lim"
    """lim: the paper's module. sinusoid and none are for comparison."""

    def __post_init__(self) -> None:
        """Raise ValueError if the numbers do not fit together."""
        pairs = [
            *zip(self.dims, self.heads, strict=True),
            *zip(self.style_dims, self.style_heads, strict=True),
        ]
        for dim, heads in pairs:
            if dim % heads:
                raise ValueError(f"{dim} channels cannot be divided into {heads} heads")
        if self.slots and self.code_dim % TOKEN_HEADS:
            raise ValueError(
                f"code_dim={self.code_dim} cannot be divided into the {TOKEN_HEADS} attention "
                "heads of the style tokens"
            )
        if self.modulation == "gain" and self.slots:
            raise ValueError(f"modulation=gain requires slots=0, not {self.slots}")

    def to_dict(self) -> dict[str, Any]:
        """Return the fields as plain values, in the form that weights files store."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DualTransConfig":
        """Return the configuration of `to_dict`.

        Raises:
            pydantic.ValidationError: a ValueError: a name is unknown or missing, or a value does
                not fit.
        """
        table: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**table)


def first_problem(error: ValidationError) -> str:
    """Return one line about the first invalid value of a table."""
    problem = error.errors()[0]
    if not problem["loc"]:  # the values do not fit together
        return str(problem["ctx"]["error"])
    name = ".".join(map(str, problem["loc"]))
    return f"{name} is {problem['input']!r}: {problem['msg']}"


TINY = DualTransConfig(
    name="tiny",  # for tests: has every part; a forward pass takes milliseconds
    dims=(16, 24, 32),
    heads=(2, 2, 2),
    encoder_blocks=(1, 1, 1),
    decoder_blocks=(1, 1, 1),
    half_dim=16,
    half_blocks=1,
    full_dim=8,
    full_blocks=1,
    mlp_ratio=2,
    window=8,
    key_sides=(8, 16, 32),
    lim_side=18,
    style_dims=(16, 24, 32),
    style_heads=(2, 2, 2),
    style_blocks=(1, 1, 1),
    style_side=128,
    code_dim=32,
    slots=4,
    modulation="adaptive",
)

SMALL = DualTransConfig(
    name="small",  # trains on two CPU cores: about 10 pairs of 128 px per second
    dims=(48, 96, 192),
    heads=(2, 3, 6),  # 24 to 32 channels per head
    encoder_blocks=(2, 2, 3),
    decoder_blocks=(3, 4, 4),  # 4 at 1/8, the scale of relu4_1, whose statistics describe strokes
    half_dim=32,
    half_blocks=2,
    full_dim=16,
    full_blocks=2,
    mlp_ratio=2,
    window=8,
    key_sides=(8, 16, 32),  # at 1/16, all tokens of a 512 px picture
    lim_side=18,  # the paper's n
    style_dims=(64, 128, 192),
    style_heads=(2, 4, 6),
    style_blocks=(2, 2, 2),
    style_side=256,  # the short side of the training pictures
    code_dim=192,  # with 16 style tokens: 19 x 192 numbers per view, 7.3 kB in fp16
    slots=16,
    modulation="adaptive",
)

BASE = DualTransConfig(
    name="base",  # for training on a GPU
    dims=(64, 128, 256),
    heads=(2, 4, 8),
    encoder_blocks=(2, 2, 6),
    decoder_blocks=(3, 4, 5),  # with these the weights fit into 40 MB in fp16
    half_dim=32,
    half_blocks=2,
    full_dim=16,
    full_blocks=2,
    mlp_ratio=2,
    window=8,
    key_sides=(8, 16, 32),
    lim_side=18,
    style_dims=(96, 192, 320),
    style_heads=(3, 6, 10),
    style_blocks=(2, 2, 3),
    style_side=256,
    code_dim=256,  # with 16 style tokens: 9.7 kB per view in fp16
    slots=16,
    modulation="adaptive",
)

PAPER = DualTransConfig(
    name="paper",  # the literal reading: tau is a channel gain at two grids
    dims=(64, 128, 256),
    heads=(2, 4, 8),
    encoder_blocks=(2, 2, 6),
    decoder_blocks=(4, 2, 6),
    half_dim=32,
    half_blocks=2,
    full_dim=16,
    full_blocks=2,
    mlp_ratio=2,
    window=8,
    key_sides=(8, 16, 32),
    lim_side=18,
    style_dims=(96, 192, 320),
    style_heads=(3, 6, 10),
    style_blocks=(2, 2, 3),
    style_side=256,
    code_dim=256,
    slots=0,
    modulation="gain",
)

CONFIGS = {config.name: config for config in (TINY, SMALL, BASE, PAPER)}


@dataclass(frozen=True, config=_STRICT)
class LossWeights:
    """The lambdas of Eq. 9 and of our own terms. 0 leaves a term out."""

    adversarial: _Weight
    """lambda_adv, Eq. 1."""
    style: _Weight
    """Eq. 2 on VGG-19 features; ours."""
    style_trunk: _Weight
    """lambda_s, Eq. 2 on the paper's phi: the exponential moving
    average of the style controller's backbone."""
    structure: _Weight
    """lambda_p, Eq. 7."""
    style_aware: _Weight
    """lambda_SA."""
    feature_adversarial: _Weight
    """lambda_cadv, Eq. 8."""
    content: _Weight
    """MSE of instance-normalised relu4_1; ours."""
    identity: _Weight
    """L1 between a photo and its result under its own style code; ours. With it, strength 0 returns
    nearly the photo."""
    distillation: _Weight
    """Eq. 2 on the VGG-19 statistics that one Linear predicts from a style code; ours."""
    total_variation: _Weight
    """Mean difference of neighbouring pixels; ours."""
    teacher: _Weight
    """L1 to the teacher's result, in the first steps of stage 1 and only with a teacher; ours."""
    placement: _Weight = 0.0
    """Local contrast in the order of the photo's, at strengths of 0.7 and above; ours."""


@dataclasses.dataclass(frozen=True)
class Recipe:
    """How a generator is trained: loss weights, forms of the losses, lengths of the stages."""

    weights: LossWeights
    adversarial_kind: AdversarialKind
    """The form of Eq. 1."""
    structure: Literal["luma", "rgb"]
    """P of Eq. 7."""
    style_aware: Literal["normalised", "plain"]
    """L_SA on tokens normalised per channel over the picture, or on plain tokens."""
    warm_share: float
    """Stage 0, reconstruction, as a share of all steps."""
    adversarial_share: float
    """Stage 2, all losses of the paper. Stage 1, perceptual, is what remains between 0 and 2."""
    finish_share: float
    """Stage 3, in which the learning rate decays to a fiftieth."""


OURS = Recipe(
    weights=LossWeights(
        adversarial=0.3,  # small beside a style term of about 5: it corrects, it does not dominate
        style=50.0,  # squared norms; 16 times the content. At a third, results were only recoloured
        style_trunk=1.0,
        structure=1.0,
        style_aware=0.3,
        feature_adversarial=0.1,
        content=3.0,
        identity=8.0,
        distillation=15.0,  # at 0.5, a third of what distinguishes styles was predicted wrongly
        total_variation=0.02,
        teacher=15.0,
        placement=1.5,  # keeps texture out of calm areas; content and style barely change
    ),
    adversarial_kind="nonsaturating",
    structure="luma",
    style_aware="normalised",
    warm_share=0.03,
    adversarial_share=0.25,
    finish_share=0.05,
)

LITERAL = Recipe(
    weights=LossWeights(
        adversarial=1.0,  # the weights of DualAST, which the paper follows; it prints none itself
        style=0.0,
        style_trunk=0.3,
        structure=100.0,
        style_aware=100.0,
        feature_adversarial=10.0,
        content=0.0,
        identity=0.0,
        distillation=0.0,
        total_variation=0.0,
        teacher=0.0,
    ),
    adversarial_kind="minimax",
    structure="rgb",
    style_aware="plain",
    warm_share=0.0,
    adversarial_share=1.0,  # the paper has no stages
    finish_share=0.0,
)

RECIPES = {config.name: LITERAL if config is PAPER else OURS for config in CONFIGS.values()}
