"""The log of a run: scalars for TensorBoard and log.jsonl, and sample sheets."""

import json
import logging
from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from PIL import Image, ImageOps

from model.contact_sheet import contact_sheet
from model.network.generator import Generator
from model.network.style_control import StyleCodes
from model.pictures import to_picture, to_tensor
from model.training.step import code_view

log = logging.getLogger(__name__)

_SHEET_CELL_PX = 256


class RunLog:
    """Writes log.jsonl and sample sheets to the folder of a run, and events for TensorBoard.

    Without the package tensorboard, which is only in the extra `train`, there are no events.
    """

    def __init__(self, folder: Path) -> None:
        """Create the folder if it is missing; append to an existing log."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.tensorboard = _open_tensorboard(folder)
        self.lines = (folder / "log.jsonl").open("a", buffering=1)

    def write_scalars(self, step: int, values: dict[str, float]) -> None:
        """Write one line of numbers."""
        rounded = {name: float(f"{value:.5g}") for name, value in values.items()}
        self.lines.write(json.dumps({"step": step, **rounded}) + "\n")
        if self.tensorboard is not None:
            for name, value in values.items():
                self.tensorboard.add_scalar(name, value, step)

    def write_sheet(self, step: int, sheet: Image.Image) -> None:
        """Write a sample sheet as a file and to TensorBoard."""
        sheet.save(self.folder / f"sheet-{step:06d}.jpg", quality=88)
        if self.tensorboard is not None:
            self.tensorboard.add_image("sheet", (to_tensor(sheet) + 1) / 2, step)

    def close(self) -> None:
        """Flush and close all files."""
        if self.tensorboard is not None:
            self.tensorboard.close()
        self.lines.close()


def _open_tensorboard(folder: Path) -> Any | None:  # noqa: ANN401  # a SummaryWriter, if installed
    try:
        return import_module("torch.utils.tensorboard").SummaryWriter(str(folder))
    except ImportError as error:
        log.warning(
            "training runs without TensorBoard, and the numbers are in log.jsonl only (%s): "
            "pip install 'dualtrans[train]'",
            error,
        )
        return None


@torch.no_grad()
def sample_sheet(
    generator: Generator, photos: list[Image.Image], artworks: list[Image.Image]
) -> Image.Image:
    """Return a sheet; a row has a photo, strength 0, then every style at strength 1."""
    device = next(generator.parameters()).device
    photo_cells, artwork_cells = (
        [ImageOps.fit(picture, (_SHEET_CELL_PX, _SHEET_CELL_PX)) for picture in pictures]
        for pictures in (photos, artworks)
    )
    styles = torch.stack([to_tensor(artwork) for artwork in artwork_cells]).to(device)
    style_codes = generator.encode_style(code_view(styles))
    strength = torch.ones(len(styles) + 1, device=device)
    strength[0] = 0
    rows: list[list[Image.Image | None]] = [[None, None, *artwork_cells]]
    for photo in photo_cells:
        repeated = to_tensor(photo).to(device)[None].expand(len(styles) + 1, -1, -1, -1)
        content_codes = generator.encode_style(code_view(repeated))
        targets = StyleCodes(
            torch.cat([content_codes.levels[:1], style_codes.levels]),
            torch.cat([content_codes.tokens[:1], style_codes.tokens]),
        )
        moved = content_codes.moved_towards(targets, strength[:, None])
        results = generator(repeated, content_codes, moved)
        rows.append([photo, *(to_picture(result) for result in results)])
    return contact_sheet(rows, _SHEET_CELL_PX)
