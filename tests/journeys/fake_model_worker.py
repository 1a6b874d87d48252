"""A worker process whose model stands in: `python -m tests.journeys.fake_model_worker`.

All else is the product's own. It notes each forward as a line in `forwards.txt` of the data folder,
takes FAKE_FORWARD_SECONDS for one, and dies, hangs or refuses at the sight of certain sizes.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence
from typing import Any, cast

from PIL import Image

from core.logs import configure_logging
from core.settings import Settings
from tests.worker.fake_model import FakeStyleCode, FakeStylizer
from worker.__main__ import WARM_UP_SIDE_PX, run

DEADLY_SIZE = (166, 166)
REFUSED_SIZE = (177, 177)
HANGING_SIZE = (188, 188)


def load(settings: Settings) -> FakeStylizer:
    note = settings.data_dir / "forwards.txt"

    def before_forward(pictures: Sequence[Image.Image]) -> None:
        sizes = {picture.size for picture in pictures}
        if DEADLY_SIZE in sizes:
            os.kill(os.getpid(), signal.SIGKILL)
        if REFUSED_SIZE in sizes:
            raise ValueError("this size is refused")
        if HANGING_SIZE in sizes:
            time.sleep(3600)
        if sizes != {(WARM_UP_SIDE_PX, WARM_UP_SIDE_PX)}:
            with note.open("a") as file:
                file.write(f"{len(pictures)}\n")

    return FakeStylizer(
        forward_seconds=float(os.environ.get("FAKE_FORWARD_SECONDS", "0")),
        before_forward=before_forward,
    )


def main() -> int:
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    read_code, read_levels = cast("Any", FakeStyleCode.from_bytes), cast("Any", dict)
    run(settings, load=cast("Any", load), read_code=read_code, read_levels=read_levels)
    return 0


if __name__ == "__main__":
    sys.exit(main())
