"""How a worker starts, handles a notification, or reports why it cannot start."""

from pathlib import Path

import pytest

from core.errors import SetupError
from core.settings import Settings
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import FakePainter
from worker import __main__ as worker_main
from worker import painter


def test_a_worker_without_the_model_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def not_installed(name: str) -> None:
        raise ImportError(f"No module named {name!r}")

    monkeypatch.setattr(painter, "import_module", not_installed)
    monkeypatch.setattr(worker_main, "configure_logging", lambda *_: None)

    assert worker_main.main() == worker_main.EXIT_SETUP

    assert "pip install" in caplog.text


def test_weights_that_cannot_be_read_are_a_setup_error(tmp_path: Path) -> None:
    def load(_: Settings) -> FakePainter:
        raise ValueError("not a file of weights")

    with pytest.raises(SetupError, match="not a file of weights"):
        worker_main.run(Settings(data_dir=tmp_path), load=load)


def test_a_database_without_utf8_is_a_setup_error(tmp_path: Path, ascii_postgres_url: str) -> None:
    def load(_: Settings) -> FakePainter:
        raise AssertionError("the model must not be loaded")

    settings = Settings(data_dir=tmp_path, database_url=ascii_postgres_url)

    with pytest.raises(SetupError, match="SQL_ASCII"):
        worker_main.run(settings, load=load)


def test_the_model_is_warmed_up_before_the_first_job(stack: WorkerStack) -> None:
    fake = FakePainter()

    worker_main._load_and_warm_up(stack.settings, lambda _: fake)

    assert fake.forwards == [1]


def test_weights_whose_presets_cannot_be_used_are_loaded_with_an_error_in_the_log(
    stack: WorkerStack, caplog: pytest.LogCaptureFixture
) -> None:
    class WithoutPresets(FakePainter):
        def preset_ids(self) -> list[str]:
            raise ValueError("presets of another model")

    worker_main._load_and_warm_up(stack.settings, lambda _: WithoutPresets())

    assert "presets of another model" in caplog.text


def test_one_notification_prepares_a_style_and_renders_the_row_that_waited_for_it(
    stack: WorkerStack,
) -> None:
    row_id = stack.queue_row(style_id=stack.new_style())

    worker_main.handle_notification(stack.renderer, stack.refiner, stack.reconciler)

    assert stack.row(row_id).status == "done"


def test_the_remaining_rows_of_a_new_style_get_notifications(stack: WorkerStack) -> None:
    style_id = stack.new_style()
    stack.queue_rows(stack.settings.max_batch + 2, style_id=style_id)

    worker_main.handle_notification(stack.renderer, stack.refiner, stack.reconciler)

    assert stack.queue.count_pending() == 2
