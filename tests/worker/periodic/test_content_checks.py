"""When a content check is requested, when the request is repeated, and when it is abandoned."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from core.db.base import UNDO_PERIOD, now_utc
from core.db.moderation import CheckState, CheckTrace, ContentCheck
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.db.users import User, UserKind
from core.moderation import (
    apply_result,
    begin_check,
    begin_missing_check,
    effective_check_state,
    lock_trace,
)
from core.settings import Settings
from core.wechat.client import WeChat, open_wechat
from tests.fake_wechat_services import FakeServices
from tests.worker.conftest import WorkerStack
from tests.worker.periodic.conftest import delete_openids
from worker.periodic import content_checks
from worker.periodic.content_checks import ContentChecker

SECRETS = ("a secret of this test",)
CHECK = "/wxa/media_check_async"


@pytest.fixture
def worker_settings(worker_settings: Settings, wechat_services: FakeServices) -> Settings:
    return worker_settings.model_copy(update=wechat_services.settings())


@pytest.fixture
def make_checker(stack: WorkerStack, wechat: WeChat) -> Callable[..., ContentChecker]:
    def make(**changed: Any) -> ContentChecker:
        return ContentChecker(
            database=stack.database,
            wechat=wechat,
            signing_secrets=SECRETS,
            settings=stack.settings.model_copy(update=changed),
        )

    return make


@pytest.fixture
def checker(make_checker: Callable[..., ContentChecker]) -> ContentChecker:
    return make_checker()


def render(stack: WorkerStack, *, kind: UserKind = UserKind.WECHAT, **given: Any) -> str:
    """Render a row as if its owner were a user of this kind. Returns its id."""
    row_id = stack.queue_row(**given)
    _set_owner_kind(stack, row_id, kind)
    stack.renderer.render_next_batch()
    _set_owner_kind(stack, row_id, UserKind.LOCAL)
    return row_id


def _set_owner_kind(stack: WorkerStack, row_id: str, kind: UserKind) -> None:
    with stack.database.transaction() as session:
        session.get_one(User, stack.row(row_id).owner_id).kind = kind


def check_of(stack: WorkerStack, row_id: str) -> ContentCheck | None:
    with stack.database.reading() as session:
        return session.get(ContentCheck, row_id)


def make_due(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        session.get_one(ContentCheck, row_id).due_at = now_utc() - timedelta(seconds=1)


def time_until_due(stack: WorkerStack, row_id: str) -> timedelta:
    check = check_of(stack, row_id)
    assert check is not None
    assert check.due_at is not None
    return check.due_at - now_utc()


def state(stack: WorkerStack, row_id: str) -> CheckState | None:
    return effective_check_state(stack.row(row_id))


def traces(stack: WorkerStack) -> list[CheckTrace]:
    with stack.database.reading() as session:
        return list(session.scalars(select(CheckTrace)))


def begin_again(stack: WorkerStack, row_id: str, **changed: Any) -> None:
    """Begin the check of a row again with other settings."""
    settings = stack.settings.model_copy(update=changed)
    with stack.database.transaction() as session:
        begin_check(session, session.get_one(Stylization, row_id), settings)


def receive_verdict(stack: WorkerStack, trace_id: str, verdict: str) -> None:
    """Record a verdict as the API does when WeChat pushes it."""
    with stack.database.transaction() as session:
        trace = lock_trace(session, trace_id)
        trace.verdict, trace.heard_at = verdict, now_utc()
        apply_result(session, trace, now_utc())


# Which rows are checked


def test_a_result_passes_at_once_without_moderation(stack: WorkerStack) -> None:
    row_id = render(stack)

    begin_again(stack, row_id, moderation="off")

    assert state(stack, row_id) is CheckState.PASS


def test_a_result_of_a_wechat_user_is_pending_and_visible_to_its_owner(stack: WorkerStack) -> None:
    row_id = render(stack)

    assert state(stack, row_id) is CheckState.PENDING
    assert stack.row(row_id).result_picture_id is not None


def test_a_result_of_an_api_key_passes_because_a_check_needs_an_openid(stack: WorkerStack) -> None:
    row_id = render(stack, kind=UserKind.API)

    assert state(stack, row_id) is CheckState.PASS
    assert check_of(stack, row_id) is None


def test_results_of_api_keys_can_require_a_review(stack: WorkerStack) -> None:
    row_id = render(stack, kind=UserKind.API)

    begin_again(stack, row_id, moderation_without_openid="review")

    assert state(stack, row_id) is CheckState.REVIEW


def test_the_policy_applies_when_the_openid_no_longer_exists(
    stack: WorkerStack, make_checker: Callable[..., ContentChecker]
) -> None:
    row_id = render(stack)
    checker = make_checker(moderation_without_openid="review")
    delete_openids(stack)

    checker.request_due()

    assert state(stack, row_id) is CheckState.REVIEW


def test_the_policy_for_a_missing_openid_is_applied_once(
    stack: WorkerStack, make_checker: Callable[..., ContentChecker]
) -> None:
    row_id = render(stack)
    checker = make_checker(moderation_without_openid="pass")
    delete_openids(stack)
    checker.request_due()
    _set_owner_kind(stack, row_id, UserKind.WECHAT)

    begin_missing_check(stack.database, row_id, stack.settings)

    assert state(stack, row_id) is CheckState.PASS


def test_a_check_that_begins_again_starts_with_no_request(stack: WorkerStack) -> None:
    row_id = render(stack)
    with stack.database.transaction() as session:
        check = session.get_one(ContentCheck, row_id)
        check.asked, check.failures = 3, 2
        check.end()
        session.get_one(Stylization, row_id).check_state = None
    _set_owner_kind(stack, row_id, UserKind.WECHAT)

    begin_missing_check(stack.database, row_id, stack.settings)

    found = check_of(stack, row_id)
    assert found is not None
    assert (state(stack, row_id), found.asked, found.failures) == (CheckState.PENDING, 0, 0)
    assert time_until_due(stack, row_id) <= timedelta(0)


# The request


def test_the_request_contains_a_signed_url_of_the_result(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)

    checker.request_due()

    (request,) = wechat_services.checks.values()
    address = urlsplit(request.pop("media_url"))
    assert request == {"media_type": 2, "version": 2, "scene": 4, "openid": "o-li"}
    assert address.netloc == "art.example.org"
    assert address.path == f"/v1/pictures/{stack.row(row_id).result_picture_id}.jpg"
    assert [trace.stylization_id for trace in traces(stack)] == [row_id]


@pytest.mark.parametrize(
    ("output_format", "variant"), [("webp", ["jpeg"]), ("jpeg", None), ("png", None)]
)
def test_the_url_returns_a_format_that_wechat_reads(
    stack: WorkerStack,
    checker: ContentChecker,
    wechat_services: FakeServices,
    output_format: str,
    variant: list[str] | None,
) -> None:
    render(stack, output_format=output_format)

    checker.request_due()

    (request,) = wechat_services.checks.values()
    assert parse_qs(urlsplit(request["media_url"]).query).get("variant") == variant


def test_the_url_stays_valid_until_the_verdict_even_if_urls_for_clients_expire_sooner(
    stack: WorkerStack, make_checker: Callable[..., ContentChecker], wechat_services: FakeServices
) -> None:
    render(stack)

    make_checker(url_lifetime_seconds=60).request_due()

    (request,) = wechat_services.checks.values()
    expires_at = int(parse_qs(urlsplit(request["media_url"]).query)["exp"][0])
    assert expires_at - now_utc().timestamp() > 30 * 60


def test_a_check_is_requested_once(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    render(stack)

    due_counts = [checker.request_due() for _ in range(3)]

    assert (due_counts, len(wechat_services.checks)) == ([1, 0, 0], 1)


def test_concurrent_checkers_request_each_check_once(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    [render(stack) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: checker.request_due(), range(3)))

    assert len(wechat_services.checks) == 3


def test_a_deleted_result_is_not_checked(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    stack.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))

    checker.request_due()

    assert wechat_services.checks == {}
    assert time_until_due(stack, row_id) > UNDO_PERIOD


# The result


@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_verdict_ends_the_check(
    stack: WorkerStack, checker: ContentChecker, verdict: str
) -> None:
    row_id = render(stack)
    checker.request_due()

    receive_verdict(stack, traces(stack)[0].trace_id, verdict)

    check = check_of(stack, row_id)
    assert state(stack, row_id) == verdict
    assert check is not None
    assert check.due_at is None


def test_a_verdict_that_arrives_before_the_request_is_recorded_is_applied(
    stack: WorkerStack,
    checker: ContentChecker,
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row_id = render(stack)
    request_content_check = WeChat.request_content_check

    def request_and_receive(wechat: WeChat, picture_url: str, openid: str) -> str:
        trace_id = request_content_check(wechat, picture_url, openid)
        receive_verdict(stack, trace_id, "pass")
        return trace_id

    monkeypatch.setattr(WeChat, "request_content_check", request_and_receive)
    checker.request_due()

    assert state(stack, row_id) is CheckState.PASS


def test_a_risky_result_loses_its_pictures_and_keeps_its_row(
    stack: WorkerStack, checker: ContentChecker
) -> None:
    row_id = render(stack)
    checker.request_due()

    receive_verdict(stack, traces(stack)[0].trace_id, "risky")

    row = stack.row(row_id)
    with stack.database.reading() as session:
        made = [session.get_one(Picture, row.result_picture_id).deleted_at]
        made += [session.get_one(Picture, row.thumb_picture_id).deleted_at]
        photo = session.get_one(Picture, row.picture_id)
    assert None not in made
    assert photo.deleted_at is None
    assert row.status == "done"


# Without a result


def test_a_request_without_a_verdict_is_repeated_after_thirty_minutes(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    checker.request_due()
    delay = time_until_due(stack, row_id)

    make_due(stack, row_id)
    checker.request_due()

    assert timedelta(minutes=29) < delay <= timedelta(minutes=30)
    assert len(wechat_services.checks) == 2


def test_a_check_without_any_verdict_needs_a_manual_review(
    stack: WorkerStack,
    checker: ContentChecker,
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 2)
    row_id = render(stack)
    for _ in range(3):
        checker.request_due()
        make_due(stack, row_id)

    assert state(stack, row_id) is CheckState.REVIEW
    assert len(wechat_services.checks) == 2


def test_a_late_verdict_is_applied(
    stack: WorkerStack, checker: ContentChecker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 1)
    row_id = render(stack)
    checker.request_due()
    make_due(stack, row_id)
    checker.request_due()
    assert state(stack, row_id) is CheckState.REVIEW

    receive_verdict(stack, traces(stack)[0].trace_id, "pass")

    assert state(stack, row_id) is CheckState.PASS


@pytest.mark.parametrize("order", [("pass", "risky"), ("risky", "pass")])
def test_the_more_severe_of_two_verdicts_applies(
    stack: WorkerStack, checker: ContentChecker, order: tuple[str, str]
) -> None:
    row_id = render(stack)
    checker.request_due()
    make_due(stack, row_id)
    checker.request_due()

    for trace, verdict in zip(traces(stack), order, strict=True):
        receive_verdict(stack, trace.trace_id, verdict)

    assert state(stack, row_id) is CheckState.RISKY


# When WeChat is unavailable or refuses a request


@pytest.mark.parametrize("failure", [-1, 45009, "html"])
def test_a_request_is_postponed_and_not_counted_while_wechat_is_unavailable(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices, failure: int | str
) -> None:
    row_id = render(stack)
    wechat_services.fail_with(failure)

    checker.request_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert (check.asked, check.failures) == (0, 1)
    assert time_until_due(stack, row_id) < timedelta(minutes=1)


def test_a_refused_request_for_an_inactive_user_is_counted_and_repeated_later(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    wechat_services.openids.clear()

    checker.request_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert check.last_error is not None
    assert "61010" in check.last_error
    assert state(stack, row_id) is CheckState.PENDING
    assert time_until_due(stack, row_id) > timedelta(minutes=29)


def test_a_refused_token_is_renewed_once(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    render(stack)
    wechat_services.fail_with(40001)

    checker.request_due()

    assert wechat_services.calls.count(CHECK) == 2
    assert len(wechat_services.checks) == 1


def test_access_tokens_are_not_logged(
    stack: WorkerStack,
    checker: ContentChecker,
    wechat_services: FakeServices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    render(stack)
    wechat_services.fail_with(-1)

    checker.request_due()

    assert "is postponed" in caplog.text
    assert "token-1" not in caplog.text


def test_results_without_a_request_are_deleted_after_a_day(
    stack: WorkerStack, checker: ContentChecker
) -> None:
    for trace_id, age in (("old", timedelta(days=2)), ("new", timedelta())):
        with stack.database.transaction() as session:
            lock_trace(session, trace_id).created_at = now_utc() - age

    checker.delete_unmatched_results()

    assert [trace.trace_id for trace in traces(stack)] == ["new"]


@pytest.mark.usefixtures("wechat")
def test_refused_credentials_do_not_count_as_a_request(
    stack: WorkerStack, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    settings = stack.settings.model_copy(update={"wechat_secret": SecretStr("wrong")})
    with open_wechat(settings) as wechat:
        ContentChecker(
            database=stack.database, wechat=wechat, signing_secrets=SECRETS, settings=settings
        ).request_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert (check.asked, check.failures) == (0, 1)
    assert "40125" in str(check.last_error)
    assert CHECK not in wechat_services.calls


def test_a_token_that_is_refused_after_its_renewal_does_not_count_as_a_request(
    stack: WorkerStack, checker: ContentChecker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    wechat_services.fail_with(40001, 40001)

    checker.request_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert (check.asked, check.failures) == (0, 1)
