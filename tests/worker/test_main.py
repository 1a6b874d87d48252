"""How a worker starts, or says why it cannot."""

from pathlib import Path
from typing import Any, cast

import pytest

from core.errors import SetupError
from core.settings import Settings
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import FakeStyleCode, FakeStylizer
from worker import __main__ as worker_main
from worker import tasks


def test_without_the_model_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def not_there(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(worker_main, "import_module", not_there)
    monkeypatch.setattr(worker_main, "configure_logging", lambda *_: None)

    assert worker_main.main() == worker_main.EXIT_SETUP

    assert "pip install" in capsys.readouterr().err


def test_weights_that_cannot_be_read_are_a_reason_not_to_try_again(tmp_path: Path) -> None:
    def load(_: Settings) -> Any:
        raise ValueError("these weights are none of ours")

    with pytest.raises(SetupError, match="none of ours"):
        worker_main.run(
            Settings(data_dir=tmp_path),
            load=load,
            read_code=cast("Any", FakeStyleCode.from_bytes),
            read_levels=cast("Any", dict),
        )


def test_the_model_is_warm_before_the_first_picture(stack: WorkerStack) -> None:
    stylizer = FakeStylizer()

    worker_main._load_warm(stack.settings, lambda _: cast("Any", stylizer))

    assert stylizer.forwards == [1]


def test_weights_without_presets_are_used_all_the_same(
    stack: WorkerStack, caplog: pytest.LogCaptureFixture
) -> None:
    def none_ship() -> list[str]:
        raise ValueError("of another model")

    stylizer = FakeStylizer()
    stylizer.preset_ids = none_ship

    worker_main._load_warm(stack.settings, lambda _: cast("Any", stylizer))

    assert "of another model" in caplog.text


def test_one_wake_up_prepares_a_style_and_renders_what_waited_for_it(stack: WorkerStack) -> None:
    row_id = stack.queue_row(style_id=stack.new_style())
    tasks.answer_rings_with(lambda: worker_main.answer(stack.renderer, stack.reconciler))

    tasks.run_next_batch()

    assert stack.row(row_id).status == "done"


def test_rows_that_a_new_style_sets_free_are_rung_for(stack: WorkerStack) -> None:
    style_id = stack.new_style()
    stack.queue_rows(stack.settings.max_batch + 2, style_id=style_id)

    worker_main.answer(stack.renderer, stack.reconciler)

    assert stack.queue.count_pending() == 2
