"""Say what of the settings and surroundings will not do, one line each, with the remedy.

`ok` is fit, `warn` works but not as one would want, `bad` does not work or is refused by WeChat;
with one `bad` the exit status is 1. Nothing is changed but a small file that storage takes and
gives back.
"""

import argparse
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict

from cli.check_results import Finding
from cli.environment_checks import probe_surroundings
from cli.setting_checks import check_settings
from core.settings import Settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For a person, or for a program."""
    parser.add_argument("--json", action="store_true", help="a JSON list instead of lines")


def run(options: argparse.Namespace, settings: Settings) -> int:
    """Look at everything. Returns 1 when something is bad."""
    logging.getLogger("app").addHandler(logging.NullHandler())  # the lines say it already
    found: list[Finding] = []
    for finding in examine(settings):
        found.append(finding)
        if not options.json:
            print(finding, flush=True)
    if options.json:
        print(json.dumps([asdict(finding) for finding in found], ensure_ascii=False, indent=1))
    return int(any(finding.verdict == "bad" for finding in found))


def examine(settings: Settings) -> Iterator[Finding]:
    """All checks, the quick ones first."""
    yield from check_settings(settings)
    yield from probe_surroundings(settings)
