"""Names that several packages must agree on: error codes, the task of the worker, preset ids."""

import json
import re
import struct
from importlib import import_module
from pathlib import Path

import pytest

from app.error_schemas import all_errors
from app.styles.presets import Presets
from core.errors import AppError
from core.queue import TASK_NAME

ROOT = Path(__file__).parents[2]
PRESET_CODES = ROOT / "model" / "weights" / "presets.safetensors"
PLACEHOLDERS = re.compile(r"{(\w+)}")


def names_in_safetensors(file: Path) -> set[str]:
    """Return the style ids of the file; its header is JSON, so torch is not needed."""
    with file.open("rb") as stream:
        (length,) = struct.unpack("<Q", stream.read(8))
        header = json.loads(stream.read(length))
    return {name.partition("/")[0].partition(".")[0] for name in header if name != "__metadata__"}


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_an_error_has_texts_in_both_languages_with_the_same_placeholders(kind: type[AppError]):
    chinese, english = kind.text.zh, kind.text.en

    assert re.search(r"[\u4e00-\u9fff]", chinese)
    assert english.isascii()
    assert set(PLACEHOLDERS.findall(chinese)) == set(PLACEHOLDERS.findall(english))


@pytest.mark.parametrize("kind", all_errors(), ids=lambda kind: kind.__name__)
def test_an_error_code_is_snake_case_with_an_error_status(kind: type[AppError]):
    assert re.fullmatch(r"[a-z]+(_[a-z]+)*", kind.code)
    assert 400 <= kind.status < 600


def test_the_error_codes_that_clients_use_exist():
    assert {kind.code for kind in all_errors()} >= {
        "account_blocked",
        "already_finished",
        "bad_request",
        "check_pending",
        "content_rejected",
        "decompression_bomb",
        "expired",
        "file_too_large",
        "forbidden",
        "idempotency_conflict",
        "image_too_small",
        "invalid_login_code",
        "invalid_tau",
        "login_not_set_up",
        "missing_file",
        "missing_scope",
        "missing_style",
        "not_found",
        "queue_full",
        "quota_exceeded",
        "rate_limited",
        "server_error",
        "too_many_pixels",
        "truncated_image",
        "unauthenticated",
        "unknown_style",
        "unsupported_image",
        "wechat_away",
        "wechat_refuses",
    }


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_mini_program_has_a_text_for_every_error_code(language: str):
    file = ROOT / "miniprogram" / "src" / "i18n" / language / "errors.ts"
    codes_with_text = set(re.findall(r"^  (\w+): '", file.read_text("utf-8"), re.MULTILINE))

    assert {kind.code for kind in all_errors()} <= codes_with_text


def test_the_task_name_of_the_queue_is_a_function_of_the_worker():
    module, _, function = TASK_NAME.rpartition(".")

    assert callable(getattr(import_module(module), function))


def test_black_pottery_is_a_preset():
    assert Presets.load().find("nixi-black-pottery") is not None


def test_every_preset_has_a_style_code_and_every_style_code_a_preset():
    ids = {preset.entry.id for preset in Presets.load()}

    assert names_in_safetensors(PRESET_CODES) == ids
