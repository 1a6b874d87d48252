"""What WeChat is asked of a work, when it is asked again, and when that is given up."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from app.accounts.keys import local_user
from core.db.base import UNDO_PERIOD, now_utc
from core.db.moderation import (
    CheckState,
    CheckTrace,
    ContentCheck,
    begin_check,
    follow,
    locked_trace,
    state_of,
)
from core.db.pictures import Picture
from core.db.stylizations import Stylization
from core.db.users import User, UserKind, WeChatIdentity
from core.settings import Settings
from core.wechat.client import open_wechat
from core.wechat.worker_client import MiniProgram, NotReached, WeChatCalls
from tests.fake_wechat_services import FakeServices
from tests.worker.conftest import Account, WorkerStack
from worker.periodic import content_checks
from worker.periodic.content_checks import Checker

SECRETS = ("a secret of this test's own",)
CHECK = "/wxa/media_check_async"


@pytest.fixture
def worker_settings(worker_settings: Settings, wechat_services: FakeServices) -> Settings:
    return worker_settings.model_copy(update=wechat_services.settings())


@pytest.fixture
def make_checker(stack: WorkerStack, account: Account) -> Iterator[Callable[..., Checker]]:
    opened: list[WeChatCalls] = []

    def make(**changed: Any) -> Checker:
        settings = stack.settings.model_copy(update=changed)
        opened.append(WeChatCalls(account, settings))
        return Checker(
            database=stack.database,
            account=account,
            calls=opened[-1],
            secrets=SECRETS,
            settings=settings,
        )

    yield make
    for calls in opened:
        calls.close()


@pytest.fixture
def checker(make_checker: Callable[..., Checker]) -> Checker:
    return make_checker()


def render(stack: WorkerStack, *, kind: UserKind = UserKind.WECHAT, **given: Any) -> str:
    """A work that is done, of a user of this kind."""
    row_id = stack.queue_row(**given)
    with stack.database.transaction() as session:
        session.get_one(User, stack.row(row_id).owner_id).kind = kind
    stack.renderer.render_next_batch()
    return row_id


def check_of(stack: WorkerStack, row_id: str) -> ContentCheck | None:
    with stack.database.reading() as session:
        return session.get(ContentCheck, row_id)


def make_due(stack: WorkerStack, row_id: str) -> None:
    with stack.database.transaction() as session:
        session.get_one(ContentCheck, row_id).due_at = now_utc() - timedelta(seconds=1)


def waits_for(stack: WorkerStack, row_id: str) -> timedelta:
    check = check_of(stack, row_id)
    assert check is not None
    assert check.due_at is not None
    return check.due_at - now_utc()


def state(stack: WorkerStack, row_id: str) -> CheckState | None:
    return state_of(stack.row(row_id))


def traces(stack: WorkerStack) -> list[CheckTrace]:
    with stack.database.reading() as session:
        return list(session.scalars(select(CheckTrace)))


def begin_anew(stack: WorkerStack, row_id: str, **changed: Any) -> None:
    """What a service with other settings says of the same work."""
    settings = stack.settings.model_copy(update=changed)
    with stack.database.transaction() as session:
        begin_check(session, session.get_one(Stylization, row_id), settings)


def hear(stack: WorkerStack, trace_id: str, verdict: str) -> None:
    """What the API does with a push."""
    with stack.database.transaction() as session:
        trace = locked_trace(session, trace_id)
        trace.verdict, trace.heard_at = verdict, now_utc()
        follow(session, trace, now_utc())


# Of whom is asked


def test_without_moderation_a_work_passes_at_once(stack: WorkerStack) -> None:
    row_id = render(stack)

    begin_anew(stack, row_id, moderation="off")

    assert state(stack, row_id) is CheckState.PASS


def test_a_work_of_a_wechat_user_is_pending_and_its_owner_has_it(stack: WorkerStack) -> None:
    row_id = render(stack)

    assert state(stack, row_id) is CheckState.PENDING
    assert stack.row(row_id).result_picture_id is not None


def test_a_work_of_a_key_passes_for_wechat_asks_for_an_openid(stack: WorkerStack) -> None:
    row_id = render(stack, kind=UserKind.API)

    assert state(stack, row_id) is CheckState.PASS
    assert check_of(stack, row_id) is None


def test_the_operator_may_review_the_works_of_keys(stack: WorkerStack) -> None:
    row_id = render(stack, kind=UserKind.API)

    begin_anew(stack, row_id, moderation_without_openid="review")

    assert state(stack, row_id) is CheckState.REVIEW


def test_the_policy_decides_when_an_openid_is_gone(
    stack: WorkerStack, make_checker: Callable[..., Checker], account: Account
) -> None:
    row_id = render(stack)
    account.openid = None

    make_checker(moderation_without_openid="review").ask_due()

    assert state(stack, row_id) is CheckState.REVIEW


# What is asked


def test_wechat_is_asked_of_the_result_by_a_signed_address(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)

    checker.ask_due()

    (asked,) = wechat_services.asked.values()
    address = urlsplit(asked.pop("media_url"))
    assert asked == {"media_type": 2, "version": 2, "scene": 4, "openid": "o-li"}
    assert address.netloc == "art.example.org"
    assert address.path == f"/v1/pictures/{stack.row(row_id).result_picture_id}"
    assert [trace.stylization_id for trace in traces(stack)] == [row_id]


@pytest.mark.parametrize(
    ("output_format", "variant"), [("webp", ["jpeg"]), ("jpeg", None), ("png", None)]
)
def test_wechat_gets_a_format_that_it_reads(
    stack: WorkerStack,
    checker: Checker,
    wechat_services: FakeServices,
    output_format: str,
    variant: list[str] | None,
) -> None:
    render(stack, output_format=output_format)

    checker.ask_due()

    (asked,) = wechat_services.asked.values()
    assert parse_qs(urlsplit(asked["media_url"]).query).get("variant") == variant


def test_the_address_outlives_the_answer_however_short_those_of_clients_are(
    stack: WorkerStack, make_checker: Callable[..., Checker], wechat_services: FakeServices
) -> None:
    render(stack)

    make_checker(url_lifetime_seconds=60).ask_due()

    (asked,) = wechat_services.asked.values()
    ends = int(parse_qs(urlsplit(asked["media_url"]).query)["exp"][0])
    assert ends - now_utc().timestamp() > 30 * 60


def test_a_question_is_put_once(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    render(stack)

    looked_at = [checker.ask_due() for _ in range(3)]

    assert (looked_at, len(wechat_services.asked)) == ([1, 0, 0], 1)


def test_checkers_that_run_at_once_ask_once(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    [render(stack) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: checker.ask_due(), range(3)))

    assert len(wechat_services.asked) == 3


def test_a_deleted_work_is_not_asked_of(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    stack.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))

    checker.ask_due()

    assert wechat_services.asked == {}
    assert waits_for(stack, row_id) > UNDO_PERIOD


# What comes back


@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_verdict_ends_the_asking(stack: WorkerStack, checker: Checker, verdict: str) -> None:
    row_id = render(stack)
    checker.ask_due()

    hear(stack, traces(stack)[0].trace_id, verdict)

    check = check_of(stack, row_id)
    assert state(stack, row_id) == verdict
    assert check is not None
    assert check.due_at is None


def test_a_verdict_that_is_faster_than_our_own_note_counts(
    stack: WorkerStack,
    checker: Checker,
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row_id = render(stack)
    put = WeChatCalls.post

    def put_and_hear(calls: WeChatCalls, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = put(calls, path, content)
        hear(stack, answer["trace_id"], "pass")
        return answer

    monkeypatch.setattr(WeChatCalls, "post", put_and_hear)
    checker.ask_due()

    assert state(stack, row_id) is CheckState.PASS


def test_a_risky_work_loses_its_pictures_and_keeps_its_row(
    stack: WorkerStack, checker: Checker
) -> None:
    row_id = render(stack)
    checker.ask_due()

    hear(stack, traces(stack)[0].trace_id, "risky")

    row = stack.row(row_id)
    with stack.database.reading() as session:
        made = [session.get_one(Picture, row.result_picture_id).deleted_at]
        made += [session.get_one(Picture, row.thumb_picture_id).deleted_at]
        photograph = session.get_one(Picture, row.picture_id)
    assert None not in made
    assert photograph.deleted_at is None
    assert row.status == "done"


# When nothing comes back


def test_without_a_verdict_it_is_asked_again_after_thirty_minutes(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    checker.ask_due()
    waits = waits_for(stack, row_id)

    make_due(stack, row_id)
    checker.ask_due()

    assert timedelta(minutes=29) < waits <= timedelta(minutes=30)
    assert len(wechat_services.asked) == 2


def test_what_is_never_answered_is_left_to_a_person(
    stack: WorkerStack,
    make_checker: Callable[..., Checker],
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 2)
    row_id = render(stack)
    checker = make_checker()
    for _ in range(3):
        checker.ask_due()
        make_due(stack, row_id)

    assert state(stack, row_id) is CheckState.REVIEW
    assert len(wechat_services.asked) == 2


def test_a_late_verdict_still_counts(
    stack: WorkerStack, make_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 1)
    row_id = render(stack)
    checker = make_checker()
    checker.ask_due()
    make_due(stack, row_id)
    checker.ask_due()
    assert state(stack, row_id) is CheckState.REVIEW

    hear(stack, traces(stack)[0].trace_id, "pass")

    assert state(stack, row_id) is CheckState.PASS


@pytest.mark.parametrize("order", [("pass", "risky"), ("risky", "pass")])
def test_of_two_verdicts_the_graver_one_holds(
    stack: WorkerStack, checker: Checker, order: tuple[str, str]
) -> None:
    row_id = render(stack)
    checker.ask_due()
    make_due(stack, row_id)
    checker.ask_due()

    for trace, verdict in zip(traces(stack), order, strict=True):
        hear(stack, trace.trace_id, verdict)

    assert state(stack, row_id) is CheckState.RISKY


# When WeChat is away, or refuses


@pytest.mark.parametrize("failure", [-1, 45009, "html"])
def test_while_wechat_is_away_a_question_waits_and_does_not_count(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices, failure: int | str
) -> None:
    row_id = render(stack)
    wechat_services.fail_with(failure)

    checker.ask_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert (check.asked, check.failures) == (0, 1)
    assert waits_for(stack, row_id) < timedelta(minutes=1)


def test_a_user_who_was_long_away_is_asked_of_again_later(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(stack)
    wechat_services.openids.clear()

    checker.ask_due()

    check = check_of(stack, row_id)
    assert check is not None
    assert check.last_error is not None
    assert "61010" in check.last_error
    assert state(stack, row_id) is CheckState.PENDING
    assert waits_for(stack, row_id) > timedelta(minutes=29)


def test_a_token_that_was_replaced_is_renewed_once(
    stack: WorkerStack, checker: Checker, wechat_services: FakeServices
) -> None:
    render(stack)
    wechat_services.fail_with(40001)

    checker.ask_due()

    assert wechat_services.calls == [CHECK, CHECK]
    assert len(wechat_services.asked) == 1


def test_no_token_stands_in_the_logs(
    stack: WorkerStack,
    checker: Checker,
    wechat_services: FakeServices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    render(stack)
    wechat_services.fail_with(-1)

    checker.ask_due()

    assert "is checked later" in caplog.text
    assert "token-1" not in caplog.text


def test_answers_to_what_nobody_asked_are_forgotten_after_a_day(
    stack: WorkerStack, checker: Checker
) -> None:
    for trace_id, age in (("old", timedelta(days=2)), ("new", timedelta())):
        with stack.database.transaction() as session:
            locked_trace(session, trace_id).created_at = now_utc() - age

    checker.forget()

    assert [trace.trace_id for trace in traces(stack)] == ["new"]


# The account that the settings name


def test_the_account_asks_for_a_token_once_and_renews_one_that_is_refused(
    stack: WorkerStack, wechat_services: FakeServices
) -> None:
    account = MiniProgram(open_wechat(stack.settings), stack.database)
    first, again = account.access_token(), account.access_token()
    wechat_services.token_number = 7

    renewed = account.access_token(instead_of=first)
    forced = account.access_token(instead_of=renewed)

    assert (first, again, renewed, forced) == ("token-1", "token-1", "token-7", "token-8")


def test_a_wrong_secret_does_not_count_as_a_question(
    stack: WorkerStack, make_checker: Callable[..., Checker]
) -> None:
    settings = stack.settings.model_copy(update={"wechat_secret": SecretStr("wrong")})
    account = MiniProgram(open_wechat(settings), stack.database)
    calls = WeChatCalls(account, settings)

    with pytest.raises(NotReached, match="40125"):
        calls.post(CHECK, {})

    calls.close()


def test_the_account_knows_the_openid_that_the_login_wrote(stack: WorkerStack) -> None:
    with stack.database.transaction() as session:
        user_id = local_user(session).id
        appid = stack.settings.wechat_appid
        session.add(WeChatIdentity(appid=appid, openid="o-li", user_id=user_id))
    account = MiniProgram(open_wechat(stack.settings), stack.database)

    known, unknown = account.openid_of_user(user_id), account.openid_of_user("usr_nobody")

    assert (known, unknown) == ("o-li", None)
