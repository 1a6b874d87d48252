"""Owners take turns, and are told the places that they have."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import select

from app.stylizations.views import load_views
from core.db.base import now_utc
from core.db.stylizations import Status, Stylization
from core.db.users import User
from tests.worker.conftest import Workshop
from tests.worker.fake_model import MODEL_VERSION
from tests.worker.test_claim import claim_until_empty
from worker.claim import claim_batch


def new_owner(workshop: Workshop, name: str) -> str:
    with workshop.database.transaction() as session:
        user = User(kind="api", name=name)
        session.add(user)
        session.flush()
        return user.id


def queue(workshop: Workshop, owner_id: str, count: int) -> list[str]:
    return workshop.queue_rows(count, owner_id=owner_id)


def claim(workshop: Workshop, max_batch: int = 1) -> list[str]:
    rows = claim_batch(
        workshop.database, model_version=MODEL_VERSION, max_batch=max_batch, lease_seconds=15
    )
    return [row.id for row in rows]


def claim_all_singly(workshop: Workshop) -> list[str]:
    claimed = []
    while row_ids := claim(workshop):
        claimed += row_ids
    return claimed


def places(workshop: Workshop) -> dict[str, int | None]:
    with workshop.database.reading() as session:
        rows = session.scalars(select(Stylization).where(Stylization.status == Status.QUEUED)).all()
        return {found.row.id: found.position for found in load_views(session, rows)}


def cancel(workshop: Workshop, row_id: str) -> None:
    workshop.change(row_id, lambda row: row.cancel(now=now_utc()))


def test_a_hundred_jobs_of_one_owner_do_not_delay_anothers_first(workshop: Workshop) -> None:
    ann, bob = new_owner(workshop, "ann"), new_owner(workshop, "bob")
    queue(workshop, ann, 100)
    claim(workshop)
    bobs = queue(workshop, bob, 1)

    assert places(workshop)[bobs[0]] == 1
    assert claim(workshop) == bobs


def test_who_came_while_another_had_a_turn_is_next_when_it_ends(workshop: Workshop) -> None:
    ann, bob = new_owner(workshop, "ann"), new_owner(workshop, "bob")
    queue(workshop, ann, 3)
    (running,) = claim(workshop)
    bobs = queue(workshop, bob, 1)
    cancel(workshop, running)

    assert claim(workshop) == bobs


def test_who_is_served_again_and_again_keeps_nobody_waiting(workshop: Workshop) -> None:
    ann, bob = new_owner(workshop, "ann"), new_owner(workshop, "bob")
    queue(workshop, ann, 4)
    b = queue(workshop, bob, 2)
    taken = []
    while claimed := claim(workshop):
        cancel(workshop, claimed[0])
        taken += claimed

    assert [taken.index(row_id) for row_id in b] == [1, 3]


def test_owners_take_turns_in_the_order_in_which_they_came(workshop: Workshop) -> None:
    a = queue(workshop, new_owner(workshop, "ann"), 4)
    b = queue(workshop, new_owner(workshop, "bob"), 2)
    c = queue(workshop, new_owner(workshop, "cat"), 1)

    assert claim_all_singly(workshop) == [a[0], b[0], c[0], a[1], b[1], a[2], a[3]]


def test_with_one_job_each_it_is_first_come_first_served(workshop: Workshop) -> None:
    owners = [new_owner(workshop, name) for name in ("ann", "bob", "cat")]
    queue(workshop, owners[0], 1)
    cancel(workshop, claim(workshop)[0])  # her turn has ended, and is not held against her
    waiting = [row_id for owner in owners for row_id in queue(workshop, owner, 1)]

    assert claim_all_singly(workshop) == waiting


def test_places_are_the_order_in_which_workers_claim(workshop: Workshop) -> None:
    ann, bob, cat = (new_owner(workshop, name) for name in ("ann", "bob", "cat"))
    queue(workshop, ann, 5)
    claim(workshop, max_batch=2)
    queue(workshop, bob, 3)
    claim(workshop)
    queue(workshop, cat, 2)
    queue(workshop, bob, 2)

    told = places(workshop)

    assert claim_all_singly(workshop) == sorted(told, key=lambda row_id: told[row_id] or 0)
    assert sorted(place or 0 for place in told.values()) == list(range(1, 10))


def test_one_batch_holds_several_owners_in_turn(workshop: Workshop) -> None:
    a = queue(workshop, new_owner(workshop, "ann"), 5)
    b = queue(workshop, new_owner(workshop, "bob"), 2)

    assert sorted(claim(workshop, max_batch=4)) == sorted([a[0], b[0], a[1], b[1]])
    assert sorted(claim(workshop, max_batch=4)) == sorted(a[2:])


def test_a_row_that_was_tried_before_has_its_turn_and_runs_alone(workshop: Workshop) -> None:
    a = queue(workshop, new_owner(workshop, "ann"), 2)
    b = queue(workshop, new_owner(workshop, "bob"), 2)
    claim(workshop)
    workshop.change(a[0], lambda row: row.release(token=row.token or ""))

    assert places(workshop) == {b[0]: 1, a[0]: 2, b[1]: 3, a[1]: 4}
    assert sorted(claim(workshop, max_batch=8)) == sorted([b[0], b[1], a[1]])
    assert claim(workshop, max_batch=8) == [a[0]]


def test_workers_that_claim_at_once_share_out_the_rows_of_many(workshop: Workshop) -> None:
    rows = [row_id for name in "abcdef" for row_id in queue(workshop, new_owner(workshop, name), 8)]

    with ThreadPoolExecutor(6) as pool:
        claims = list(pool.map(lambda _: claim_until_empty(workshop), range(6)))

    assert sorted(row_id for claimed in claims for row_id in claimed) == sorted(rows)
