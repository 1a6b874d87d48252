"""Runs a worker process with a fake model: `python -m tests.journeys.fake_model_worker`.

Everything else is the production code. Each forward pass is recorded as a line of `forwards.txt` in
the data folder and takes FAKE_FORWARD_SECONDS. Photos of certain sizes kill the process, make the
forward pass hang, or are refused. If the settings switch the refinement of own styles on, each step
is recorded as a line of `steps.txt` and takes FAKE_STEP_SECONDS.
"""

import os
import signal
import sys
import time
from collections.abc import Sequence

from PIL import Image

from core.logs import configure_logging
from core.settings import Settings
from tests.worker.fake_model import FakePainter
from worker.__main__ import WARM_UP_SIDE_PX, run

DEADLY_SIZE = (166, 166)
REFUSED_SIZE = (177, 177)
HANGING_SIZE = (188, 188)


def load(settings: Settings) -> FakePainter:
    record = settings.data_dir / "forwards.txt"

    def before_forward(photos: Sequence[Image.Image]) -> None:
        sizes = {photo.size for photo in photos}
        if DEADLY_SIZE in sizes:
            os.kill(os.getpid(), signal.SIGKILL)
        if REFUSED_SIZE in sizes:
            raise ValueError("this size is refused")
        if HANGING_SIZE in sizes:
            time.sleep(3600)
        if sizes != {(WARM_UP_SIDE_PX, WARM_UP_SIDE_PX)}:
            with record.open("a") as file:
                file.write(f"{len(photos)}\n")

    def before_step() -> None:
        with (settings.data_dir / "steps.txt").open("a") as file:
            file.write("step\n")

    return FakePainter(
        can_refine=settings.refines_styles,
        step_seconds=float(os.environ.get("FAKE_STEP_SECONDS", "0")),
        before_step=before_step,
        forward_seconds=float(os.environ.get("FAKE_FORWARD_SECONDS", "0")),
        before_forward=before_forward,
    )


def main() -> int:
    settings = Settings()
    configure_logging(settings.log_level, settings.log_format)
    run(settings, load=load)
    return 0


if __name__ == "__main__":
    sys.exit(main())
