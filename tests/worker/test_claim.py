"""No row is given to two workers."""

from concurrent.futures import ThreadPoolExecutor

from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch, claim_style, count_waiting

THREADS = 6


def claim_until_empty(workshop: Workshop) -> list[str]:
    claimed: list[str] = []
    while rows := claim_batch(
        workshop.database, model_version=MODEL_VERSION, max_batch=3, lease_seconds=15
    ):
        claimed += [row.id for row in rows]
    return claimed


def test_workers_that_claim_at_once_never_get_the_same_row(workshop: Workshop) -> None:
    rows = workshop.queue_rows(60)

    with ThreadPoolExecutor(THREADS) as pool:
        claims = list(pool.map(lambda _: claim_until_empty(workshop), range(THREADS)))

    claimed = [row_id for claim in claims for row_id in claim]
    assert sorted(claimed) == sorted(rows)
    assert {workshop.row(row_id).attempts for row_id in rows} == {1}


def test_workers_that_claim_at_once_never_get_the_same_style(workshop: Workshop) -> None:
    workshop.new_style()

    with ThreadPoolExecutor(THREADS) as pool:
        claims = list(pool.map(lambda _: claim_one_style(workshop), range(THREADS)))

    assert len([claim for claim in claims if claim is not None]) == 1


def test_the_attempt_is_counted_before_the_work(workshop: Workshop) -> None:
    row_id = workshop.queue_row()

    claim_until_empty(workshop)

    row = workshop.row(row_id)
    assert (row.status, row.attempts) == ("running", 1)
    assert row.lease_until is not None
    assert row.started_at is not None


def test_what_can_run_now_is_counted_and_what_waits_for_a_style_is_not(workshop: Workshop) -> None:
    workshop.queue_rows(2)
    workshop.queue_row(style_id=workshop.new_style())

    assert count_waiting(workshop.database, model_version=MODEL_VERSION) == 2 + 1


def claim_one_style(workshop: Workshop):
    return claim_style(workshop.database, model_version=MODEL_VERSION, lease_seconds=15)
