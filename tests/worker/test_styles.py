"""How an own style gets its code, and who waits for it."""

from core.db.base import now_utc
from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_pipeline import expire_lease


def test_a_new_style_becomes_ready_with_its_code(workshop: Workshop) -> None:
    style_id = workshop.new_style()

    workshop.renderer.prepare_next_style()

    style = workshop.style(style_id)
    assert (style.status, style.model_version, style.token) == ("ready", MODEL_VERSION, None)
    assert style.code is not None
    assert len(style.code) == 3


def test_a_row_waits_for_its_style_and_then_is_rendered_with_it(workshop: Workshop) -> None:
    row_id = workshop.queue_row(style_id=workshop.new_style())
    assert workshop.renderer.render_next_batch() == 0

    workshop.renderer.prepare_next_style()
    workshop.renderer.render_next_batch()

    assert workshop.row(row_id).status == "done"


def test_a_waiting_row_holds_nobody_up(workshop: Workshop) -> None:
    workshop.queue_row(style_id=workshop.new_style())
    other = workshop.queue_row()

    workshop.renderer.render_next_batch()

    assert workshop.row(other).status == "done"


def test_a_style_that_cannot_be_prepared_fails_and_so_do_its_rows(workshop: Workshop) -> None:
    style_id = workshop.new_style()
    row_id = workshop.queue_row(style_id=style_id)
    workshop.stylizer.style_code = refuse

    workshop.renderer.prepare_next_style()
    workshop.reconciler.repair()

    assert (workshop.style(style_id).status, workshop.style(style_id).error_code) == (
        "failed",
        "style_failed",
    )
    assert workshop.row(row_id).error_code == "style_failed"


def test_a_style_whose_picture_is_gone_says_so(workshop: Workshop) -> None:
    style_id = workshop.new_style()
    with workshop.database.reading() as session:
        from core.db.pictures import Picture

        key = session.get_one(Picture, workshop.style(style_id).picture_id).storage_key
    workshop.storage.remove(key)

    workshop.renderer.prepare_next_style()

    assert workshop.style(style_id).error_code == "picture_lost"


def test_a_style_of_another_model_is_prepared_anew_when_a_row_asks_for_it(
    workshop: Workshop,
) -> None:
    style_id = workshop.new_style(status="ready", code=b"old", model_version="another", attempts=3)
    row_id = workshop.queue_row(style_id=style_id)

    workshop.renderer.prepare_next_style()
    workshop.renderer.render_next_batch()

    assert workshop.style(style_id).model_version == MODEL_VERSION
    assert workshop.row(row_id).status == "done"


def test_a_style_of_another_model_that_nobody_asks_for_is_left_alone(workshop: Workshop) -> None:
    workshop.new_style(status="ready", code=b"old", model_version="another")

    assert not workshop.renderer.prepare_next_style()


def test_a_style_whose_worker_died_is_tried_again_a_few_times(workshop: Workshop) -> None:
    style_id = workshop.new_style()
    for _ in range(workshop.settings.max_attempts):
        claim_and_die(workshop, style_id)
        workshop.reconciler.free_expired_styles()

    style = workshop.style(style_id)
    assert (style.status, style.error_code, style.attempts) == ("failed", "worker_died", 3)


def claim_and_die(workshop: Workshop, style_id: str) -> None:
    from core.db.styles import Style
    from worker.claim import claim_style

    claimed = claim_style(workshop.database, model_version=MODEL_VERSION, lease_seconds=15)
    assert claimed is not None
    assert claimed.lease_until is not None
    assert claimed.lease_until > now_utc()
    with workshop.database.transaction() as session:
        expire_lease(session.get_one(Style, style_id))


def refuse(picture: object) -> None:
    raise ValueError("no style in this")
