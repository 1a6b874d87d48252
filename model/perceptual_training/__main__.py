"""`python -m model.perceptual_training`: train the compact perceptual network."""

import argparse
import sys
from pathlib import Path

from pydantic import ValidationError
from tqdm import tqdm

from model.config import first_problem
from model.inference import COMPACT_WEIGHTS, Stylizer
from model.machine import choose_device, reuse_freed_memory
from model.perceptual.compact import CompactConfig, save_compact_perceptual
from model.perceptual.vgg import load_fast_vgg
from model.perceptual_training.picture_set import (
    PictureSet,
    PictureSetOptions,
    load_picture_set,
    make_picture_set,
    save_picture_set,
)
from model.perceptual_training.training import Training, TrainingOptions


def main(arguments: list[str] | None = None) -> int:
    """Train and write the weights file. An expected error prints one line and returns 2."""
    options = _parser().parse_args(arguments)
    reuse_freed_memory()
    try:
        _train(options)
    except ValidationError as error:
        print(f"python -m model.perceptual_training: {first_problem(error)}", file=sys.stderr)
        return 2
    except (ValueError, OSError) as error:
        print(f"python -m model.perceptual_training: {error}", file=sys.stderr)
        return 2
    return 0


def _train(options: argparse.Namespace) -> None:
    config = CompactConfig(dims=tuple(options.dims), blocks=tuple(options.blocks))
    vgg = load_fast_vgg(options.vgg, choose_device(options.device))
    pictures = _load_or_make_pictures(options)
    numbers = TrainingOptions(config, options.steps, options.batch, options.rate, options.seed)
    training = Training(vgg, pictures.crops, numbers, options.work / "checkpoint.pt")
    with tqdm(total=options.steps, initial=training.step, unit="step") as bar:

        def report(_step: int, loss: float) -> None:
            bar.update()
            bar.set_postfix(loss=f"{loss:.3f}")

        training.run(report=report)
    validation = training.validate().to_dict()
    record = {
        "steps": options.steps,
        "batch": options.batch,
        "rate": options.rate,
        "pictures": pictures.record,
        "validation": validation,
    }
    save_compact_perceptual(training.average, options.out, record)
    print(f"{options.out}: {validation}")


def _load_or_make_pictures(options: argparse.Namespace) -> PictureSet:
    """Return the picture set in the working folder, which is made first if it is missing."""
    chosen = PictureSetOptions(
        photos=options.photos,
        artworks=options.artworks,
        photo_crops=options.photo_crops,
        artwork_crops=options.artwork_crops,
        paintings=options.paintings,
        seed=options.seed,
    )
    pictures = load_picture_set(options.work, chosen)
    if pictures is None:
        stylizer = Stylizer.load(options.weights, device=options.device)
        pictures = make_picture_set(stylizer, chosen)
        save_picture_set(options.work, pictures)
    return pictures


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m model.perceptual_training",
        description="Train the compact perceptual network to predict VGG-19's features on crops of "
        "photos, artworks and paintings. Running the same command again resumes training.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    default = CompactConfig()
    add = parser.add_argument
    add("--photos", type=Path, nargs="+", required=True, help="folders of photos")
    add("--artworks", type=Path, nargs="+", required=True, help="folders of artworks")
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision state dict")
    add("--weights", type=Path, help="generator of the paintings; omit for the released one")
    add("--photo-crops", type=int, default=2000, help="crops of photos, one of each at first")
    add("--artwork-crops", type=int, default=2200, help="crops of artworks, one of each at first")
    add("--paintings", type=int, default=400, help="paintings, of which six crops each are used")
    add("--steps", type=int, default=3000, help="total number of steps")
    add("--batch", type=int, default=16, help="crops per step")
    add("--rate", type=float, default=2e-3, help="highest learning rate")
    add("--dims", type=int, nargs=4, default=default.dims, help="channels at 1/1, 1/2, 1/4, 1/8")
    add("--blocks", type=int, nargs=4, default=default.blocks, help="blocks at the same scales")
    add("--seed", type=int, default=0, help="seed of weights, pictures and their order")
    add("--device", help="cpu, cuda or cuda:1; omit for a GPU if there is one")
    add("--work", type=Path, default=Path("runs/perceptual"), help="folder of the run")
    add("--out", type=Path, default=COMPACT_WEIGHTS, help="weights file to write")
    return parser


if __name__ == "__main__":
    sys.exit(main())
