"""Webhooks and orders for messages over the API, and that every ending is announced."""

import pytest
from sqlalchemy import select

from core.db.notifications import Notification, Webhook
from core.db.users import User, UserKind
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import URL, finish, start

HOOKS = "/v1/webhooks"
ADDRESS = "https://example.com/hook"
TEMPLATES = {"tpl-1": {"thing1": "style"}, "tpl-2": {"thing1": "title"}}


def add_hook(client, **given):
    return client.post(HOOKS, json={"url": ADDRESS, **given})


def notices(client) -> list[Notification]:
    with client.resources.database.reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.created_at)))


def told(client) -> list[str | None]:
    return [notice.event for notice in notices(client)]


def become_wechat_user(client) -> None:
    with client.resources.database.transaction() as session:
        session.scalars(select(User).where(User.name == "tester")).one().kind = UserKind.WECHAT


def test_a_webhook_is_added_with_a_secret_that_is_shown_once(client):
    answer = add_hook(client)

    hook = answer.json()
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{HOOKS}/{hook['id']}"
    assert hook["secret"].startswith("whsec_")
    assert hook["events"] == ["stylization.done", "stylization.failed", "stylization.cancelled"]
    del hook["secret"]
    assert client.get(f"{HOOKS}/{hook['id']}").json() == hook
    assert client.get(HOOKS).json() == {"items": [hook]}


def test_no_two_webhooks_share_a_secret(client):
    assert add_hook(client).json()["secret"] != add_hook(client).json()["secret"]


def test_a_deleted_webhook_is_gone_with_what_was_to_be_sent(client):
    hook = add_hook(client).json()
    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    answer = client.delete(f"{HOOKS}/{hook['id']}")

    assert answer.status_code == 204
    assert client.get(f"{HOOKS}/{hook['id']}").status_code == 404
    assert notices(client) == []


def test_somebody_elses_webhook_is_not_found(client):
    hook = add_hook(client).json()
    other = client.of_another_user()

    answers = [other.get(f"{HOOKS}/{hook['id']}"), other.delete(f"{HOOKS}/{hook['id']}")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert other.get(HOOKS).json() == {"items": []}
    assert client.get(HOOKS).json()["items"] != []


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"url": "http://example.com/"}, "invalid_webhook_address"),
        ({"url": "https://10.0.0.1/"}, "private_webhook_address"),
        ({"url": "https://localhost/"}, "private_webhook_address"),
        ({"url": ""}, "bad_request"),
        ({"events": []}, "bad_request"),
        ({"events": ["stylization.eaten"]}, "bad_request"),
        ({"colour": "red"}, "bad_request"),
    ],
)
def test_a_webhook_that_cannot_be_told_is_refused(client, given, code):
    answer = add_hook(client, **given)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert client.get(HOOKS).json() == {"items": []}


def test_the_refusal_of_a_private_address_names_it_in_the_readers_language(client):
    answer = client.post(
        HOOKS, json={"url": "https://10.0.0.1/"}, headers={"Accept-Language": "zh"}
    )

    assert answer.json()["error"]["message"] == "回调地址 10.0.0.1 不是公网地址。"


def test_one_owner_has_so_many_webhooks(client):
    [add_hook(client) for _ in range(10)]

    answer = add_hook(client)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "too_many_webhooks")
    assert "10" in answer.json()["error"]["message"]


def test_a_cancelled_job_is_announced_to_each_webhook_that_wants_to_know(client):
    add_hook(client)
    add_hook(client, events=["stylization.done"])
    add_hook(client.of_another_user())

    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    assert told(client) == ["stylization.cancelled"]


def test_deleting_a_job_that_waits_is_announced_as_its_cancelling(client):
    add_hook(client)

    client.delete(f"{URL}/{upload(client).json()['id']}")

    assert told(client) == ["stylization.cancelled"]


def test_deleting_a_job_that_has_ended_is_not_announced(client):
    job = upload(client).json()
    finish(client, job["id"])
    add_hook(client)

    client.delete(f"{URL}/{job['id']}")

    assert told(client) == []


def test_a_refused_cancelling_is_not_announced(client):
    job = upload(client).json()
    finish(client, job["id"])
    add_hook(client)

    client.post(f"{URL}/{job['id']}/cancel")

    assert told(client) == []


def test_a_disabled_webhook_is_told_nothing_and_says_why(client):
    hook = add_hook(client).json()
    with client.resources.database.transaction() as session:
        row = session.get_one(Webhook, hook["id"])
        row.record_failure("responded with status 500", row.created_at)
        row.disable(row.created_at)

    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    assert told(client) == []
    seen = client.get(f"{HOOKS}/{hook['id']}").json()
    assert (seen["last_error"], seen["disabled_at"]) == (
        "responded with status 500",
        seen["created_at"],
    )


# Subscribe messages


def notify(client, job_id: str, template_id: str = "tpl-1"):
    return client.post(f"{URL}/{job_id}/notify", json={"template_id": template_id})


def test_a_message_waits_for_the_end(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()

    answer = notify(client, job["id"])

    (waiting,) = notices(client)
    assert (answer.status_code, answer.content) == (204, b"")
    assert (waiting.event, waiting.due_at) == (None, None)
    client.post(f"{URL}/{job['id']}/cancel")
    (due,) = notices(client)
    assert due.event == "stylization.cancelled"
    assert due.due_at is not None


def test_a_message_for_what_has_ended_is_due_at_once(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()
    finish(client, job["id"])

    notify(client, job["id"])

    assert told(client) == ["stylization.done"]


def test_asking_twice_for_a_message_sends_one_with_the_last_template(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()
    start(client, job["id"])

    notify(client, job["id"], "tpl-1")
    notify(client, job["id"], "tpl-2")

    assert [notice.template_id for notice in notices(client)] == ["tpl-2"]


def test_who_did_not_come_by_wechat_gets_no_message(make_client):
    client = make_client(wechat_templates=TEMPLATES)

    answer = notify(client, upload(client).json()["id"])

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "not_a_wechat_user")
    assert notices(client) == []


def test_a_template_that_is_not_set_up_is_refused_by_its_name(client):
    answer = notify(client, upload(client).json()["id"], "tpl-9")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unknown_template")
    assert "tpl-9" in answer.json()["error"]["message"]


def test_nobody_asks_for_a_message_about_somebody_elses_job(make_client):
    client = make_client(wechat_templates=TEMPLATES)

    answer = notify(client.of_another_user(), upload(client).json()["id"])

    assert answer.status_code == 404
