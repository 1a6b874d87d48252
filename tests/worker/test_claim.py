"""A row or style is claimed by one worker only."""

from concurrent.futures import ThreadPoolExecutor

from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from worker.claim import claim_batch, claim_style, count_waiting

THREADS = 6


def claim_until_empty(stack: WorkerStack) -> list[str]:
    claimed: list[str] = []
    while rows := claim_batch(
        stack.database, model_version=MODEL_VERSION, max_batch=3, lease_seconds=15
    ):
        claimed += [row.id for row in rows]
    return claimed


def test_concurrent_claims_never_return_the_same_row(stack: WorkerStack) -> None:
    rows = stack.queue_rows(60)

    with ThreadPoolExecutor(THREADS) as pool:
        claims = list(pool.map(lambda _: claim_until_empty(stack), range(THREADS)))

    claimed = [row_id for claim in claims for row_id in claim]
    assert sorted(claimed) == sorted(rows)
    assert {stack.row(row_id).attempts for row_id in rows} == {1}


def test_concurrent_claims_never_return_the_same_style(stack: WorkerStack) -> None:
    stack.new_style()

    with ThreadPoolExecutor(THREADS) as pool:
        claims = list(pool.map(lambda _: claim_one_style(stack), range(THREADS)))

    assert len([claim for claim in claims if claim is not None]) == 1


def test_a_claim_counts_the_attempt(stack: WorkerStack) -> None:
    row_id = stack.queue_row()

    claim_until_empty(stack)

    row = stack.row(row_id)
    assert (row.status, row.attempts) == ("running", 1)
    assert row.lease_until is not None
    assert row.started_at is not None


def test_rows_that_wait_for_a_style_are_not_counted_as_waiting_but_the_style_is(
    stack: WorkerStack,
) -> None:
    stack.queue_rows(2)
    stack.queue_row(style_id=stack.new_style())

    assert count_waiting(stack.database, model_version=MODEL_VERSION) == 2 + 1


def claim_one_style(stack: WorkerStack):
    return claim_style(stack.database, model_version=MODEL_VERSION, lease_seconds=15)
