"""The fitted style code of one preset, in the working folder of `python -m model.presets`."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image

from model.fitting.fitter import StyleFitter
from model.inference import Stylizer
from model.style_code import StyleCode

_FIRST_NETWORK = "vgg19"
"""Measured the figures of records that do not name their perceptual network."""


@dataclass(frozen=True)
class FittedPreset:
    """A code and how it was made. Before the first fit there is no code."""

    model_version: str
    sources: str
    """Hash of the source pictures: a code of other pictures is not continued."""
    code: StyleCode | None = None
    record: dict[str, Any] | None = None

    @property
    def steps(self) -> int:
        """Gradient steps done so far."""
        return int(self.record["steps"]) if self.record else 0

    @classmethod
    def load(cls, path: Path, sources: Sequence[Path], stylizer: Stylizer) -> "FittedPreset":
        """Return the stored state, or one without a code if weights or sources have changed."""
        new = cls(stylizer.model_version, _hash_of(sources))
        record_path = path.with_suffix(".json")
        if not (path.exists() and record_path.exists()):
            return new
        code, stored = StyleCode.from_bytes(path.read_bytes()), json.loads(record_path.read_text())
        if (code.model_version, stored["sources"]) != (new.model_version, new.sources):
            return new
        return replace(new, code=code, record=stored["record"])

    def continued(
        self, fitter: StyleFitter, artworks: Sequence[Image.Image], steps: int
    ) -> "FittedPreset":
        """Return the preset after further steps."""
        result = fitter.fit(artworks, steps=steps, start=self.code, seed=self.steps)
        before = {
            "style_before": round(result.before.style, 4),
            "content_before": round(result.before.content, 4),
        }
        if self.record and self.record.get("perceptual", _FIRST_NETWORK) == result.perceptual:
            before = self.record
        record = {
            "perceptual": result.perceptual,
            "steps": self.steps + result.steps,
            "style_before": before["style_before"],
            "content_before": before["content_before"],
            "style": round(result.after.style, 4),
            "content": round(result.after.content, 4),
        }
        return replace(self, code=result.code, record=record)

    def save(self, path: Path) -> None:
        """Write the code, then its record; without the record the code is not used."""
        if self.code is None:
            raise ValueError("there is no code to save")
        path.write_bytes(self.code.to_bytes())
        path.with_suffix(".json").write_text(
            json.dumps({"sources": self.sources, "record": self.record}) + "\n"
        )


def _hash_of(sources: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in sources:
        digest.update(path.read_bytes())
    return digest.hexdigest()
