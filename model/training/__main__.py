"""`python -m model.training`: train a generator, or resume training from its checkpoint."""

import sys
from contextlib import closing

from model.machine import reuse_freed_memory
from model.training.options import parse_options
from model.training.run import Training


def main(arguments: list[str] | None = None) -> int:
    """Train; return 2 after printing one line to stderr if options or files are unusable."""
    reuse_freed_memory()
    try:
        training = Training(parse_options(arguments))
        with closing(training.log):
            training.resume()
            training.run()
    except (ValueError, OSError) as error:
        print(f"dualtrans train: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
