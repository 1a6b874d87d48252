"""Every number of the network and of its losses, as complete tables with the reason beside each."""

import dataclasses
from dataclasses import dataclass
from typing import Any, Literal

Modulation = Literal["adaptive", "gain"]
Position = Literal["lim", "sinusoid", "none"]
AdversarialKind = Literal["nonsaturating", "minimax", "hinge"]


@dataclass(frozen=True)
class DualTransConfig:
    """The shape of one generator. Grids are fractions of the picture's side: 1/4, 1/8, 1/16."""

    name: str
    dims: tuple[int, int, int]
    """Channels of the tokens at 1/4, 1/8 and 1/16."""
    heads: tuple[int, int, int]
    """Attention heads at the same grids; channels divide by heads."""
    encoder_blocks: tuple[int, int, int]
    decoder_blocks: tuple[int, int, int]
    """Blocks at 1/4, 1/8, 1/16 of the decoder (it runs through them from the last to the first)."""
    half_dim: int
    half_blocks: int
    full_dim: int
    full_blocks: int
    """Channels and token-wise MLPs at 1/2 and 1/1, where tokens no longer see each other."""
    mlp_ratio: int
    window: int
    """Side of an attention window in tokens, in the style controller and D_s at 1/4 and 1/8."""
    key_sides: tuple[int, int, int]
    """Attention pools its keys to at most so many a side at 1/4, 1/8, 1/16: cost stays linear."""
    lim_side: int
    """n of Eq. 6: the side of the grid the Location Information Module pools to."""
    style_dims: tuple[int, int, int]
    style_heads: tuple[int, int, int]
    style_blocks: tuple[int, int, int]
    """The style controller's TransGAN-type trunk at 1/4, 1/8, 1/16 of the style picture."""
    style_side: int
    """Short side in px to which a picture is brought before its style code is computed."""
    code_dim: int
    """Channels of each of the code's vectors: three level vectors and the slots."""
    slots: int
    """Style tokens that the decoder's attention reads beside the picture's own; 0: none."""
    modulation: Modulation
    """adaptive: scale, shift and gate in every decoder block; gain: the paper's E(x) * tau."""
    position: Position = "lim"
    """lim: the paper's; sinusoid and none are there to be compared with it."""

    def __post_init__(self) -> None:
        """Refuse a table that cannot be built, naming the number."""
        pairs = [
            *zip(self.dims, self.heads, strict=True),
            *zip(self.style_dims, self.style_heads, strict=True),
        ]
        for dim, heads in pairs:
            if dim % heads:
                raise ValueError(f"{dim} channels do not split into {heads} heads")
        if self.modulation == "gain" and self.slots:
            raise ValueError(f"a gain reads no slots, and {self.slots} are asked for")

    def to_dict(self) -> dict[str, Any]:
        """The table as plain values, as a weights file keeps it."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "DualTransConfig":
        """The table read back; an unknown or missing name raises TypeError."""
        table: dict[str, Any] = {
            k: tuple(v) if isinstance(v, list) else v for k, v in values.items()
        }
        return cls(**table)


TINY = DualTransConfig(
    name="tiny",  # for tests: every part present, a forward pass in milliseconds
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
    name="small",  # trains on two CPU cores: about 10 pairs of 128 px a second
    dims=(48, 96, 192),
    heads=(2, 3, 6),  # 24 to 32 channels a head
    encoder_blocks=(2, 2, 3),
    decoder_blocks=(3, 4, 4),  # relu4_1, where strokes are judged, is of 1/8
    half_dim=32,
    half_blocks=2,
    full_dim=16,
    full_blocks=2,
    mlp_ratio=2,
    window=8,
    key_sides=(8, 16, 32),  # at 1/16 the keys of a 512 px picture
    lim_side=18,  # the paper's n
    style_dims=(64, 128, 192),
    style_heads=(2, 4, 6),
    style_blocks=(2, 2, 2),
    style_side=256,  # the short side of the training pictures
    code_dim=192,  # with 16 slots: 19 x 192 floats, 7.3 kB in fp16
    slots=16,
    modulation="adaptive",
)

BASE = DualTransConfig(
    name="base",  # what a GPU trains
    dims=(64, 128, 256),
    heads=(2, 4, 8),
    encoder_blocks=(2, 2, 6),
    decoder_blocks=(3, 4, 5),  # with these 40 MB in fp16 hold it
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
    code_dim=256,  # with 16 slots: 9.7 kB in fp16
    slots=16,
    modulation="adaptive",
)

PAPER = DualTransConfig(
    name="paper",  # the literal reading: tau is a channel gain at two places
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


@dataclass(frozen=True)
class LossWeights:
    """The lambdas of Eq. 9 and of the terms that are ours. 0 leaves a term out."""

    adversarial: float
    """lambda_adv, Eq. 1."""
    style: float
    """Eq. 2 on VGG-19 features (the paper's phi is the style controller's trunk)."""
    style_trunk: float
    """lambda_s, Eq. 2 on a frozen copy of the style controller's trunk."""
    structure: float
    """lambda_p, Eq. 7."""
    style_aware: float
    """lambda_SA."""
    feature_adversarial: float
    """lambda_cadv, Eq. 8."""
    content: float
    """Instance-normalised relu4_1; ours."""
    identity: float
    """L1 of a photograph under its own code; ours: it makes tau=0 give the photograph back."""
    distillation: float
    """Eq. 2 on what a code tells of its picture: VGG's statistics, read by one Linear; ours."""
    total_variation: float
    teacher: float
    """L1 to a teacher's picture, in the first steps of stage 1 and only when there is a teacher."""


@dataclass(frozen=True)
class Recipe:
    """How a generator is trained: what the losses weigh, and which reading of them is meant."""

    weights: LossWeights
    adversarial_kind: AdversarialKind
    """The form of Eq. 1."""
    structure: Literal["luma", "rgb"]
    """P of Eq. 7."""
    style_aware: Literal["normalised", "plain"]
    """L_SA on tokens without their mean and deviation over the picture, or on them as they are."""
    warm_share: float
    """Of all steps: stage 0, reconstruction."""
    adversarial_share: float
    """Stage 2, everything of the paper. What is left between is stage 1, perceptual."""
    finish_share: float
    """Stage 3, the learning rate falls to nothing."""


OURS = Recipe(
    weights=LossWeights(
        adversarial=0.3,  # at a style term of about 5: it may correct, not lead
        style=50.0,  # in squares; sixteen times the content: at a third the run was a colour filter
        style_trunk=1.0,
        structure=1.0,
        style_aware=0.3,
        feature_adversarial=0.1,
        content=3.0,
        identity=8.0,
        distillation=15.0,  # at 0.5 codes told a third of what sets styles apart wrongly
        total_variation=0.02,
        teacher=15.0,
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
        adversarial=1.0,  # the weights of DualAST, which the paper follows and does not print
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
    adversarial_share=1.0,  # the paper knows no stages
    finish_share=0.0,
)

RECIPES = {config.name: LITERAL if config is PAPER else OURS for config in CONFIGS.values()}
