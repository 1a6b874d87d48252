"""The presets: their texts and previews. Their style codes are part of the model."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.languages import LocalizedTextRead
from styling.strength import Strength

FOLDER: Final = Path(__file__).with_name("presets")
KEBAB_CASE: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class CatalogueEntry(BaseModel):
    """One preset in `catalogue.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=KEBAB_CASE, max_length=100)
    name: LocalizedTextRead
    category: str = Field(pattern=KEBAB_CASE)
    credit: LocalizedTextRead
    story: LocalizedTextRead
    default_tau: Strength


@dataclass(frozen=True)
class Preset:
    """A preset and its preview, a WebP file of some tens of kB that stays in memory."""

    entry: CatalogueEntry
    preview: bytes
    preview_tag: str  # a hash of the preview; in its URL, so that clients can cache it forever


class Presets:
    """The presets, in the order of the catalogue.

    Usage: `Presets.load()`; `presets.find("nixi-black-pottery")`.
    """

    def __init__(self, presets: list[Preset]) -> None:
        """Index the presets by id; the order is kept."""
        self._by_id = {preset.entry.id: preset for preset in presets}

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Presets":
        """Read `catalogue.json` and one `<id>.webp` for each entry.

        Raises:
            ValueError: an entry is malformed, an id occurs twice, or a preview is not a WebP file.
        """
        text = (folder / "catalogue.json").read_text(encoding="utf-8")
        entries = TypeAdapter(list[CatalogueEntry]).validate_python(json.loads(text))
        presets = [_with_preview(folder, entry) for entry in entries]
        ids = [entry.id for entry in entries]
        if len(set(ids)) != len(ids):
            raise ValueError(f"an id occurs twice in {folder / 'catalogue.json'}: {sorted(ids)}")
        return cls(presets)

    def find(self, style_id: str) -> Preset | None:
        """Return the preset with this id, or None."""
        return self._by_id.get(style_id)

    def in_category(self, category: str | None) -> list[Preset]:
        """Return the presets of a category in order; None returns all presets."""
        return [preset for preset in self if category in (None, preset.entry.category)]

    def __iter__(self) -> Iterator[Preset]:
        """Iterate over all presets in order."""
        return iter(self._by_id.values())


@cache
def included_presets() -> Presets:
    """Return the presets of this version. They are read and checked once per process."""
    return Presets.load()


def _with_preview(folder: Path, entry: CatalogueEntry) -> Preset:
    file = folder / f"{entry.id}.webp"
    try:
        with Image.open(file, formats=("WEBP",)) as picture:
            picture.load()
    except OSError as error:
        raise ValueError(f"the preset {entry.id} has no preview {file.name}: {error}") from error
    preview = file.read_bytes()
    return Preset(entry, preview, preview_tag=hashlib.sha256(preview).hexdigest()[:12])
