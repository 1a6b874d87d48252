"""A training run: everything that a checkpoint holds, and the loop over it."""

import argparse
import copy
import signal
import time
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from imaging.decode import open_picture
from model import losses
from model.adain import load_adain
from model.checkpoint import load_generator, save_generator
from model.config import DualTransConfig, LossWeights, Recipe
from model.network.generator import Generator
from model.perceptual import load_vgg
from model.training.adversaries import Adversaries, Exhibits
from model.training.data import Batch, Pairs, find_pictures
from model.training.logbook import Logbook, sample_sheet
from model.training.optimiser import Optimiser
from model.training.packing import pack, unpack, widened
from model.training.schedule import Schedule
from model.training.step import CodeReader, Perception, StepLosses, StyleStatistics
from model.training.validation import Validation, objective

_REFUSED_IN_A_ROW = 20
_LEAP = 8.0  # a gradient so many times the usual is the first sign of a run that blows up


class Training:
    """One run, from the options of the command line."""

    def __init__(
        self,
        options: argparse.Namespace,
        config: DualTransConfig,
        recipe: Recipe,
        schedule: Schedule,
    ) -> None:
        """Build everything; `resume` brings it to where a run stopped.

        Raises:
            ValueError, OSError: a folder, a file or a number is not what it should be.
        """
        torch.manual_seed(options.seed)
        self.options, self.recipe, self.schedule = options, recipe, schedule
        self.device = torch.device(options.device)
        self.precision = torch.bfloat16 if options.precision == "bf16" else torch.float32
        self.generator = self._first_weights(config).to(self.device)
        self.reader = CodeReader(config.code_dim).to(self.device)
        self.average = copy.deepcopy(self.generator).requires_grad_(requires_grad=False)
        self.optimiser = Optimiser([self.generator, self.reader], options.learning_rate)
        self.adversaries = Adversaries(
            config,
            style=recipe.weights.adversarial > 0,
            features=recipe.weights.feature_adversarial > 0,
            kind=recipe.adversarial_kind,
        ).to(self.device)
        self.content = find_pictures(options.content, held_out=options.held_out)
        self.style = find_pictures(options.style, held_out=options.held_out)
        self.pairs = Pairs(
            self.content,
            self.style,
            batch=options.batch,
            crop=options.crop,
            seed=options.seed,
            repeats=options.styles_each,
            rehearsed=options.rehearse,
            sides=options.sides,
        )
        perception = self._perception()
        self.losses = StepLosses(
            self.generator, self.reader, self.average.style.trunk, perception, recipe
        )
        self.validation = self._validation(perception)
        self.step, self.pairs_seen, self.refused, self.seconds = 0, 0, 0, 0.0
        self.usual_norm = 0.0
        self.figures: dict[str, dict[str, float]] = {}
        self.logbook = Logbook(options.run)

    def _first_weights(self, config: DualTransConfig) -> Generator:
        """Random ones, or those of a file: more training, or training on one's own pictures."""
        path = self.options.start_from
        if path is None:
            return Generator(config)
        generator, _ = load_generator(path)
        if generator.config != config:
            raise ValueError(f"{path} has another configuration than --config {config.name}")
        return generator.train()

    def _perception(self) -> Perception | None:
        if self.options.vgg is None:
            return None
        vgg = load_vgg(self.options.vgg, rims="zeros").to(self.device, self.precision)
        teacher = None
        if self.options.teacher:
            teacher = load_adain(self.options.teacher, rims="zeros").to(self.device, self.precision)
        return Perception(vgg, StyleStatistics(vgg, self.options.scales), teacher)

    def _validation(self, perception: Perception | None) -> Validation | None:
        """On the held-out pictures, where there are any and VGG-19 to judge them."""
        held_out = tuple(self.options.held_out)
        if perception is None or not held_out:
            return None
        photographs = find_pictures(self.options.content, only=held_out, at_least=0)
        artworks = find_pictures(self.options.style, only=held_out, at_least=0)
        if not photographs or not artworks:
            return None
        return Validation(photographs, artworks, perception.vgg)

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
            self._open_stage()
            start = time.monotonic()
            values = self.one_step(batch)
            self.seconds += time.monotonic() - start
            self.step += 1
            progress.update()
            if self.step % self.options.log_every == 0:
                self.logbook.scalars(
                    self.step, {**values, "seconds": self.seconds, "pairs": self.pairs_seen}
                )
                shown = ("style", "content", "identity", "adversarial")
                progress.set_postfix({k: f"{values[k]:.3f}" for k in shown if k in values})
            now = time.monotonic()
            if now - pictured > 60 * self.options.sheet_minutes:
                self.show()
                pictured = now
            if now - saved > 60 * self.options.save_minutes:
                self.save()
                saved = now
            if stopped or now > deadline:
                break
        progress.close()
        if self.step == self.schedule.steps:
            self._close()
        self.save()
        if self.options.kept is not None:
            pack(self._state(), self.options.kept)
        self.show()

    def _open_stage(self) -> None:
        """What the end of stage 1 leaves is kept: stage 2 is allowed to lose against it."""
        has_stage_1 = self.schedule.warm_steps < self.schedule.adversarial_from
        if self.step == self.schedule.adversarial_from and has_stage_1:
            self._keep("stage-1")

    def _close(self) -> None:
        """The end of stage 3: the better of it and of stage 1, on the held-out pairs, is kept."""
        if self.step > self.schedule.adversarial_from:
            self._keep("stage-3")
        judged = {name: objective(f, self.recipe.weights) for name, f in self.figures.items() if f}
        if judged:
            self.figures["kept"] = {
                min(judged, key=lambda name: judged[name]): min(judged.values())
            }

    def _keep(self, name: str) -> None:
        self.figures[name] = self.validate()
        save_generator(self.average, self.options.run / f"{name}.safetensors", self.record())

    def one_step(self, batch: Batch) -> dict[str, float]:
        """Forward, backward, update; a step that is not finite, or leaps, changes nothing."""
        batch = batch.on(self.device)
        self.generator.move_grain(self._chance(2))
        with self._autocast():
            terms, weights, exhibits = self._terms(batch)
            total = losses.weighted_sum(terms, weights)
        self.optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        norm = float(nn.utils.clip_grad_norm_(self.optimiser.parameters, 1.0))
        if self.step in {self.schedule.warm_steps, self.schedule.adversarial_from}:
            self.usual_norm = 0.0  # another loss, another size of gradient
        self._update(total, norm, len(batch.style_keys))
        values = {name: float(term.detach()) for name, term in terms.items()}
        if exhibits is not None:
            with self._autocast():
                values |= self.adversaries.learn(exhibits, self.step, self._chance(1))
        return {**values, "total": float(total.detach()), "norm": norm}

    def _terms(self, batch: Batch) -> tuple[dict[str, Tensor], LossWeights, Exhibits | None]:
        full = self.recipe.weights
        if self.schedule.stage(self.step) == 0:
            return self.losses.reconstruction(batch), full, None
        weights = self.schedule.weights(self.step, full)
        terms, exhibits = self.losses.painting(batch, weights)
        if not self.schedule.has_discriminators(self.step):
            return terms, weights, None
        verdicts = self.adversaries.verdicts(exhibits, self._chance(0))
        return terms | verdicts, weights, exhibits

    def _update(self, total: Tensor, norm: float, pairs: int) -> None:
        if bool(torch.isfinite(total)) and norm < _LEAP * (self.usual_norm or float("inf")):
            self.optimiser.step(self.schedule.rate(self.step))
            self.usual_norm = 0.98 * (self.usual_norm or norm) + 0.02 * norm
            self._follow()
            self.pairs_seen += pairs
            self.refused = 0
            return
        self.refused += 1
        if self.refused >= _REFUSED_IN_A_ROW:
            raise SystemExit(
                f"step {self.step}: {self.refused} steps in a row were not finite or leapt; "
                "lower --learning-rate or use --precision fp32"
            )

    @torch.no_grad()
    def _follow(self) -> None:
        """The exponential moving average of the weights: what is saved, shown and shipped."""
        decay = min(self.options.average, (1 + self.step) / (10 + self.step))
        pairs = zip(self.average.parameters(), self.generator.parameters(), strict=True)
        for average, parameter in pairs:
            average.lerp_(parameter, 1 - decay)

    def _chance(self, purpose: int) -> torch.Generator:
        """Told by seed and step alone, so that a run resumes exactly."""
        seed = (self.options.seed * 1_000_003 + self.step) * 3 + purpose
        return torch.Generator().manual_seed(seed)

    def _autocast(self) -> torch.autocast:
        enabled = self.precision != torch.float32
        return torch.autocast(self.device.type, torch.bfloat16, enabled=enabled)

    # What is left behind

    def validate(self) -> dict[str, float]:
        """The figures of the average on the held-out pairs; empty without them."""
        if self.validation is None:
            return {}
        return self.validation.figures(self.average, self.precision)

    def show(self) -> None:
        """The validation figures, and a contact sheet of the given pictures."""
        if figures := self.validate():
            self.logbook.scalars(self.step, {**figures, "pairs": self.pairs_seen})
        if self.options.sheet_content and self.options.sheet_style:
            photographs = [open_picture(path) for path in self.options.sheet_content]
            styles = [open_picture(path) for path in self.options.sheet_style]
            self.logbook.sheet(self.step, sample_sheet(self.average, photographs, styles))

    def save(self) -> None:
        """The checkpoint that resumes, and the weights that are used."""
        path = self.options.run / "checkpoint.pt"
        torch.save(self._state(), path.with_suffix(".partial"))
        path.with_suffix(".partial").replace(path)
        save_generator(self._kept(), self.options.run / "weights.safetensors", self.record())

    def _state(self) -> dict[str, Any]:
        """Everything that the next step depends on."""
        return {
            "config": self.generator.config.to_dict(),
            "generator": self.generator.state_dict(),
            "average": self.average.state_dict(),
            "reader": self.reader.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "adversaries": self.adversaries.saved(),
            "step": self.step,
            "pairs": self.pairs_seen,
            "seconds": self.seconds,
            "usual_norm": self.usual_norm,
            "figures": self.figures,
        }

    def _kept(self) -> Generator:
        """The average; after the end of a run the better of stage 1 and stage 3."""
        if "stage-1" in self.figures.get("kept", {}):
            return load_generator(self.options.run / "stage-1.safetensors")[0]
        return self.average

    def resume(self) -> None:
        """Go on from the run's checkpoint, or from the pack that was kept of it, if there is one.

        Raises:
            ValueError: it cannot be read, or is of another configuration.
        """
        path, kept = self.options.run / "checkpoint.pt", self.options.kept
        if path.exists():
            state = _read(path, path, self.device)
        elif kept is not None and kept.exists():
            path = kept
            state = widened(_read(kept, unpack(kept), self.device))
        else:
            return
        if state["config"] != self.generator.config.to_dict():
            raise ValueError(f"{path} is of another configuration; choose another --run")
        self.generator.load_state_dict(state["generator"])
        self.average.load_state_dict(state["average"])
        self.reader.load_state_dict(state["reader"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.adversaries.restore(state["adversaries"])
        self.step, self.pairs_seen = state["step"], state["pairs"]
        self.seconds, self.usual_norm = state["seconds"], state["usual_norm"]
        self.figures = state["figures"]

    def record(self) -> dict[str, Any]:
        """The training record inside the weights file."""
        options = self.options
        return {
            "data": "research-only pictures; see MODEL_CARD.md",
            "config": self.generator.config.name,
            "steps": self.step,
            "stages": asdict(self.schedule),
            "weights": asdict(self.recipe.weights),
            "pairs": self.pairs_seen,
            "hours": round(self.seconds / 3600, 2),
            "device": self.device.type,
            "precision": options.precision,
            "seed": options.seed,
            "crop_px": options.crop,
            "sides_px": options.sides or [options.crop],
            "batch": options.batch,
            "styles_each": options.styles_each,
            "rehearsed": options.rehearse,
            "scales": options.scales,
            "photographs": len(self.content),
            "artworks": len(self.style),
            "held_out": options.held_out,
            "started_from": options.start_from.name if options.start_from else None,
            "validation": self.figures,
            "accuracy": self.adversaries.accuracy,
        }


def _read(path: Path, content: Path | BytesIO, device: torch.device) -> dict[str, Any]:
    try:
        state: dict[str, Any] = torch.load(content, map_location=device, weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, LookupError) as error:
        raise ValueError(f"{path} is no checkpoint: {error}; choose another --run") from error
    return state
