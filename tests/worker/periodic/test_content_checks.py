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
from core.db.users import User, WeChatIdentity
from core.settings import Settings
from core.wechat.client import open_wechat
from core.wechat.worker_client import MiniProgram, NotReached, WeChatCalls
from tests.fake_wechat_services import FakeServices
from tests.worker.conftest import Account, Workshop
from worker.periodic import content_checks
from worker.periodic.content_checks import Checker

SECRETS = ("a secret of this test's own",)
CHECK = "/wxa/media_check_async"


@pytest.fixture
def worker_settings(worker_settings: Settings, wechat_services: FakeServices) -> Settings:
    return worker_settings.model_copy(update=wechat_services.settings())


@pytest.fixture
def make_checker(workshop: Workshop, account: Account) -> Iterator[Callable[..., Checker]]:
    opened: list[WeChatCalls] = []

    def make(**changed: Any) -> Checker:
        settings = workshop.settings.model_copy(update=changed)
        opened.append(WeChatCalls(account, settings))
        return Checker(
            database=workshop.database,
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


def render(workshop: Workshop, *, kind: str = "wechat", **given: Any) -> str:
    """A work that is done, of a user of this kind."""
    row_id = workshop.queue_row(**given)
    with workshop.database.transaction() as session:
        session.get_one(User, workshop.row(row_id).owner_id).kind = kind
    workshop.renderer.render_next_batch()
    return row_id


def check_of(workshop: Workshop, row_id: str) -> ContentCheck | None:
    with workshop.database.reading() as session:
        return session.get(ContentCheck, row_id)


def make_due(workshop: Workshop, row_id: str) -> None:
    with workshop.database.transaction() as session:
        session.get_one(ContentCheck, row_id).due_at = now_utc() - timedelta(seconds=1)


def waits_for(workshop: Workshop, row_id: str) -> timedelta:
    check = check_of(workshop, row_id)
    assert check is not None
    assert check.due_at is not None
    return check.due_at - now_utc()


def state(workshop: Workshop, row_id: str) -> CheckState | None:
    return state_of(workshop.row(row_id))


def traces(workshop: Workshop) -> list[CheckTrace]:
    with workshop.database.reading() as session:
        return list(session.scalars(select(CheckTrace)))


def begin_anew(workshop: Workshop, row_id: str, **changed: Any) -> None:
    """What a service with other settings says of the same work."""
    settings = workshop.settings.model_copy(update=changed)
    with workshop.database.transaction() as session:
        begin_check(session, session.get_one(Stylization, row_id), settings)


def hear(workshop: Workshop, trace_id: str, verdict: str) -> None:
    """What the API does with a push."""
    with workshop.database.transaction() as session:
        trace = locked_trace(session, trace_id)
        trace.verdict, trace.heard_at = verdict, now_utc()
        follow(session, trace, now_utc())


# Of whom is asked


def test_without_moderation_a_work_passes_at_once(workshop: Workshop) -> None:
    row_id = render(workshop)

    begin_anew(workshop, row_id, moderation="off")

    assert state(workshop, row_id) is CheckState.PASS


def test_a_work_of_a_wechat_user_is_pending_and_its_owner_has_it(workshop: Workshop) -> None:
    row_id = render(workshop)

    assert state(workshop, row_id) is CheckState.PENDING
    assert workshop.row(row_id).result_picture_id is not None


def test_a_work_of_a_key_passes_for_wechat_asks_for_an_openid(workshop: Workshop) -> None:
    row_id = render(workshop, kind="api")

    assert state(workshop, row_id) is CheckState.PASS
    assert check_of(workshop, row_id) is None


def test_the_operator_may_review_the_works_of_keys(workshop: Workshop) -> None:
    row_id = render(workshop, kind="api")

    begin_anew(workshop, row_id, moderation_without_openid="review")

    assert state(workshop, row_id) is CheckState.REVIEW


def test_the_policy_decides_when_an_openid_is_gone(
    workshop: Workshop, make_checker: Callable[..., Checker], account: Account
) -> None:
    row_id = render(workshop)
    account.openid = None

    make_checker(moderation_without_openid="review").ask_due()

    assert state(workshop, row_id) is CheckState.REVIEW


# What is asked


def test_wechat_is_asked_of_the_result_by_a_signed_address(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(workshop)

    checker.ask_due()

    (asked,) = wechat_services.asked.values()
    address = urlsplit(asked.pop("media_url"))
    assert asked == {"media_type": 2, "version": 2, "scene": 4, "openid": "o-li"}
    assert address.netloc == "art.example.org"
    assert address.path == f"/v1/pictures/{workshop.row(row_id).result_picture_id}"
    assert [trace.stylization_id for trace in traces(workshop)] == [row_id]


@pytest.mark.parametrize(
    ("output_format", "variant"), [("webp", ["jpeg"]), ("jpeg", None), ("png", None)]
)
def test_wechat_gets_a_format_that_it_reads(
    workshop: Workshop,
    checker: Checker,
    wechat_services: FakeServices,
    output_format: str,
    variant: list[str] | None,
) -> None:
    render(workshop, output_format=output_format)

    checker.ask_due()

    (asked,) = wechat_services.asked.values()
    assert parse_qs(urlsplit(asked["media_url"]).query).get("variant") == variant


def test_the_address_outlives_the_answer_however_short_those_of_clients_are(
    workshop: Workshop, make_checker: Callable[..., Checker], wechat_services: FakeServices
) -> None:
    render(workshop)

    make_checker(url_lifetime_seconds=60).ask_due()

    (asked,) = wechat_services.asked.values()
    ends = int(parse_qs(urlsplit(asked["media_url"]).query)["exp"][0])
    assert ends - now_utc().timestamp() > 30 * 60


def test_a_question_is_put_once(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    render(workshop)

    looked_at = [checker.ask_due() for _ in range(3)]

    assert (looked_at, len(wechat_services.asked)) == ([1, 0, 0], 1)


def test_checkers_that_run_at_once_ask_once(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    [render(workshop) for _ in range(3)]

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _: checker.ask_due(), range(3)))

    assert len(wechat_services.asked) == 3


def test_a_deleted_work_is_not_asked_of(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(workshop)
    workshop.change(row_id, lambda row: setattr(row, "deleted_at", now_utc()))

    checker.ask_due()

    assert wechat_services.asked == {}
    assert waits_for(workshop, row_id) > UNDO_PERIOD


# What comes back


@pytest.mark.parametrize("verdict", ["pass", "review", "risky"])
def test_a_verdict_ends_the_asking(workshop: Workshop, checker: Checker, verdict: str) -> None:
    row_id = render(workshop)
    checker.ask_due()

    hear(workshop, traces(workshop)[0].trace_id, verdict)

    check = check_of(workshop, row_id)
    assert state(workshop, row_id) == verdict
    assert check is not None
    assert check.due_at is None


def test_a_verdict_that_is_faster_than_our_own_note_counts(
    workshop: Workshop,
    checker: Checker,
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    row_id = render(workshop)
    put = WeChatCalls.post

    def put_and_hear(calls: WeChatCalls, path: str, content: dict[str, Any]) -> dict[str, Any]:
        answer = put(calls, path, content)
        hear(workshop, answer["trace_id"], "pass")
        return answer

    monkeypatch.setattr(WeChatCalls, "post", put_and_hear)
    checker.ask_due()

    assert state(workshop, row_id) is CheckState.PASS


def test_a_risky_work_loses_its_pictures_and_keeps_its_row(
    workshop: Workshop, checker: Checker
) -> None:
    row_id = render(workshop)
    checker.ask_due()

    hear(workshop, traces(workshop)[0].trace_id, "risky")

    row = workshop.row(row_id)
    with workshop.database.reading() as session:
        made = [session.get_one(Picture, row.result_picture_id).deleted_at]
        made += [session.get_one(Picture, row.thumb_picture_id).deleted_at]
        photograph = session.get_one(Picture, row.picture_id)
    assert None not in made
    assert photograph.deleted_at is None
    assert row.status == "done"


# When nothing comes back


def test_without_a_verdict_it_is_asked_again_after_thirty_minutes(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(workshop)
    checker.ask_due()
    waits = waits_for(workshop, row_id)

    make_due(workshop, row_id)
    checker.ask_due()

    assert timedelta(minutes=29) < waits <= timedelta(minutes=30)
    assert len(wechat_services.asked) == 2


def test_what_is_never_answered_is_left_to_a_person(
    workshop: Workshop,
    make_checker: Callable[..., Checker],
    wechat_services: FakeServices,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 2)
    row_id = render(workshop)
    checker = make_checker()
    for _ in range(3):
        checker.ask_due()
        make_due(workshop, row_id)

    assert state(workshop, row_id) is CheckState.REVIEW
    assert len(wechat_services.asked) == 2


def test_a_late_verdict_still_counts(
    workshop: Workshop, make_checker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(content_checks, "MAX_REQUESTS", 1)
    row_id = render(workshop)
    checker = make_checker()
    checker.ask_due()
    make_due(workshop, row_id)
    checker.ask_due()
    assert state(workshop, row_id) is CheckState.REVIEW

    hear(workshop, traces(workshop)[0].trace_id, "pass")

    assert state(workshop, row_id) is CheckState.PASS


@pytest.mark.parametrize("order", [("pass", "risky"), ("risky", "pass")])
def test_of_two_verdicts_the_graver_one_holds(
    workshop: Workshop, checker: Checker, order: tuple[str, str]
) -> None:
    row_id = render(workshop)
    checker.ask_due()
    make_due(workshop, row_id)
    checker.ask_due()

    for trace, verdict in zip(traces(workshop), order, strict=True):
        hear(workshop, trace.trace_id, verdict)

    assert state(workshop, row_id) is CheckState.RISKY


# When WeChat is away, or refuses


@pytest.mark.parametrize("failure", [-1, 45009, "html"])
def test_while_wechat_is_away_a_question_waits_and_does_not_count(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices, failure: int | str
) -> None:
    row_id = render(workshop)
    wechat_services.fail_with(failure)

    checker.ask_due()

    check = check_of(workshop, row_id)
    assert check is not None
    assert (check.asked, check.failures) == (0, 1)
    assert waits_for(workshop, row_id) < timedelta(minutes=1)


def test_a_user_who_was_long_away_is_asked_of_again_later(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    row_id = render(workshop)
    wechat_services.openids.clear()

    checker.ask_due()

    check = check_of(workshop, row_id)
    assert check is not None
    assert check.last_error is not None
    assert "61010" in check.last_error
    assert state(workshop, row_id) is CheckState.PENDING
    assert waits_for(workshop, row_id) > timedelta(minutes=29)


def test_a_token_that_was_replaced_is_renewed_once(
    workshop: Workshop, checker: Checker, wechat_services: FakeServices
) -> None:
    render(workshop)
    wechat_services.fail_with(40001)

    checker.ask_due()

    assert wechat_services.calls == [CHECK, CHECK]
    assert len(wechat_services.asked) == 1


def test_no_token_stands_in_the_logs(
    workshop: Workshop,
    checker: Checker,
    wechat_services: FakeServices,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG")
    render(workshop)
    wechat_services.fail_with(-1)

    checker.ask_due()

    assert "is checked later" in caplog.text
    assert "token-1" not in caplog.text


def test_answers_to_what_nobody_asked_are_forgotten_after_a_day(
    workshop: Workshop, checker: Checker
) -> None:
    for trace_id, age in (("old", timedelta(days=2)), ("new", timedelta())):
        with workshop.database.transaction() as session:
            locked_trace(session, trace_id).created_at = now_utc() - age

    checker.forget()

    assert [trace.trace_id for trace in traces(workshop)] == ["new"]


# The account that the settings name


def test_the_account_asks_for_a_token_once_and_renews_one_that_is_refused(
    workshop: Workshop, wechat_services: FakeServices
) -> None:
    account = MiniProgram(open_wechat(workshop.settings), workshop.database)
    first, again = account.access_token(), account.access_token()
    wechat_services.token_number = 7

    renewed = account.access_token(instead_of=first)
    forced = account.access_token(instead_of=renewed)

    assert (first, again, renewed, forced) == ("token-1", "token-1", "token-7", "token-8")


def test_a_wrong_secret_does_not_count_as_a_question(
    workshop: Workshop, make_checker: Callable[..., Checker]
) -> None:
    settings = workshop.settings.model_copy(update={"wechat_secret": SecretStr("wrong")})
    account = MiniProgram(open_wechat(settings), workshop.database)
    calls = WeChatCalls(account, settings)

    with pytest.raises(NotReached, match="40125"):
        calls.post(CHECK, {})

    calls.close()


def test_the_account_knows_the_openid_that_the_login_wrote(workshop: Workshop) -> None:
    with workshop.database.transaction() as session:
        user_id = local_user(session).id
        appid = workshop.settings.wechat_appid
        session.add(WeChatIdentity(appid=appid, openid="o-li", user_id=user_id))
    account = MiniProgram(open_wechat(workshop.settings), workshop.database)

    known, unknown = account.openid_of_user(user_id), account.openid_of_user("usr_nobody")

    assert (known, unknown) == ("o-li", None)
