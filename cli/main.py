"""`dualtrans`: one door to the service and to the model.

The sub-commands stand here by name and are imported when asked for; those of the model run in a
process of their own, so that this module imports neither torch nor the web framework.
"""

import argparse
import subprocess
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec

from pydantic import ValidationError

from core.errors import SetupError
from core.settings import Settings

SERVICE_COMMANDS = {  # name: what it does; each is a module of cli
    "serve": "run the API, the model and the queue on this machine",
    "demo": "send a photograph through the running service and save the result",
    "label": "show what pictures say of their making",
    "keys": "make, list and revoke keys to the API",
    "users": "list users, end their tokens, erase one with everything of theirs",
    "doctor": "say what of the settings and surroundings will not do, and the remedy",
    "reviews": "see and decide what the content check has left to a person",
    "migrate": "bring the database to today's tables",
    "queue": "see what waits and who works; queue again what has failed",
    "purge": "forget results that are older than some days",
}
MODEL_COMMANDS = {  # name: (module, what it does)
    "stylize": ("cli.stylize", "stylize photographs on this machine, without the service"),
    "train": ("model.training", "train DualTrans"),
    "evaluate": ("model.evaluation", "measure the model and draw picture sheets"),
}
MARK = "--mark"
EXIT_FAILED = 1
EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one sub-command. Returns the exit status; what goes wrong is told in one line."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if given and given[0] in MODEL_COMMANDS:
            return _run_model_command(given[0], given[1:])
        return _run_service_command(given)
    except SetupError as error:
        print(f"dualtrans: {error}", file=sys.stderr)
        return EXIT_FAILED
    except ValidationError as error:
        print(f"dualtrans: {_first_setting_at_fault(error)}", file=sys.stderr)
        return EXIT_USAGE
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def _run_service_command(given: list[str]) -> int:
    parser = _parser()
    if not given or given[0] not in SERVICE_COMMANDS:
        parser.parse_args(given)
        parser.print_help()
        return EXIT_USAGE
    command = import_module(f"cli.{given[0]}")
    own_parser = argparse.ArgumentParser(
        prog=f"dualtrans {given[0]}", description=command.__doc__, allow_abbrev=False
    )
    command.add_arguments(own_parser)
    status: int = command.run(own_parser.parse_args(given[1:]), Settings())
    return status


def _run_model_command(name: str, rest: list[str]) -> int:
    module, _ = MODEL_COMMANDS[name]
    if find_spec("torch") is None:
        raise SetupError(f"{name} needs the model's packages: pip install 'dualtrans[all]'")
    if find_spec(module) is None:
        raise SetupError(f"{name} is not part of this version")
    command = [sys.executable, "-m", module, *rest]
    if name == "stylize" and MARK in rest:
        Settings()  # an invalid mark is reported before anything is rendered
    return subprocess.run(command, check=False).returncode


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="dualtrans", description="Arbitrary style transfer with Transformers."
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    for name, purpose in SERVICE_COMMANDS.items():
        commands.add_parser(name, help=purpose, add_help=False)
    for name, (_, purpose) in MODEL_COMMANDS.items():
        commands.add_parser(name, help=purpose, add_help=False)
    return parser


def _first_setting_at_fault(error: ValidationError) -> str:
    fault = error.errors()[0]
    return f"setting {'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"


if __name__ == "__main__":
    sys.exit(main())
