"""Check the settings and the environment. Prints one line for each check, with a fix if needed.

A line begins with `ok`, with `warn` (it works, with a drawback) or with `bad` (it does not work, or
WeChat rejects it). The exit status is 1 when any line is `bad`. Nothing is changed: the command
writes one small file to the storage, reads it and deletes it.
"""

import argparse
import json
import logging
from collections.abc import Iterator

from cli.check_results import CheckResult
from cli.environment_checks import check_environment
from cli.setting_checks import check_settings
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the option for the output format."""
    parser.add_argument("--json", action="store_true", help="print a JSON list instead of lines")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Run all checks. Returns 1 when one of them failed."""
    # Without a handler, Python would print warnings that the results repeat.
    logging.getLogger("core").addHandler(logging.NullHandler())
    results: list[CheckResult] = []
    for result in run_checks(settings):
        results.append(result)
        if not options.json:
            print(result, flush=True)
    if options.json:
        print(json.dumps([result.as_json() for result in results], ensure_ascii=False, indent=1))
    return int(any(result.verdict == "bad" for result in results))


def run_checks(settings: Settings) -> Iterator[CheckResult]:
    """Yield the result of each check, the fast checks first."""
    yield from check_settings(settings)
    yield from check_environment(settings)
