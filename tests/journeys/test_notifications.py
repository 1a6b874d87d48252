"""From a queued row through a worker process to a webhook."""

import json

import pytest

from app.accounts.keys import local_user
from core.db.notifications import Event, Webhook, new_webhook_secret
from tests.journeys.conftest import Stack
from tests.receiver import Receiver, run_receiver


@pytest.mark.slow
def test_a_worker_notifies_a_webhook_that_a_row_is_done(stack: Stack) -> None:
    with run_receiver(Receiver(statuses=[503, 200])) as receiver:
        with stack.database.transaction() as session:
            session.add(
                Webhook(
                    owner_id=local_user(session).id,
                    url=f"http://127.0.0.1:{receiver.port}/hook",
                    event_names=Event.DONE,
                    secret=new_webhook_secret(),
                )
            )
        stack.start_worker()
        (row_id,) = stack.post(1)

        stack.wait_for(lambda: len(receiver.received) == 2, supervised=True)

    first, second = (json.loads(request.body) for request in receiver.received)
    assert first["id"] == second["id"]
    assert second["type"] == "stylization.done"
    assert second["data"]["stylization_id"] == row_id
    assert second["data"]["result_path"] is not None
