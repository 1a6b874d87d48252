"""Webhooks and subscribe messages over the API, and the notifications that ended jobs create."""

import pytest
from sqlalchemy import select

from core.db.notifications import Notification, Webhook
from core.db.users import User, UserKind
from tests.app.test_creating_stylizations import upload
from tests.app.test_reading_stylizations import URL, finish, start

HOOKS = "/v1/webhooks"
HOOK_URL = "https://example.com/hook"
TEMPLATES = {"tpl-1": {"thing1": "style"}, "tpl-2": {"thing1": "title"}}


def add_hook(client, **given):
    return client.post(HOOKS, json={"url": HOOK_URL, **given})


def notifications(client) -> list[Notification]:
    with client.resources.database.reading() as session:
        return list(session.scalars(select(Notification).order_by(Notification.created_at)))


def events(client) -> list[str | None]:
    return [notification.event for notification in notifications(client)]


def become_wechat_user(client) -> None:
    with client.resources.database.transaction() as session:
        session.scalars(select(User).where(User.name == "tester")).one().kind = UserKind.WECHAT


def test_a_webhook_is_added_with_a_secret_that_is_shown_once(client):
    response = add_hook(client)

    hook = response.json()
    assert response.status_code == 201
    assert response.headers["Location"] == f"{HOOKS}/{hook['id']}"
    assert hook["secret"].startswith("whsec_")
    assert hook["events"] == ["stylization.done", "stylization.failed", "stylization.cancelled"]
    del hook["secret"]
    assert client.get(f"{HOOKS}/{hook['id']}").json() == hook
    assert client.get(HOOKS).json() == {"items": [hook]}


def test_each_webhook_has_its_own_secret(client):
    assert add_hook(client).json()["secret"] != add_hook(client).json()["secret"]


def test_deleting_a_webhook_deletes_its_notifications(client):
    hook = add_hook(client).json()
    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    response = client.delete(f"{HOOKS}/{hook['id']}")

    assert response.status_code == 204
    assert client.get(f"{HOOKS}/{hook['id']}").status_code == 404
    assert notifications(client) == []


def test_another_owners_webhook_is_not_found(client):
    hook = add_hook(client).json()
    other = client.of_another_user()

    responses = [other.get(f"{HOOKS}/{hook['id']}"), other.delete(f"{HOOKS}/{hook['id']}")]

    assert [response.status_code for response in responses] == [404, 404]
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
def test_an_invalid_webhook_is_refused(client, given, code):
    response = add_hook(client, **given)

    assert (response.status_code, response.json()["error"]["code"]) == (422, code)
    assert client.get(HOOKS).json() == {"items": []}


def test_the_error_for_a_private_address_has_the_language_of_the_client(client):
    response = client.post(
        HOOKS, json={"url": "https://10.0.0.1/"}, headers={"Accept-Language": "zh"}
    )

    assert response.json()["error"]["message"] == "回调地址 10.0.0.1 不是公网地址。"


def test_the_number_of_webhooks_per_owner_is_limited(client):
    [add_hook(client) for _ in range(10)]

    response = add_hook(client)

    assert (response.status_code, response.json()["error"]["code"]) == (409, "too_many_webhooks")
    assert "10" in response.json()["error"]["message"]


def test_a_cancelled_job_notifies_the_webhooks_that_subscribe_to_the_event(client):
    add_hook(client)
    add_hook(client, events=["stylization.done"])
    add_hook(client.of_another_user())

    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    assert events(client) == ["stylization.cancelled"]


def test_deleting_a_queued_job_sends_the_event_cancelled(client):
    add_hook(client)

    client.delete(f"{URL}/{upload(client).json()['id']}")

    assert events(client) == ["stylization.cancelled"]


def test_deleting_an_ended_job_creates_no_notification(client):
    job = upload(client).json()
    finish(client, job["id"])
    add_hook(client)

    client.delete(f"{URL}/{job['id']}")

    assert events(client) == []


def test_a_refused_cancellation_creates_no_notification(client):
    job = upload(client).json()
    finish(client, job["id"])
    add_hook(client)

    client.post(f"{URL}/{job['id']}/cancel")

    assert events(client) == []


def test_a_disabled_webhook_gets_no_notification_and_shows_its_last_error(client):
    hook = add_hook(client).json()
    with client.resources.database.transaction() as session:
        row = session.get_one(Webhook, hook["id"])
        row.record_failure("responded with status 500", row.created_at)
        row.disable(row.created_at)

    client.post(f"{URL}/{upload(client).json()['id']}/cancel")

    assert events(client) == []
    seen = client.get(f"{HOOKS}/{hook['id']}").json()
    assert (seen["last_error"], seen["disabled_at"]) == (
        "responded with status 500",
        seen["created_at"],
    )


# Subscribe messages


def request_message(client, job_id: str, template_id: str = "tpl-1"):
    return client.post(f"{URL}/{job_id}/notify", json={"template_id": template_id})


def test_a_message_is_due_when_the_job_ends(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()

    response = request_message(client, job["id"])

    (waiting,) = notifications(client)
    assert (response.status_code, response.content) == (204, b"")
    assert (waiting.event, waiting.due_at) == (None, None)
    client.post(f"{URL}/{job['id']}/cancel")
    (due,) = notifications(client)
    assert due.event == "stylization.cancelled"
    assert due.due_at is not None


def test_a_message_for_an_ended_job_is_due_at_once(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()
    finish(client, job["id"])

    request_message(client, job["id"])

    assert events(client) == ["stylization.done"]


def test_requesting_a_message_twice_sends_one_with_the_last_template(make_client):
    client = make_client(wechat_templates=TEMPLATES)
    become_wechat_user(client)
    job = upload(client).json()
    start(client, job["id"])

    request_message(client, job["id"], "tpl-1")
    request_message(client, job["id"], "tpl-2")

    assert [notification.template_id for notification in notifications(client)] == ["tpl-2"]


def test_only_wechat_users_can_request_a_message(make_client):
    client = make_client(wechat_templates=TEMPLATES)

    response = request_message(client, upload(client).json()["id"])

    assert (response.status_code, response.json()["error"]["code"]) == (403, "not_a_wechat_user")
    assert notifications(client) == []


def test_an_unknown_template_is_refused_with_its_id(client):
    response = request_message(client, upload(client).json()["id"], "tpl-9")

    assert (response.status_code, response.json()["error"]["code"]) == (422, "unknown_template")
    assert "tpl-9" in response.json()["error"]["message"]


def test_a_message_cannot_be_requested_for_another_owners_job(make_client):
    client = make_client(wechat_templates=TEMPLATES)

    response = request_message(client.of_another_user(), upload(client).json()["id"])

    assert response.status_code == 404
