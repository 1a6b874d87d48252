"""`python -m model.training`: trains a generator on pictures; goes on where it stopped."""

import argparse
import copy
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from model import losses
from model.checkpoint import save_generator
from model.config import CONFIGS, PERCEPTUAL_WEIGHTS, LossWeights
from model.machine import fast_precision, keep_large_blocks
from model.network.generator import Generator
from model.perceptual import load_vgg
from model.pictures import open_picture
from model.training.data import Batch, Pairs, find_pictures
from model.training.logbook import Logbook, sample_sheet
from model.training.schedule import Schedule
from model.training.step import CodeReader, StepLosses, StyleStatistics
from model.training.teacher import load_teacher

_REFUSED_IN_A_ROW = 20
_LEAP = 8.0  # a gradient so many times the usual is the first sign of a run that blows up


class Training:
    """Everything that a checkpoint holds, and the loop over it."""

    def __init__(self, options: argparse.Namespace) -> None:
        """Options as the command line gives them."""
        torch.manual_seed(options.seed)
        self.options = options
        self.device = torch.device(options.device)
        self.schedule = Schedule(
            options.warm_steps,
            options.steps,
            options.learning_rate,
            teacher_steps=options.teacher_steps if options.teacher else 0,
        )
        self.generator = Generator(CONFIGS[options.config]).to(self.device)
        self.reader = CodeReader(self.generator.config.code_dim).to(self.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(requires_grad=False)
        self.optimiser = torch.optim.AdamW(
            [*self.generator.parameters(), *self.reader.parameters()],
            lr=options.learning_rate,
            betas=(0.9, 0.99),
            weight_decay=0.01,
        )
        number_type = torch.bfloat16 if options.precision == "bf16" else torch.float32
        vgg = load_vgg(options.vgg, rims="zeros").to(self.device, number_type)
        teacher = load_teacher(options.teacher) if options.teacher else None
        if teacher is not None:
            teacher = teacher.to(self.device, number_type)
        self.losses = StepLosses(self.generator, self.reader, vgg, StyleStatistics(vgg), teacher)
        self.content = find_pictures(options.content, held_out=options.held_out)
        self.style = find_pictures(options.style, held_out=options.held_out)
        self.pairs = Pairs(
            self.content, self.style, batch=options.batch, crop=options.crop, seed=options.seed
        )
        self.step, self.pairs_seen, self.refused, self.seconds = 0, 0, 0, 0.0
        self.usual_norm = 0.0
        self.logbook = Logbook(options.run)

    # The loop

    def run(self) -> None:
        """From the present step to the last, or to the end of the given minutes, or to Ctrl-C."""
        stopped: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: stopped.append(number))
        signal.signal(signal.SIGINT, lambda number, _: stopped.append(number))
        began = saved = pictured = time.monotonic()
        deadline = began + 60 * self.options.minutes
        progress = tqdm(total=self.schedule.steps, initial=self.step, unit="step")
        for batch in self.pairs.batches(self.step, self.schedule.steps, self.options.threads):
            start = time.monotonic()
            values = self.one_step(batch)
            self.seconds += time.monotonic() - start
            self.step += 1
            progress.update()
            if self.step % self.options.log_every == 0:
                values["seconds"] = self.seconds
                values["pairs"] = self.pairs_seen
                self.logbook.scalars(self.step, values)
                shown = ("style", "content", "identity", "style_aware")
                progress.set_postfix({k: f"{values[k]:.3f}" for k in shown if k in values})
            now = time.monotonic()
            if now - pictured > 60 * self.options.sheet_minutes:
                self.sheet()
                pictured = now
            if now - saved > 60 * self.options.save_minutes:
                self.save()
                saved = now
            if stopped or now > deadline:
                break
        progress.close()
        self.save()
        self.sheet()

    def one_step(self, batch: Batch) -> dict[str, float]:
        """Forward, backward, update; a step that is not finite, or leaps, changes nothing."""
        batch = Batch(
            batch.content.to(self.device),
            batch.style.to(self.device),
            batch.style_keys,
            batch.strength.to(self.device),
        )
        rate = self.schedule.rate(self.step)
        for group in self.optimiser.param_groups:
            group["lr"] = rate
        with torch.autocast(
            self.device.type, torch.bfloat16, enabled=self.options.precision == "bf16"
        ):
            terms, weights = self._terms(batch)
        total = losses.weighted_sum(terms, weights)
        self.optimiser.zero_grad(set_to_none=True)
        total.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        parameters = [*self.generator.parameters(), *self.reader.parameters()]
        norm = nn.utils.clip_grad_norm_(parameters, 1.0)
        if self.step == self.schedule.warm_steps:
            self.usual_norm = 0.0  # another loss, another size of gradient
        if bool(torch.isfinite(total)) and float(norm) < _LEAP * (self.usual_norm or float("inf")):
            self.optimiser.step()
            self.usual_norm = 0.98 * (self.usual_norm or float(norm)) + 0.02 * float(norm)
            self._follow()
            self.pairs_seen += len(batch.style_keys)
            self.refused = 0
        else:
            self.refused += 1
            if self.refused >= _REFUSED_IN_A_ROW:
                raise SystemExit(
                    f"step {self.step}: {self.refused} steps in a row were not finite or leapt; "
                    "lower --learning-rate or use --precision fp32"
                )
        values = {name: float(term.detach()) for name, term in terms.items()}
        return {**values, "total": float(total.detach()), "norm": float(norm), "rate": rate}

    def _terms(self, batch: Batch) -> tuple[dict[str, Tensor], LossWeights]:
        full = replace(
            PERCEPTUAL_WEIGHTS,
            style=self.options.style_weight,
            content=self.options.content_weight,
        )
        if self.schedule.stage(self.step) == 0:
            return self.losses.reconstruction(batch), full
        weights = self.schedule.weights(self.step, full)
        return self.losses.perceptual(batch, taught=weights.teacher > 0), weights

    @torch.no_grad()
    def _follow(self) -> None:
        """The exponential moving average of the weights: what is saved, shown and shipped."""
        decay = min(self.options.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
        for average, parameter in pairs:
            average.lerp_(parameter, 1 - decay)

    # What is left behind

    def sheet(self) -> None:
        """A contact sheet of the held-out pictures, painted by the average."""
        if not self.options.sheet_content or not self.options.sheet_style:
            return
        photographs = [open_picture(path) for path in self.options.sheet_content]
        styles = [open_picture(path) for path in self.options.sheet_style]
        self.logbook.sheet(self.step, sample_sheet(self.average, photographs, styles))

    def save(self) -> None:
        """The checkpoint that resumes, and the weights that are used."""
        state = {
            "config": self.generator.config.to_dict(),
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "pairs": self.pairs_seen,
            "seconds": self.seconds,
            "usual_norm": self.usual_norm,
        }
        path = self.options.run / "checkpoint.pt"
        torch.save(state, path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)
        save_generator(self.average, self.options.run / "weights.safetensors", self.record())

    def resume(self) -> None:
        """Go on from the run's checkpoint, when there is one."""
        path = self.options.run / "checkpoint.pt"
        if not path.exists():
            return
        try:
            state = torch.load(path, map_location=self.device, weights_only=True)
        except (UnpicklingError, RuntimeError, EOFError, LookupError) as error:
            raise SystemExit(f"{path} is no checkpoint: {error}; choose another --run") from error
        if state["config"] != self.generator.config.to_dict():
            raise SystemExit(f"{path} is of another configuration; choose another --run")
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.pairs_seen = state["step"], state["pairs"]
        self.seconds, self.usual_norm = state["seconds"], state["usual_norm"]

    def record(self) -> dict[str, Any]:
        """The training record inside the weights file."""
        options = self.options
        return {
            "data": "research-only pictures; see model/weights/README.md",
            "config": options.config,
            "steps": self.step,
            "pairs": self.pairs_seen,
            "hours": round(self.seconds / 3600, 2),
            "device": self.device.type,
            "precision": options.precision,
            "seed": options.seed,
            "crop_px": options.crop,
            "batch": options.batch,
            "learning_rate": options.learning_rate,
            "style_weight": options.style_weight,
            "content_weight": options.content_weight,
            "photographs": len(self.content),
            "artworks": len(self.style),
            "held_out": options.held_out,
            "teacher_steps": options.teacher_steps if options.teacher else 0,
        }


def parse(arguments: list[str] | None = None) -> argparse.Namespace:
    """The options, each with the reason for its default."""
    parser = argparse.ArgumentParser(
        prog="dualtrans train",
        description="Train a generator. The same command again goes on from its checkpoint.",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    add = parser.add_argument
    add("--content", type=Path, nargs="+", required=True, help="folders of photographs (MS-COCO)")
    add("--style", type=Path, nargs="+", required=True, help="folders of artworks (WikiArt)")
    add("--vgg", type=Path, required=True, help="VGG-19: normalised or torchvision's state dict")
    add("--teacher", type=Path, help="AdaIN's decoder, a first teacher (safetensors)")
    add("--teacher-steps", type=int, default=0, help="steps until its word is gone")
    add("--run", type=Path, default=Path("runs/dualtrans"), help="folder of the run")
    add("--config", choices=sorted(CONFIGS), default="small", help="table of model/config.py")
    add("--steps", type=int, default=20_000, help="steps in all, stage 0 included")
    add("--warm-steps", type=int, default=300, help="steps of stage 0")
    add("--minutes", type=float, default=float("inf"), help="stop (and save) after so long")
    add("--batch", type=int, default=8, help="pairs a step")
    add("--crop", type=int, default=128, help="side of a crop in px, a multiple of 32")
    add("--learning-rate", type=float, default=6e-4, help="of AdamW")
    add("--style-weight", type=float, default=PERCEPTUAL_WEIGHTS.style, help="more: bolder")
    add("--content-weight", type=float, default=PERCEPTUAL_WEIGHTS.content, help="more: tamer")
    add("--average", type=float, default=0.998, help="decay of the weights' moving average")
    add("--seed", type=int, default=0, help="of weights, crops and pairs")
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    add("--device", default=device.type, help="cpu or cuda")
    add("--precision", choices=["bf16", "fp32"], default=fast_precision(device), help="of a step")
    add("--threads", type=int, default=2, help="threads that read pictures")
    add("--held-out", nargs="*", default=[], help="file-name prefixes never trained on")
    add("--sheet-content", type=Path, nargs="*", default=[], help="photographs of the sample sheet")
    add("--sheet-style", type=Path, nargs="*", default=[], help="artworks of the sample sheet")
    add("--sheet-minutes", type=float, default=5.0, help="between two sample sheets")
    add("--save-minutes", type=float, default=3.0, help="between two checkpoints")
    add("--log-every", type=int, default=20, help="steps between two log lines")
    options = parser.parse_args(arguments)
    if options.crop % 32 or options.crop < 64:
        parser.error(f"--crop {options.crop} is not a multiple of 32 of at least 64")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Train; bad folders or files are told in one line."""
    options = parse(arguments)
    keep_large_blocks()
    try:
        training = Training(options)
    except (ValueError, OSError) as error:
        print(f"dualtrans train: {error}", file=sys.stderr)
        return 2
    try:
        training.resume()
        training.run()
    finally:
        training.logbook.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
