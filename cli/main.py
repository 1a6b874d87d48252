"""`dualtrans`: the command line of the service and of the model.

A command is a module that is imported when the command runs. `dualtrans --help` therefore needs
neither torch nor a web framework, and a machine needs only the packages of the commands that it
runs.
"""

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from types import ModuleType
from typing import Final, NamedTuple

from pydantic import ValidationError

from core.errors import SetupError
from core.settings import Settings


class Command(NamedTuple):
    """One sub-command.

    A module of the service defines `add_arguments(parser)` and `run(options, settings)`. A module
    of the model defines `main(arguments)`, with its own parser. Both return the exit status.
    """

    module: str
    purpose: str
    needs_model: bool = False


COMMANDS: Final = {
    "serve": Command("cli.serve", "run the API, the workers and the queue on this machine"),
    "demo": Command("cli.demo", "send a photo to the running service and save the result"),
    "label": Command("cli.label", "print the AI label of pictures"),
    "keys": Command("cli.keys", "create, list and revoke API keys"),
    "users": Command("cli.users", "list users, revoke their tokens, or erase a user"),
    "doctor": Command("cli.doctor", "check the settings and the environment"),
    "reviews": Command("cli.reviews", "list and decide results that need a manual review"),
    "migrate": Command("cli.migrate", "upgrade the database schema"),
    "queue": Command("cli.queue", "show the queue and the workers; queue failed jobs again"),
    "purge": Command("cli.purge", "remove results that are older than a number of days"),
    "stylize": Command("cli.stylize", "stylize photos without the service", needs_model=True),
    "fit-style": Command("cli.fit_style", "improve the code of a style", needs_model=True),
    "train": Command("cli.train", "train DualTrans", needs_model=True),
    "evaluate": Command("cli.evaluate", "measure models and draw picture sheets", needs_model=True),
    "convert-vgg": Command(
        "cli.convert_vgg", "convert VGG-19 for the refinement of own styles", needs_model=True
    ),
}
OUR_PACKAGES: Final = ("cli", "core", "imaging", "styling")  # installed on every machine
EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command and return its exit status. An expected error prints one line."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except SetupError as error:
        print(f"dualtrans: {error}", file=sys.stderr)
        return EXIT_FAILED
    except ValidationError as error:
        print(f"dualtrans: {_invalid_setting(error)}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _run(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in COMMANDS:
        parser = _top_parser()
        parser.parse_args(arguments)  # exits, unless there are no arguments
        parser.print_help()
        return EXIT_USAGE
    name, rest = arguments[0], arguments[1:]
    module = _import_module(name)
    if COMMANDS[name].needs_model:
        status: int = module.main(rest)
        return status
    parser = argparse.ArgumentParser(
        prog=f"dualtrans {name}", description=module.__doc__, allow_abbrev=False
    )
    module.add_arguments(parser)
    status = module.run(parser.parse_args(rest), Settings())
    return status


def _import_module(name: str) -> ModuleType:
    command = COMMANDS[name]
    try:
        return import_module(command.module)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in OUR_PACKAGES:
            raise
        extra = "all" if command.needs_model else "app"
        raise SetupError(
            f"`dualtrans {name}` needs the package {missing}, which is not installed; "
            f"pip install 'dualtrans[{extra}]'"
        ) from error


def _top_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dualtrans", description="Arbitrary style transfer with Transformers."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, command in COMMANDS.items():
        commands.add_parser(name, help=command.purpose, add_help=False)
    return parser


def _invalid_setting(error: ValidationError) -> str:
    first = error.errors()[0]
    return f"setting {'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


if __name__ == "__main__":
    sys.exit(main())
