"""How idle workers refine own styles, give way to other work, and survive failures."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from core.db.base import now_utc
from core.db.pictures import Picture
from core.db.styles import Style
from core.db.stylizations import StyleShare
from core.db.workers import WorkerHeartbeat
from core.storage import StorageError
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_styles import refuse
from worker.__main__ import handle_notification
from worker.claim import claim_refinement
from worker.heartbeat import Heartbeat
from worker.painter import RefinementUnavailableError
from worker.refinement import Refiner

STEPS = 40


@pytest.fixture(autouse=True)
def _switched_on(stack: WorkerStack) -> None:
    stack.painter.can_refine = True


def ready_style(stack: WorkerStack, **values) -> str:
    given = {"status": "ready", "code": bytes(3), "model_version": MODEL_VERSION, **values}
    return stack.new_style(**given)


def prepared_style(stack: WorkerStack) -> tuple[str, bytes]:
    """Return the id of a style that this worker has prepared, and its code."""
    style_id = stack.new_style()
    stack.renderer.prepare_next_style()
    code = stack.style(style_id).code
    assert code is not None
    return style_id, code


def brighter(code: bytes, steps: int) -> bytes:
    """Return what the fake model makes of a code in this number of steps."""
    return bytes(value + steps for value in code)


def refiner(stack: WorkerStack, **changed) -> Refiner:
    parts = {
        "database": stack.database,
        "storage": stack.storage,
        "painter": stack.painter,
        "heartbeat": stack.heartbeat,
        "settings": stack.settings,
    }
    return Refiner(**{**parts, **changed})


def change_style(stack: WorkerStack, style_id: str, change: Callable[[Style], None]) -> None:
    with stack.database.transaction() as session:
        change(session.get_one(Style, style_id, with_for_update=True))


def call_at_step(stack: WorkerStack, step: int, action: Callable[[], object]) -> None:
    """Call `action` in the middle of this step of the refinement, counted from 1."""
    steps = iter(range(1, 10_000))
    stack.painter.before_step = lambda: action() if next(steps) == step else None


def is_claimed(style: Style) -> bool:
    return style.refinement_token is not None


# One run


def test_a_ready_style_is_refined_once_and_keeps_both_codes(stack: WorkerStack) -> None:
    style_id, encoded = prepared_style(stack)

    assert stack.refiner.refine_next_style()
    assert not stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.status, style.refinement, style.refinement_steps) == ("ready", "refined", STEPS)
    assert style.code == encoded
    assert style.refined_code == brighter(encoded, STEPS)
    assert not is_claimed(style)


def test_a_stylization_uses_the_refined_code(stack: WorkerStack) -> None:
    style_id, encoded = prepared_style(stack)
    stack.refiner.refine_next_style()
    stack.queue_row(style_id=style_id)

    stack.renderer.render_next_batch()

    assert stack.painter.requests[-1].code.color == tuple(brighter(encoded, STEPS))


def test_a_mixture_uses_the_refined_codes(stack: WorkerStack) -> None:
    first, second = (
        ready_style(stack, refinement="refined", refined_code=bytes([value] * 3))
        for value in (40, 80)
    )
    row_id = stack.queue_row(style_id=first)
    with stack.database.transaction() as session:
        for style_id in (first, second):
            session.add(StyleShare(stylization_id=row_id, style_id=style_id, weight=1.0))

    stack.renderer.render_next_batch()

    assert stack.painter.requests[-1].code.color == (60, 60, 60)


def test_the_newest_style_is_refined_first(stack: WorkerStack) -> None:
    old = ready_style(stack, created_at=now_utc() - timedelta(days=1))
    new = ready_style(stack)

    stack.refiner.refine_next_style()

    assert [stack.style(each).refinement for each in (old, new)] == ["pending", "refined"]


@pytest.mark.parametrize(
    "values",
    [
        {"deleted_at": now_utc()},
        {"status": "failed"},
        {"refinement": "refined"},
        {"refinement": "given_up"},
        {"model_version": "another"},
        {"refinement_token": "tkn_other", "refinement_lease_until": now_utc() + timedelta(days=1)},
    ],
    ids=["deleted", "failed", "refined", "given up", "other weights", "claimed"],
)
def test_these_styles_are_not_refined(stack: WorkerStack, values) -> None:
    style_id = ready_style(stack, **values)

    assert not stack.refiner.refine_next_style()

    assert stack.style(style_id).refined_code is None


def test_a_worker_that_cannot_refine_claims_nothing(stack: WorkerStack) -> None:
    stack.painter.can_refine = False
    ready_style(stack)

    assert not stack.refiner.refine_next_style()
    assert stack.reconciler.restore_notifications() == 0


def test_each_style_is_claimed_by_one_of_several_workers(stack: WorkerStack) -> None:
    for _ in range(3):
        ready_style(stack)

    def claim(_: int) -> Style | None:
        return claim_refinement(stack.database, model_version=MODEL_VERSION, lease_seconds=15)

    with ThreadPoolExecutor(4) as pool:
        styles = [style for style in pool.map(claim, range(8)) if style is not None]

    assert len(styles) == 3
    assert len({style.id for style in styles}) == 3


# Other work comes first


def test_a_notification_refines_a_style_only_when_nothing_else_waits(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    row_id = stack.queue_row()

    handle_notification(stack.renderer, stack.refiner, stack.reconciler)
    assert stack.row(row_id).status == "done"
    assert stack.style(style_id).refined_code is None

    handle_notification(stack.renderer, stack.refiner, stack.reconciler)
    assert stack.style(style_id).refinement == "refined"


@pytest.mark.parametrize("kind", ["stylization", "style"])
def test_nothing_is_refined_while_other_work_waits(stack: WorkerStack, kind: str) -> None:
    ready_style(stack)
    stack.queue_row() if kind == "stylization" else stack.new_style()

    assert not stack.refiner.refine_next_style()


@pytest.mark.parametrize("kind", ["stylization", "style"])
def test_work_that_arrives_pauses_the_refinement_which_goes_on_later(
    stack: WorkerStack, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.refinement.CHECK_SECONDS", 0.0)
    style_id, encoded = prepared_style(stack)
    call_at_step(
        stack, 10, lambda: stack.queue_row() if kind == "stylization" else stack.new_style()
    )

    stack.refiner.refine_next_style()

    paused = stack.style(style_id)
    assert (paused.refinement, paused.refinement_steps) == ("pending", 10)
    assert paused.refined_code == brighter(encoded, 10)
    assert (paused.refinement_attempts, is_claimed(paused)) == (0, False)

    stack.renderer.prepare_next_style()
    stack.renderer.render_next_batch()
    stack.refiner.refine_next_style()
    if kind == "style":  # the newer style was refined first
        stack.refiner.refine_next_style()

    done = stack.style(style_id)
    assert (done.refinement, done.refinement_steps) == ("refined", STEPS)
    assert done.refined_code == brighter(encoded, STEPS)


def test_waiting_work_is_looked_for_at_most_about_once_a_second(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    checks: list[str] = []
    monkeypatch.setattr(
        "worker.refinement.count_waiting", lambda *_, **__: checks.append("checked") or 0
    )
    ready_style(stack)

    stack.refiner.refine_next_style()

    assert checks == ["checked"]


def test_a_worker_that_shall_stop_stores_the_code_so_far(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    signals: list[str] = []
    call_at_step(stack, 5, lambda: signals.append("SIGTERM"))

    refiner(stack, is_stopping=lambda: bool(signals)).refine_next_style()

    style = stack.style(style_id)
    assert (style.refinement, style.refinement_steps) == ("pending", 5)
    assert (style.refinement_attempts, is_claimed(style)) == (0, False)


def test_a_worker_that_shall_stop_begins_no_refinement(stack: WorkerStack) -> None:
    ready_style(stack)

    assert not refiner(stack, is_stopping=lambda: True).refine_next_style()


def test_a_style_that_is_deleted_is_not_refined_further(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.refinement.CHECK_SECONDS", 0.0)
    style_id = ready_style(stack)
    call_at_step(
        stack,
        3,
        lambda: change_style(stack, style_id, lambda row: setattr(row, "deleted_at", now_utc())),
    )

    stack.refiner.refine_next_style()

    assert stack.style(style_id).refinement_steps == 3
    assert not stack.refiner.refine_next_style()


def test_an_idle_worker_is_notified_of_a_style_to_refine_and_of_the_next_one(
    stack: WorkerStack,
) -> None:
    first, second = ready_style(stack), ready_style(stack)
    assert stack.reconciler.restore_notifications() == 1
    assert stack.reconciler.restore_notifications() == 0  # one is enough

    handle_notification(stack.renderer, stack.refiner, stack.reconciler)
    handle_notification(stack.renderer, stack.refiner, stack.reconciler)

    assert {stack.style(each).refinement for each in (first, second)} == {"refined"}


# The limits of a run and of a style


def test_a_run_ends_in_time_and_the_next_one_goes_on(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    stack.painter.step_seconds = 0.02
    hasty = refiner(stack, run_seconds=0.3)

    hasty.refine_next_style()
    first_steps = stack.style(style_id).refinement_steps
    for _ in range(STEPS):
        hasty.refine_next_style()

    assert 0 < first_steps < STEPS
    assert (stack.style(style_id).refinement, stack.style(style_id).refinement_steps) == (
        "refined",
        STEPS,
    )


def test_a_machine_on_which_no_step_fits_into_a_run_gives_the_refinement_up(
    stack: WorkerStack,
) -> None:
    style_id = ready_style(stack)

    for _ in range(stack.settings.max_attempts):
        assert refiner(stack, run_seconds=0.0).refine_next_style()

    style = stack.style(style_id)
    assert (style.status, style.refinement, style.refined_code) == ("ready", "given_up", None)


def test_after_the_setting_was_lowered_below_the_steps_done_one_step_completes(
    stack: WorkerStack,
) -> None:
    style_id = ready_style(stack, refinement_steps=30, refined_code=bytes([30] * 3))
    fewer = stack.settings.model_copy(update={"refinement_steps": 20})

    refiner(stack, settings=fewer).refine_next_style()

    assert stack.style(style_id).refinement == "refined"
    assert stack.style(style_id).refined_code == bytes([31] * 3)


# Failures


def test_a_style_that_cannot_be_refined_is_given_up_and_stays_usable(stack: WorkerStack) -> None:
    style_id = ready_style(stack, code=bytes([7] * 3))
    stack.painter.refine_style = lambda picture, **_: refuse(picture)

    for _ in range(stack.settings.max_attempts):
        assert stack.refiner.refine_next_style()
    assert not stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.status, style.error_code, style.refinement) == ("ready", None, "given_up")
    stack.queue_row(style_id=style_id)
    stack.renderer.render_next_batch()
    assert stack.painter.requests[-1].code.color == (7, 7, 7)


def test_a_style_whose_picture_cannot_be_read_waits_for_the_lease(
    stack: WorkerStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    style_id = ready_style(stack)

    def unreachable(_: str) -> bytes:
        raise StorageError("unreachable")

    monkeypatch.setattr(stack.storage, "read", unreachable)
    stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.refinement, style.refinement_attempts, is_claimed(style)) == ("pending", 1, True)


def test_a_style_whose_picture_is_missing_is_given_up(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    with stack.database.reading() as session:
        key = session.get_one(Picture, stack.style(style_id).picture_id).storage_key
    stack.storage.remove(key)

    for _ in range(stack.settings.max_attempts):
        stack.refiner.refine_next_style()

    assert (stack.style(style_id).status, stack.style(style_id).refinement) == ("ready", "given_up")


def test_a_worker_whose_perceptual_network_cannot_be_loaded_refines_nothing_further(
    stack: WorkerStack, caplog: pytest.LogCaptureFixture
) -> None:
    style_id = ready_style(stack, refined_code=b"far", refinement_steps=12)
    stack.heartbeat.refines_styles = True

    def unavailable(_picture: object, **_: object) -> None:
        stack.painter.can_refine = False
        raise RefinementUnavailableError("vgg.safetensors contains no weights")

    stack.painter.refine_style = unavailable
    stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.refinement, style.refinement_attempts) == ("pending", 0)
    assert (style.refined_code, style.refinement_steps) == (b"far", 12)
    assert "own styles are not refined: vgg.safetensors contains no weights" in caplog.text
    assert not stack.heartbeat.refines_styles
    assert not stack.refiner.refine_next_style()


# A worker that dies or hangs


def claim_and_die(stack: WorkerStack, style_id: str) -> None:
    claimed = claim_refinement(stack.database, model_version=MODEL_VERSION, lease_seconds=15)
    assert claimed is not None
    change_style(
        stack,
        style_id,
        lambda row: setattr(row, "refinement_lease_until", now_utc() - timedelta(seconds=1)),
    )


def test_another_worker_goes_on_from_the_stored_code_when_one_has_died(stack: WorkerStack) -> None:
    style_id = ready_style(stack, refined_code=bytes([10] * 3), refinement_steps=10)
    claim_and_die(stack, style_id)
    assert not stack.refiner.refine_next_style()

    stack.reconciler.repair()
    stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.refinement, style.refined_code) == ("refined", bytes([STEPS] * 3))


def test_a_style_that_kills_its_workers_is_given_up_and_stays_usable(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    for _ in range(stack.settings.max_attempts):
        claim_and_die(stack, style_id)
        assert stack.reconciler.release_expired_refinements() == 1

    assert (stack.style(style_id).status, stack.style(style_id).refinement) == ("ready", "given_up")


def test_a_valid_lease_is_not_released_and_the_heartbeat_renews_it(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    claimed = claim_refinement(stack.database, model_version=MODEL_VERSION, lease_seconds=0.5)
    assert claimed is not None
    assert claimed.refinement_token is not None
    with stack.heartbeat.renewing_leases(claimed.refinement_token):
        stack.heartbeat.send()

    assert stack.reconciler.release_expired_refinements() == 0

    lease_until = stack.style(style_id).refinement_lease_until
    assert lease_until is not None
    assert lease_until > now_utc() + timedelta(seconds=5)


def test_a_refinement_that_hangs_is_released_and_the_process_ends(stack: WorkerStack) -> None:
    style_id = ready_style(stack)
    ends: list[str] = []
    impatient = Heartbeat(
        stack.database,
        stack.settings.model_copy(update={"job_timeout_seconds": 0.0}),
        end_process=lambda: ends.append("ended"),
    )
    claimed = claim_refinement(stack.database, model_version=MODEL_VERSION, lease_seconds=15)
    assert claimed is not None
    assert claimed.refinement_token is not None

    with impatient.renewing_leases(claimed.refinement_token):
        impatient.send()

    style = stack.style(style_id)
    assert ends == ["ended"]
    assert (style.refinement, style.refinement_attempts, is_claimed(style)) == ("pending", 1, False)


def test_each_step_restarts_the_time_limit_of_the_process(stack: WorkerStack) -> None:
    ready_style(stack)
    limited = stack.settings.model_copy(update={"job_timeout_seconds": 0.5})
    ends: list[str] = []
    heartbeat = Heartbeat(stack.database, limited, end_process=lambda: ends.append("ended"))
    stack.painter.step_seconds = 0.05
    call_at_step(stack, STEPS, heartbeat.send)  # after 2 s

    refiner(stack, heartbeat=heartbeat).refine_next_style()

    assert ends == []


# Other weights


def test_a_style_of_older_weights_is_encoded_and_refined_again_by_the_service(
    stack: WorkerStack,
) -> None:
    style_id = ready_style(
        stack,
        code=b"old",
        model_version="older",
        refinement="refined",
        refined_code=b"also old",
        refinement_steps=STEPS,
    )
    first = stack.queue_row(style_id=style_id)

    for _ in range(2):
        handle_notification(stack.renderer, stack.refiner, stack.reconciler)

    style = stack.style(style_id)
    assert style.code is not None
    assert (style.model_version, len(style.code)) == (MODEL_VERSION, 3)
    assert stack.row(first).status == "done"
    assert stack.painter.requests[-1].code.color == tuple(style.code)  # not the old refined code
    assert (style.refinement, style.refinement_steps) == ("refined", STEPS)
    assert style.refined_code == brighter(style.code, STEPS)


def test_a_run_whose_style_is_prepared_for_other_weights_is_dropped(stack: WorkerStack) -> None:
    style_id = ready_style(stack)

    def prepare_elsewhere(row: Style) -> None:
        row.claim(token="tkn_new", lease_until=now_utc() + timedelta(seconds=15))
        row.finish(token="tkn_new", code=b"new", model_version="newer")

    call_at_step(stack, STEPS, lambda: change_style(stack, style_id, prepare_elsewhere))

    stack.refiner.refine_next_style()

    style = stack.style(style_id)
    assert (style.code, style.refined_code, style.refinement) == (b"new", None, "pending")


# What the API reads


def test_the_heartbeat_says_whether_the_worker_refines_styles(stack: WorkerStack) -> None:
    stack.heartbeat.refines_styles = True
    stack.heartbeat.set_ready(device="cpu", model_version=MODEL_VERSION)

    with stack.database.reading() as session:
        row = session.get_one(WorkerHeartbeat, stack.heartbeat.worker_id)
    assert row.refines_styles
