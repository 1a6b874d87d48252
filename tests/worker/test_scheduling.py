"""Jobs are scheduled round-robin between owners, and positions match that order."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.stylizations.views import load_views
from core.db.base import now_utc
from core.db.stylizations import Status, Stylization
from core.db.users import User, UserKind
from tests.worker.conftest import WorkerStack
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_claim import claim_until_empty
from worker.claim import claim_batch


def new_owner(stack: WorkerStack, name: str) -> str:
    with stack.database.transaction() as session:
        user = User(kind=UserKind.API, name=name)
        session.add(user)
        session.flush()
        return user.id


def queue_rows(stack: WorkerStack, owner_id: str, count: int) -> list[str]:
    return stack.queue_rows(count, owner_id=owner_id)


def claim(stack: WorkerStack, max_batch: int = 1) -> list[str]:
    rows = claim_batch(
        stack.database, model_version=MODEL_VERSION, max_batch=max_batch, lease_seconds=15
    )
    return [row.id for row in rows]


def claim_all_singly(stack: WorkerStack) -> list[str]:
    claimed = []
    while row_ids := claim(stack):
        claimed += row_ids
    return claimed


def positions(stack: WorkerStack) -> dict[str, int | None]:
    with stack.database.reading() as session:
        rows = session.scalars(select(Stylization).where(Stylization.status == Status.QUEUED)).all()
        return {found.row.id: found.position for found in load_views(session, rows)}


def cancel(stack: WorkerStack, row_id: str) -> None:
    stack.change(row_id, lambda row: row.cancel(now=now_utc()))


def test_a_hundred_jobs_of_one_owner_do_not_delay_the_first_job_of_another(
    stack: WorkerStack,
) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue_rows(stack, ann, 100)
    claim(stack)
    bobs = queue_rows(stack, bob, 1)

    assert positions(stack)[bobs[0]] == 1
    assert claim(stack) == bobs


def test_an_owner_who_arrives_while_another_is_served_is_next(stack: WorkerStack) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue_rows(stack, ann, 3)
    (running,) = claim(stack)
    bobs = queue_rows(stack, bob, 1)
    cancel(stack, running)

    assert claim(stack) == bobs


def test_an_owner_with_many_jobs_alternates_with_another(stack: WorkerStack) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue_rows(stack, ann, 4)
    b = queue_rows(stack, bob, 2)
    taken = []
    while claimed := claim(stack):
        cancel(stack, claimed[0])
        taken += claimed

    assert [taken.index(row_id) for row_id in b] == [1, 3]


def test_owners_are_served_in_rounds_in_the_order_of_arrival(stack: WorkerStack) -> None:
    a = queue_rows(stack, new_owner(stack, "ann"), 4)
    b = queue_rows(stack, new_owner(stack, "bob"), 2)
    c = queue_rows(stack, new_owner(stack, "cat"), 1)

    assert claim_all_singly(stack) == [a[0], b[0], c[0], a[1], b[1], a[2], a[3]]


def test_with_one_job_per_owner_it_is_first_come_first_served(stack: WorkerStack) -> None:
    owners = [new_owner(stack, name) for name in ("ann", "bob", "cat")]
    queue_rows(stack, owners[0], 1)
    cancel(stack, claim(stack)[0])  # served before, but with no other job waiting
    waiting = [row_id for owner in owners for row_id in queue_rows(stack, owner, 1)]

    assert claim_all_singly(stack) == waiting


def test_positions_are_the_order_of_the_claims(stack: WorkerStack) -> None:
    ann, bob, cat = (new_owner(stack, name) for name in ("ann", "bob", "cat"))
    queue_rows(stack, ann, 5)
    claim(stack, max_batch=2)
    queue_rows(stack, bob, 3)
    claim(stack)
    queue_rows(stack, cat, 2)
    queue_rows(stack, bob, 2)

    expected = positions(stack)

    assert claim_all_singly(stack) == sorted(expected, key=lambda row_id: expected[row_id] or 0)
    assert sorted(position or 0 for position in expected.values()) == list(range(1, 10))


def test_a_batch_follows_the_round_robin_order(stack: WorkerStack) -> None:
    a = queue_rows(stack, new_owner(stack, "ann"), 5)
    b = queue_rows(stack, new_owner(stack, "bob"), 2)

    assert sorted(claim(stack, max_batch=4)) == sorted([a[0], b[0], a[1], b[1]])
    assert sorted(claim(stack, max_batch=4)) == sorted(a[2:])


def test_a_row_that_was_tried_before_keeps_its_position_and_runs_alone(stack: WorkerStack) -> None:
    a = queue_rows(stack, new_owner(stack, "ann"), 2)
    b = queue_rows(stack, new_owner(stack, "bob"), 2)
    claim(stack)
    stack.change(a[0], lambda row: row.release(token=row.token or ""))

    assert positions(stack) == {b[0]: 1, a[0]: 2, b[1]: 3, a[1]: 4}
    assert sorted(claim(stack, max_batch=8)) == sorted([b[0], b[1], a[1]])
    assert claim(stack, max_batch=8) == [a[0]]


def test_concurrent_claims_distribute_the_rows_of_many_owners(stack: WorkerStack) -> None:
    rows = [row_id for name in "abcdef" for row_id in queue_rows(stack, new_owner(stack, name), 8)]

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim_until_empty(stack), range(6)))

    assert sorted(row_id for claimed in claims for row_id in claimed) == sorted(rows)
