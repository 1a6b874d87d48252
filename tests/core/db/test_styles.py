"""The states of an own style's refinement, and the transitions that it refuses."""

from datetime import UTC, datetime

import pytest

from core.db.styles import Style
from core.errors import ClaimLost, IllegalTransition

LATER = datetime(2026, 1, 1, tzinfo=UTC)
MAX_ATTEMPTS = 3


def ready() -> Style:
    return Style(
        id="sty_1",
        status="ready",
        code=b"encoded",
        model_version="1",
        attempts=1,
        refinement="pending",
        refinement_steps=0,
        refinement_attempts=0,
    )


def claimed(token: str = "mine") -> Style:
    style = ready()
    style.claim_refinement(token=token, lease_until=LATER)
    return style


def test_a_claim_counts_the_attempt_and_leaves_the_style_ready() -> None:
    style = claimed()

    assert (style.refinement_token, style.refinement_lease_until) == ("mine", LATER)
    assert (style.status, style.token, style.refinement_attempts) == ("ready", None, 1)


def test_a_paused_refinement_keeps_its_code_and_steps_and_counts_no_attempt() -> None:
    style = claimed()
    style.store_refinement(token="mine", code=b"better", steps=10, is_done=False)

    assert (style.refinement, style.refined_code, style.code) == ("pending", b"better", b"encoded")
    assert (style.refinement_steps, style.refinement_attempts) == (10, 0)
    assert (style.refinement_token, style.refinement_lease_until) == (None, None)


def test_steps_of_several_runs_add_up() -> None:
    style = claimed()
    style.store_refinement(token="mine", code=b"better", steps=10, is_done=False)
    style.claim_refinement(token="next", lease_until=LATER)
    style.store_refinement(token="next", code=b"best", steps=30, is_done=True)

    assert (style.refinement, style.refined_code, style.refinement_steps) == (
        "refined",
        b"best",
        40,
    )


def test_a_refinement_is_given_up_after_the_last_attempt_and_the_style_stays_ready() -> None:
    style = ready()
    states = []
    for _ in range(MAX_ATTEMPTS):
        style.claim_refinement(token="mine", lease_until=LATER)
        style.release_refinement(token="mine", max_attempts=MAX_ATTEMPTS)
        states.append(style.refinement)

    assert states == ["pending", "pending", "given_up"]
    assert (style.status, style.code, style.error_code) == ("ready", b"encoded", None)


@pytest.mark.parametrize(
    "changed",
    [{"refinement": "refined"}, {"refinement": "given_up"}, {"status": "preparing"}],
    ids=str,
)
def test_only_a_ready_style_whose_refinement_is_pending_can_be_claimed(changed) -> None:
    style = ready()
    for name, value in changed.items():
        setattr(style, name, value)

    with pytest.raises(IllegalTransition, match=next(iter(changed.values()))):
        style.claim_refinement(token="mine", lease_until=LATER)


@pytest.mark.parametrize("token", ["other", ""])
def test_only_the_current_token_can_store_or_release(token: str) -> None:
    style = claimed()

    with pytest.raises(ClaimLost):
        style.store_refinement(token=token, code=b"late", steps=1, is_done=True)
    with pytest.raises(ClaimLost):
        style.release_refinement(token=token, max_attempts=MAX_ATTEMPTS)


def test_preparing_a_style_again_restarts_its_refinement() -> None:
    style = claimed()
    style.store_refinement(token="mine", code=b"best", steps=40, is_done=True)

    style.claim(token="prepare", lease_until=LATER)

    assert (style.refinement, style.refined_code, style.refinement_steps) == ("pending", None, 0)


def test_a_refinement_that_ends_after_the_style_was_prepared_again_is_dropped() -> None:
    style = claimed()
    style.claim(token="prepare", lease_until=LATER)
    style.finish(token="prepare", code=b"encoded anew", model_version="2")

    with pytest.raises(ClaimLost):
        style.store_refinement(token="mine", code=b"late", steps=40, is_done=True)

    assert (style.code, style.refined_code) == (b"encoded anew", None)
