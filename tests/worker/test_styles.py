"""How own styles are prepared, and which rows wait for them."""

from core.db.base import now_utc
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_pipeline import expire_lease


def test_a_new_style_becomes_ready_with_its_code(stack: WorkerStack) -> None:
    style_id = stack.new_style()

    stack.renderer.prepare_next_style()

    style = stack.style(style_id)
    assert (style.status, style.model_version, style.token) == ("ready", MODEL_VERSION, None)
    assert style.code is not None
    assert len(style.code) == 3


def test_a_row_waits_for_its_style_and_then_is_rendered_with_it(stack: WorkerStack) -> None:
    row_id = stack.queue_row(style_id=stack.new_style())
    assert stack.renderer.render_next_batch() == 0

    stack.renderer.prepare_next_style()
    stack.renderer.render_next_batch()

    assert stack.row(row_id).status == "done"


def test_a_row_that_waits_for_a_style_does_not_block_others(stack: WorkerStack) -> None:
    stack.queue_row(style_id=stack.new_style())
    other = stack.queue_row()

    stack.renderer.render_next_batch()

    assert stack.row(other).status == "done"


def test_a_style_that_cannot_be_prepared_fails_together_with_its_rows(stack: WorkerStack) -> None:
    style_id = stack.new_style()
    row_id = stack.queue_row(style_id=style_id)
    stack.painter.encode_style = refuse

    stack.renderer.prepare_next_style()
    stack.reconciler.repair()

    assert (stack.style(style_id).status, stack.style(style_id).error_code) == (
        "failed",
        "style_failed",
    )
    assert stack.row(row_id).error_code == "style_failed"


def test_a_style_whose_picture_is_missing_fails_as_picture_lost(stack: WorkerStack) -> None:
    style_id = stack.new_style()
    with stack.database.reading() as session:
        from core.db.pictures import Picture

        key = session.get_one(Picture, stack.style(style_id).picture_id).storage_key
    stack.storage.remove(key)

    stack.renderer.prepare_next_style()

    assert stack.style(style_id).error_code == "picture_lost"


def test_a_style_of_other_weights_is_prepared_again_when_a_row_uses_it(
    stack: WorkerStack,
) -> None:
    style_id = stack.new_style(status="ready", code=b"old", model_version="another", attempts=3)
    row_id = stack.queue_row(style_id=style_id)

    stack.renderer.prepare_next_style()
    stack.renderer.render_next_batch()

    assert stack.style(style_id).model_version == MODEL_VERSION
    assert stack.row(row_id).status == "done"


def test_a_style_of_other_weights_that_no_row_uses_is_not_prepared(stack: WorkerStack) -> None:
    stack.new_style(status="ready", code=b"old", model_version="another")

    assert not stack.renderer.prepare_next_style()


def test_a_style_whose_worker_died_is_retried_up_to_the_limit(stack: WorkerStack) -> None:
    style_id = stack.new_style()
    for _ in range(stack.settings.max_attempts):
        claim_and_die(stack, style_id)
        stack.reconciler.release_expired_styles()

    style = stack.style(style_id)
    assert (style.status, style.error_code, style.attempts) == ("failed", "worker_died", 3)


def claim_and_die(stack: WorkerStack, style_id: str) -> None:
    from core.db.styles import Style
    from worker.claim import claim_style

    claimed = claim_style(stack.database, model_version=MODEL_VERSION, lease_seconds=15)
    assert claimed is not None
    assert claimed.lease_until is not None
    assert claimed.lease_until > now_utc()
    with stack.database.transaction() as session:
        expire_lease(session.get_one(Style, style_id))


def refuse(picture: object) -> None:
    raise ValueError("this picture has no style")
