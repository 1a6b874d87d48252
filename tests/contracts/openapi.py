"""Writes the OpenAPI snapshot (`make openapi`)."""

import json
import sys
import tempfile
from pathlib import Path

from app.main import create_app
from core.settings import Settings

SNAPSHOT = Path(__file__).with_name("openapi.json")


def description() -> str:
    """Return the OpenAPI description of the current code, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
        text = json.dumps(app.openapi(), ensure_ascii=False, indent=1, sort_keys=True)
        app.state.resources.close()
    return text + "\n"


def main() -> int:
    """Write the snapshot."""
    SNAPSHOT.write_text(description(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
