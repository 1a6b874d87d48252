"""The files that a training run writes and resumes from."""

from io import BytesIO
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from model.checkpoint import load_generator, save_generator
from model.training.archive import decompress_archive, widen, write_archive
from model.training.options import RunOptions
from model.training.stage_selection import STAGE_1
from model.training.state import TrainingState


class Checkpoints:
    """Checkpoint, archive and weights files of one run.

    - `checkpoint.pt`: the training state, for exact resumption.
    - `stage-1.safetensors`, `stage-3.safetensors`: the exponential moving average of the
      generator at the end of these stages.
    - `weights.safetensors`: the weights to use: the same average, or stage 1 if it was selected.
    - the archive of `RunOptions.archive`: a small copy of the training state.
    """

    def __init__(self, options: RunOptions) -> None:
        """Write to the folder and the archive of the run."""
        self.folder, self.archive = options.run, options.archive
        self.device = options.device

    def load(self, state: TrainingState) -> None:
        """Restore the state from the checkpoint, else from the archive, if one of them exists.

        Raises:
            ValueError: the file is unreadable or has a different configuration.
        """
        path = self._checkpoint
        if path.exists():
            values = self._read(path, path)
        elif self.archive is not None and self.archive.exists():
            path = self.archive
            values = widen(self._read(path, decompress_archive(path)))
        else:
            return
        if values["config"] != state.generator.config.to_dict():
            raise ValueError(f"{path} has a different configuration; choose another --run")
        state.load_dict(values)

    def save(self, state: TrainingState, record: dict[str, Any]) -> None:
        """Write the checkpoint atomically, and the weights to use with their training record."""
        partial = self._checkpoint.with_suffix(".partial")
        torch.save(state.to_dict(), partial)
        partial.replace(self._checkpoint)
        generator = state.average
        if state.stages.selected == STAGE_1:
            generator, _ = load_generator(self._weights_of(STAGE_1))
        save_generator(generator, self._weights_of("weights"), record)

    def save_stage(self, stage: str, state: TrainingState, record: dict[str, Any]) -> None:
        """Write the exponential moving average at the end of a stage."""
        save_generator(state.average, self._weights_of(stage), record)

    def save_archive(self, state: TrainingState) -> None:
        """Write the archive, if the run has one."""
        if self.archive is not None:
            write_archive(state.to_dict(), self.archive)

    @property
    def _checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def _weights_of(self, name: str) -> Path:
        return self.folder / f"{name}.safetensors"

    def _read(self, path: Path, content: Path | BytesIO) -> dict[str, Any]:
        try:
            values: dict[str, Any] = torch.load(
                content, map_location=self.device, weights_only=True
            )
        except (UnpicklingError, RuntimeError, EOFError, LookupError) as error:
            message = f"{path} is not a checkpoint: {error}; choose another --run"
            raise ValueError(message) from error
        return values
