"""`python -m model.evaluation`: measure several methods on the same pairs and write the tables."""

import sys

from model.evaluation.options import parse_options
from model.evaluation.run import evaluate


def main(arguments: list[str] | None = None) -> int:
    """Write rows.csv, summary.json, table.md, pareto.png and contact sheets; print the tables.

    Returns 2 after printing one line to stderr if the options, pictures or weights are unusable.
    """
    try:
        options = parse_options(arguments)
        print(evaluate(options))
    except (ValueError, OSError) as error:
        print(f"dualtrans evaluate: {error}", file=sys.stderr)
        return 2
    print(f"results in {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
