"""What a run leaves behind: scalars and sheets for TensorBoard, one line a step in log.jsonl."""

import json
from pathlib import Path

import torch
from PIL import Image, ImageOps
from torch.utils.tensorboard import SummaryWriter

from model.contact_sheet import contact_sheet
from model.network.generator import Generator
from model.network.style_control import StyleCodes
from model.pictures import to_picture, to_tensor
from model.training.step import code_view

_SHEET_PX = 256


class Logbook:
    """Writes into the run's folder."""

    def __init__(self, folder: Path) -> None:
        """The folder is made when it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.board = SummaryWriter(str(folder))
        self.lines = (folder / "log.jsonl").open("a", buffering=1)

    def scalars(self, step: int, values: dict[str, float]) -> None:
        """One line of numbers."""
        rounded = {name: float(f"{value:.5g}") for name, value in values.items()}
        self.lines.write(json.dumps({"step": step, **rounded}) + "\n")
        for name, value in values.items():
            self.board.add_scalar(name, value, step)

    def sheet(self, step: int, picture: Image.Image) -> None:
        """A contact sheet, as a file and on the board."""
        picture.save(self.folder / f"sheet-{step:06d}.jpg", quality=88)
        self.board.add_image("sheet", (to_tensor(picture) + 1) / 2, step)

    def close(self) -> None:
        """Flush both."""
        self.board.close()
        self.lines.close()


@torch.no_grad()
def sample_sheet(
    generator: Generator, photographs: list[Image.Image], styles: list[Image.Image]
) -> Image.Image:
    """Rows are photographs; columns: the photograph, tau = 0, then every style at tau = 1."""
    device = next(generator.parameters()).device
    contents, artworks = (
        [ImageOps.fit(picture, (_SHEET_PX, _SHEET_PX)) for picture in pictures]
        for pictures in (photographs, styles)
    )
    styled = torch.stack([to_tensor(artwork) for artwork in artworks]).to(device)
    codes = generator.encode_style(code_view(styled))
    strength = torch.ones(len(styles) + 1, device=device)
    strength[0] = 0
    rows: list[list[Image.Image | None]] = [[None, None, *artworks]]
    for content in contents:
        picture = to_tensor(content).to(device)[None].expand(len(styles) + 1, -1, -1, -1)
        own = generator.encode_style(code_view(picture))
        towards = StyleCodes(
            torch.cat([own.levels[:1], codes.levels]), torch.cat([own.tokens[:1], codes.tokens])
        )
        painted = generator(picture, own, own.moved_towards(towards, strength[:, None]))
        rows.append([content, *(to_picture(one) for one in painted)])
    return contact_sheet(rows, _SHEET_PX)
