"""The training loop."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from imaging.decode import open_picture
from model import losses
from model.config import LossWeights
from model.training.checkpoints import Checkpoints
from model.training.data import Batch, Pairs, find_pictures
from model.training.discriminators import DiscriminatorInputs
from model.training.options import RunOptions
from model.training.provenance import training_record
from model.training.run_log import RunLog, sample_sheet
from model.training.stage_selection import STAGE_1, STAGE_3
from model.training.state import TrainingState
from model.training.step import StepLosses, load_perceptual_networks
from model.training.validation import held_out_validation

_MAX_REJECTED_IN_A_ROW = 20
_MAX_NORM_RATIO = 8.0  # to the typical gradient norm; a larger one is the first sign of divergence
_SHOWN_LOSSES = ("style", "content", "identity", "adversarial")  # next to the progress bar

# Purposes of the random numbers of a step
_GENERATOR_TERMS, _DISCRIMINATOR_UPDATE, _NOISE_SHIFT = range(3)


class Training:
    """One training run."""

    def __init__(self, options: RunOptions) -> None:
        """Build networks and data; `resume` then restores the checkpoint of the run.

        Raises:
            ValueError, OSError: a folder or a file is unusable.
        """
        self.options = options
        self.state = TrainingState(options)
        self.photos = find_pictures(options.photo_folders, held_out=options.held_out)
        self.artworks = find_pictures(options.artwork_folders, held_out=options.held_out)
        self.pairs = Pairs(
            self.photos,
            self.artworks,
            batch=options.batch,
            crop=options.crop_px,
            seed=options.seed,
            styles_per_photo=options.styles_per_photo,
            replayed=options.replayed_crops,
            sides=options.photo_sides_px,
        )
        networks = load_perceptual_networks(
            options.vgg,
            options.teacher,
            scales=options.scales,
            device=options.device,
            dtype=options.dtype,
        )
        self.losses = StepLosses(
            self.state.generator,
            self.state.probe_head,
            self.state.average.style.backbone,
            networks,
            options.recipe,
        )
        self.validation = held_out_validation(options, networks)
        self.checkpoints = Checkpoints(options)
        self.log = RunLog(options.run)
        self.rejected_steps = 0
        """Number of rejected steps since the last accepted one."""

    def resume(self) -> None:
        """Restore the state of the run, if it has a checkpoint or an archive.

        Raises:
            ValueError: the file is unreadable or has a different configuration.
        """
        self.checkpoints.load(self.state)
        self.state.stages.discard_from(self.state.step, self.options.schedule)

    def run(self) -> None:
        """Train until the last step, the time limit, SIGINT or SIGTERM; then save and report."""
        options, state = self.options, self.state
        time_limit = _Timer(options.minutes)
        report_timer, save_timer = _Timer(options.sheet_minutes), _Timer(options.save_minutes)
        last_step = options.schedule.steps
        with _stop_signals() as stop_signals:
            with tqdm(total=last_step, initial=state.step, unit="step") as progress:
                for batch in self.pairs.batches(state.step, last_step, options.threads):
                    self._save_stage_1()
                    start = time.monotonic()
                    values = self.one_step(batch)
                    state.seconds += time.monotonic() - start
                    state.step += 1
                    progress.update()
                    if state.step % options.log_every == 0:
                        self._log_step(values, progress)
                    if report_timer.is_due():
                        self.report()
                    if save_timer.is_due():
                        self.save()
                    if stop_signals or time_limit.is_due():
                        break
            if state.step == last_step:
                self._select_stage()
            self.save()
            self.checkpoints.save_archive(state)
            self.report()

    # One step

    def one_step(self, batch: Batch) -> dict[str, float]:
        """Update generator and discriminators; return all loss terms and accuracies."""
        state = self.state
        batch = batch.to(self.options.device)
        state.generator.shift_noise(self._random(_NOISE_SHIFT))
        with self._autocast():
            terms, weights, discriminator_inputs = self._loss_terms(batch)
            total = losses.weighted_sum(terms, weights)
        state.optimiser.zero_grad()
        total.backward()  # type: ignore[no-untyped-call]  # untyped in torch
        norm = float(nn.utils.clip_grad_norm_(state.optimiser.parameters, 1.0))
        self._update_generator(total, norm, len(batch.style_keys))
        values = {name: float(term.detach()) for name, term in terms.items()}
        if discriminator_inputs is not None:
            with self._autocast():
                values |= state.discriminators.update(
                    discriminator_inputs, state.step, self._random(_DISCRIMINATOR_UPDATE)
                )
        return {**values, "total": float(total.detach()), "norm": norm}

    def _loss_terms(
        self, batch: Batch
    ) -> tuple[dict[str, Tensor], LossWeights, DiscriminatorInputs | None]:
        """Return the generator's terms, their weights and the inputs of the discriminators."""
        step, schedule = self.state.step, self.options.schedule
        full_weights = self.options.recipe.weights
        if schedule.stage(step) == 0:
            return self.losses.reconstruction(batch), full_weights, None
        weights = schedule.loss_weights_at(step, full_weights)
        terms, inputs = self.losses.stylization(batch, weights)
        if not schedule.has_discriminators(step):
            return terms, weights, None
        adversarial = self.state.discriminators.generator_terms(
            inputs, self._random(_GENERATOR_TERMS)
        )
        return terms | adversarial, weights, inputs

    def _update_generator(self, total: Tensor, norm: float, pairs: int) -> None:
        """Apply the gradients, unless they are not finite or much larger than usual."""
        state, schedule = self.state, self.options.schedule
        if state.step in {schedule.warm_steps, schedule.adversarial_start}:
            state.typical_norm = 0.0  # the losses change, and the size of the gradients with them
        limit = _MAX_NORM_RATIO * (state.typical_norm or float("inf"))
        if bool(torch.isfinite(total)) and norm < limit:
            state.optimiser.step(schedule.learning_rate_at(state.step))
            state.typical_norm = 0.98 * (state.typical_norm or norm) + 0.02 * norm
            state.update_average(self.options.average_decay)
            state.pairs += pairs
            self.rejected_steps = 0
            return
        self.rejected_steps += 1
        if self.rejected_steps >= _MAX_REJECTED_IN_A_ROW:
            raise SystemExit(
                f"step {state.step}: the loss or gradient of {self.rejected_steps} steps in a row "
                "was not finite or too large; lower --learning-rate or use --precision fp32"
            )

    def _random(self, purpose: int) -> torch.Generator:
        """Return a generator that depends only on seed, step and purpose, for exact resumption."""
        seed = (self.options.seed * 1_000_003 + self.state.step) * 3 + purpose
        return torch.Generator().manual_seed(seed)

    def _autocast(self) -> torch.autocast:
        enabled = self.options.dtype != torch.float32
        return torch.autocast(self.options.device.type, torch.bfloat16, enabled=enabled)

    # Stages

    def _save_stage_1(self) -> None:
        """At the end of stage 1, save and validate its weights."""
        schedule = self.options.schedule
        has_stage_1 = schedule.warm_steps < schedule.adversarial_start
        if self.state.step == schedule.adversarial_start and has_stage_1:
            self._save_stage(STAGE_1)

    def _select_stage(self) -> None:
        """At the end of the run, save stage 3 and select the better of stages 1 and 3."""
        if self.state.step > self.options.schedule.adversarial_start:
            self._save_stage(STAGE_3)
        self.state.stages.select(self.options.recipe.weights)

    def _save_stage(self, stage: str) -> None:
        self.state.stages.metrics[stage] = self.validate()
        self.checkpoints.save_stage(stage, self.state, self._record())

    # Reports and files

    def validate(self) -> dict[str, float]:
        """Return the validation metrics of the exponential moving average.

        The result is empty without a held-out set.
        """
        if self.validation is None:
            return {}
        return self.validation.metrics(self.state.average, self.options.dtype)

    def report(self) -> None:
        """Log the validation metrics and write the sample sheet."""
        state, options = self.state, self.options
        if metrics := self.validate():
            self.log.write_scalars(state.step, {**metrics, "pairs": state.pairs})
        if options.sheet_photos and options.sheet_artworks:
            photos = [open_picture(path) for path in options.sheet_photos]
            artworks = [open_picture(path) for path in options.sheet_artworks]
            self.log.write_sheet(state.step, sample_sheet(state.average, photos, artworks))

    def save(self) -> None:
        """Write the checkpoint and the weights to use."""
        self.checkpoints.save(self.state, self._record())

    def _record(self) -> dict[str, Any]:
        return training_record(
            self.options, self.state, photos=len(self.photos), artworks=len(self.artworks)
        )

    def _log_step(self, values: dict[str, float], progress: "tqdm[Any]") -> None:
        state = self.state
        self.log.write_scalars(
            state.step, {**values, "seconds": state.seconds, "pairs": state.pairs}
        )
        shown = {name: f"{values[name]:.3f}" for name in _SHOWN_LOSSES if name in values}
        progress.set_postfix(shown)


class _Timer:
    """Measures repeated intervals."""

    def __init__(self, minutes: float) -> None:
        self.seconds, self.start = 60 * minutes, time.monotonic()

    def is_due(self) -> bool:
        """Return whether the interval has passed; if so, start the next one."""
        now = time.monotonic()
        if now - self.start <= self.seconds:
            return False
        self.start = now
        return True


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM instead of ending the process, so that a run can save first."""
    received: list[int] = []
    previous = {
        number: signal.signal(number, lambda number, _frame: received.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield received
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
