"""The presets that ship: their words and previews. Their codes lie with the model."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from styling.strength import Strength

FOLDER: Final = Path(__file__).with_name("presets")
KEBAB_CASE: Final = r"^[a-z0-9]+(-[a-z0-9]+)*$"


class Words(BaseModel):
    """A name, a credit or a story in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    zh: str = Field(min_length=1, examples=["尼西黑陶"])
    en: str = Field(min_length=1, examples=["Nixi black pottery"])


class CatalogueEntry(BaseModel):
    """One preset as `catalogue.json` lists it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: str = Field(pattern=KEBAB_CASE, max_length=100)
    name: Words
    category: str = Field(pattern=KEBAB_CASE)
    credit: Words
    story: Words
    default_tau: Strength


@dataclass(frozen=True)
class Preset:
    """A preset and its preview, a WebP of some tens of kB that is held in memory."""

    entry: CatalogueEntry
    preview: bytes
    preview_tag: str  # changes with the preview, so that its address can be cached for good


class Presets:
    """The catalogue, in the order in which it is shown.

    Usage: `Presets.load()`; `presets.find("nixi-black-pottery")`.
    """

    def __init__(self, presets: list[Preset]) -> None:
        """Take them in their order."""
        self._by_id = {preset.entry.id: preset for preset in presets}

    @classmethod
    def load(cls, folder: Path = FOLDER) -> "Presets":
        """Read `catalogue.json` and one `<id>.webp` for each entry.

        Raises:
            ValueError: an entry is malformed or named twice, or a preview is missing or no WebP.
        """
        text = (folder / "catalogue.json").read_text(encoding="utf-8")
        entries = TypeAdapter(list[CatalogueEntry]).validate_python(json.loads(text))
        presets = [_with_preview(folder, entry) for entry in entries]
        ids = [entry.id for entry in entries]
        if len(set(ids)) != len(ids):
            raise ValueError(f"an id stands twice in {folder / 'catalogue.json'}: {sorted(ids)}")
        return cls(presets)

    def find(self, style_id: str) -> Preset | None:
        """The preset of this id."""
        return self._by_id.get(style_id)

    def __iter__(self) -> Iterator[Preset]:
        """All of them."""
        return iter(self._by_id.values())


def _with_preview(folder: Path, entry: CatalogueEntry) -> Preset:
    file = folder / f"{entry.id}.webp"
    try:
        with Image.open(file, formats=("WEBP",)) as picture:
            picture.load()
    except OSError as error:
        raise ValueError(f"the preset {entry.id} has no preview {file.name}: {error}") from error
    preview = file.read_bytes()
    return Preset(entry, preview, preview_tag=hashlib.sha256(preview).hexdigest()[:12])
