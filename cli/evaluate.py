"""`dualtrans evaluate`: measure models on the same pictures, see model/evaluation."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import app.styles
from model.evaluation.__main__ import main as evaluate

CATALOGUE: Final = Path(app.styles.__file__).parent / "presets" / "catalogue.json"


def main(arguments: Sequence[str]) -> int:
    """Evaluate with these options and the strengths of the presets. Returns the exit status."""
    return evaluate(["--catalogue", str(CATALOGUE), *arguments])
