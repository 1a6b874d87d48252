"""Owners take turns, and are told the places that they have."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.stylizations.views import followed
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


def queue(stack: WorkerStack, owner_id: str, count: int) -> list[str]:
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


def places(stack: WorkerStack) -> dict[str, int | None]:
    with stack.database.reading() as session:
        rows = session.scalars(select(Stylization).where(Stylization.status == Status.QUEUED)).all()
        return {found.row.id: found.position for found in followed(session, rows)}


def cancel(stack: WorkerStack, row_id: str) -> None:
    stack.change(row_id, lambda row: row.cancel(now=now_utc()))


def test_a_hundred_jobs_of_one_owner_do_not_delay_anothers_first(stack: WorkerStack) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue(stack, ann, 100)
    claim(stack)
    bobs = queue(stack, bob, 1)

    assert places(stack)[bobs[0]] == 1
    assert claim(stack) == bobs


def test_who_came_while_another_had_a_turn_is_next_when_it_ends(stack: WorkerStack) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue(stack, ann, 3)
    (running,) = claim(stack)
    bobs = queue(stack, bob, 1)
    cancel(stack, running)

    assert claim(stack) == bobs


def test_who_is_served_again_and_again_keeps_nobody_waiting(stack: WorkerStack) -> None:
    ann, bob = new_owner(stack, "ann"), new_owner(stack, "bob")
    queue(stack, ann, 4)
    b = queue(stack, bob, 2)
    taken = []
    while claimed := claim(stack):
        cancel(stack, claimed[0])
        taken += claimed

    assert [taken.index(row_id) for row_id in b] == [1, 3]


def test_owners_take_turns_in_the_order_in_which_they_came(stack: WorkerStack) -> None:
    a = queue(stack, new_owner(stack, "ann"), 4)
    b = queue(stack, new_owner(stack, "bob"), 2)
    c = queue(stack, new_owner(stack, "cat"), 1)

    assert claim_all_singly(stack) == [a[0], b[0], c[0], a[1], b[1], a[2], a[3]]


def test_with_one_job_each_it_is_first_come_first_served(stack: WorkerStack) -> None:
    owners = [new_owner(stack, name) for name in ("ann", "bob", "cat")]
    queue(stack, owners[0], 1)
    cancel(stack, claim(stack)[0])  # her turn has ended, and is not held against her
    waiting = [row_id for owner in owners for row_id in queue(stack, owner, 1)]

    assert claim_all_singly(stack) == waiting


def test_places_are_the_order_in_which_workers_claim(stack: WorkerStack) -> None:
    ann, bob, cat = (new_owner(stack, name) for name in ("ann", "bob", "cat"))
    queue(stack, ann, 5)
    claim(stack, max_batch=2)
    queue(stack, bob, 3)
    claim(stack)
    queue(stack, cat, 2)
    queue(stack, bob, 2)

    told = places(stack)

    assert claim_all_singly(stack) == sorted(told, key=lambda row_id: told[row_id] or 0)
    assert sorted(place or 0 for place in told.values()) == list(range(1, 10))


def test_one_batch_holds_several_owners_in_turn(stack: WorkerStack) -> None:
    a = queue(stack, new_owner(stack, "ann"), 5)
    b = queue(stack, new_owner(stack, "bob"), 2)

    assert sorted(claim(stack, max_batch=4)) == sorted([a[0], b[0], a[1], b[1]])
    assert sorted(claim(stack, max_batch=4)) == sorted(a[2:])


def test_a_row_that_was_tried_before_has_its_turn_and_runs_alone(stack: WorkerStack) -> None:
    a = queue(stack, new_owner(stack, "ann"), 2)
    b = queue(stack, new_owner(stack, "bob"), 2)
    claim(stack)
    stack.change(a[0], lambda row: row.release(token=row.token or ""))

    assert places(stack) == {b[0]: 1, a[0]: 2, b[1]: 3, a[1]: 4}
    assert sorted(claim(stack, max_batch=8)) == sorted([b[0], b[1], a[1]])
    assert claim(stack, max_batch=8) == [a[0]]


def test_workers_that_claim_at_once_share_out_the_rows_of_many(stack: WorkerStack) -> None:
    rows = [row_id for name in "abcdef" for row_id in queue(stack, new_owner(stack, name), 8)]

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim_until_empty(stack), range(6)))

    assert sorted(row_id for claimed in claims for row_id in claimed) == sorted(rows)
