"""One part of an evaluation, and the files that it is written to."""

import csv
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from model.evaluation.table import rounded


@dataclass(frozen=True)
class Section:
    """Rows, tables and figures of one part of an evaluation."""

    title: str
    tables: str
    """In Markdown."""
    rows: Sequence[Any]
    """Dataclass instances of one type, at least one."""
    figures: Mapping[str, Any]
    """What the tables show, as JSON values."""

    @property
    def text(self) -> str:
        """The tables under their heading, in Markdown."""
        return f"## {self.title}\n\n{self.tables}"

    def write(self, folder: Path) -> None:
        """Write the rows (.csv), the tables (.md) and the figures (.json), named by the title."""
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"\W+", "-", self.title.lower())
        (folder / f"{name}.md").write_text(self.text)
        figures = json.dumps(rounded(dict(self.figures)), indent=1)
        (folder / f"{name}.json").write_text(figures + "\n")
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, asdict(self.rows[0]))
            writer.writeheader()
            writer.writerows(asdict(row) for row in self.rows)
