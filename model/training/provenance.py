"""The training record inside a weights file: how the weights were trained."""

from dataclasses import asdict
from typing import Any

from model.training.options import RunOptions
from model.training.state import TrainingState


def training_record(
    options: RunOptions, state: TrainingState, *, photos: int, artworks: int
) -> dict[str, Any]:
    """Return the record as JSON values. The keys are part of the file format.

    Args:
        options: of the run.
        state: at the time of saving.
        photos: number of training photos.
        artworks: number of training artworks.
    """
    return {
        "data": options.data,
        "config": options.config.name,
        "steps": state.step,
        "stages": asdict(options.schedule),
        "weights": asdict(options.recipe.weights),
        "pairs": state.pairs,
        "hours": round(state.seconds / 3600, 2),
        "device": options.device.type,
        "precision": options.precision,
        "seed": options.seed,
        "crop_px": options.crop_px,
        "sides_px": list(options.photo_sides_px) or [options.crop_px],
        "batch": options.batch,
        "styles_each": options.styles_per_photo,
        "rehearsed": options.replayed_crops,
        "scales": options.scales,
        "photographs": photos,
        "artworks": artworks,
        "held_out": list(options.held_out),
        "started_from": options.start_from.name if options.start_from else None,
        "started_from_data": state.started_from_data,
        "validation": state.stages.to_dict(),
        "accuracy": state.discriminators.accuracy,
    }
