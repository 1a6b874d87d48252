"""Own styles: the styles that users have added."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db.base import ID_LENGTH, Base, id_column, now_utc
from core.errors import AppError, ClaimLost, IllegalTransition


class StyleStatus(StrEnum):
    """The status of an own style. A worker computes its style code before it can be used."""

    PREPARING = "preparing"
    READY = "ready"
    FAILED = "failed"


class RefinementState(StrEnum):
    """Whether the style code of an own style has been refined."""

    PENDING = "pending"  # also while it runs
    REFINED = "refined"
    GIVEN_UP = "given_up"


class Style(Base):
    """A user's own style. A worker computes its code from the picture. Presets are not rows.

    `code` is the encoder's code, with which the style is `ready`. A worker that has nothing else to
    do then refines it. `refined_code` is the best code so far; it has the same model version.
    """

    __tablename__ = "styles"
    __table_args__ = (
        UniqueConstraint("owner_id", "client_key"),
        Index(None, "status", "created_at"),
        Index(None, "refinement", "created_at"),
        Index(None, "owner_id", "created_at"),
        Index(None, "picture_id"),
    )

    id: Mapped[str] = id_column("sty")
    owner_id: Mapped[str] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    client_key: Mapped[str | None] = mapped_column(String(200))
    request_hash: Mapped[str | None] = mapped_column(
        String(64)
    )  # distinguishes a replay from a conflict
    name: Mapped[str] = mapped_column(String(200))
    picture_id: Mapped[str] = mapped_column(ForeignKey("pictures.id"))
    status: Mapped[str] = mapped_column(String(16), default=StyleStatus.PREPARING)
    code: Mapped[bytes | None]  # the style code, about 22 kB
    model_version: Mapped[str | None] = mapped_column(String(100))
    error_code: Mapped[str | None] = mapped_column(String(40))
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None]
    token: Mapped[str | None] = mapped_column(String(ID_LENGTH))  # changes with every claim
    request_id: Mapped[str | None] = mapped_column(String(64))  # the request that created the row
    created_at: Mapped[datetime] = mapped_column(default=now_utc)
    deleted_at: Mapped[datetime | None]
    refinement: Mapped[str] = mapped_column(
        String(16), default=RefinementState.PENDING, server_default="pending"
    )
    refined_code: Mapped[bytes | None]
    refinement_steps: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    refinement_attempts: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    refinement_lease_until: Mapped[datetime | None] = mapped_column(index=True)
    refinement_token: Mapped[str | None] = mapped_column(String(ID_LENGTH))

    def claim(self, *, token: str, lease_until: datetime) -> None:
        """Change the status to preparing; a ready style is prepared again for other weights.

        This ends the refinement, which starts again from the new code.

        Raises:
            IllegalTransition: the style has failed.
        """
        if self.status == StyleStatus.FAILED:
            raise IllegalTransition(f"style {self.id} is {self.status} and cannot be prepared")
        if self.status == StyleStatus.READY:
            self.attempts = 0
        self.status = StyleStatus.PREPARING
        self.attempts += 1
        self.token = token
        self.lease_until = lease_until
        self._restart_refinement()

    def finish(self, *, token: str, code: bytes, model_version: str) -> None:
        """Change preparing to ready. Raises ClaimLost if the token is not the current one."""
        self._check_claim(token)
        self.status = StyleStatus.READY
        self.code = code
        self.model_version = model_version
        self._end_claim()

    def fail(self, *, token: str, error: AppError) -> None:
        """Change preparing to failed. Raises ClaimLost if the token is not the current one."""
        self._check_claim(token)
        self.status = StyleStatus.FAILED
        self.error_code = error.code
        self._end_claim()

    def release(self, *, token: str) -> None:
        """End the claim so that a worker can try again. Raises ClaimLost as `finish` does."""
        self._check_claim(token)
        self._end_claim()

    def claim_refinement(self, *, token: str, lease_until: datetime) -> None:
        """Begin to refine the code of a ready style, or go on; an attempt is counted.

        Raises:
            IllegalTransition: the style is not ready, or its refinement has ended.
        """
        if self.status != StyleStatus.READY or self.refinement != RefinementState.PENDING:
            raise IllegalTransition(
                f"style {self.id} is {self.status}, its refinement is {self.refinement}"
            )
        self.refinement_attempts += 1
        self.refinement_token = token
        self.refinement_lease_until = lease_until

    def store_refinement(
        self, *, token: str, code: bytes | None, steps: int, is_done: bool
    ) -> None:
        """Store a code after further steps and end the claim, which counts no attempt.

        The refinement ends if `is_done`; otherwise it can go on from this code. Raises ClaimLost if
        the token is not the current one.
        """
        self._check_refinement(token)
        self.refined_code = code
        self.refinement_steps += steps
        self.refinement_attempts -= 1
        if is_done:
            self.refinement = RefinementState.REFINED
        self._end_refinement_claim()

    def release_refinement(self, *, token: str, max_attempts: int) -> None:
        """End a claim that brought nothing; after `max_attempts` the refinement is given up.

        The style stays usable. Raises ClaimLost as `store_refinement` does.
        """
        self._check_refinement(token)
        if self.refinement_attempts >= max_attempts:
            self.refinement = RefinementState.GIVEN_UP
        self._end_refinement_claim()

    def _check_claim(self, token: str) -> None:
        if self.status != StyleStatus.PREPARING or self.token != token:
            raise ClaimLost(f"style {self.id} is {self.status} and not claimed by this worker")

    def _end_claim(self) -> None:
        self.token = None
        self.lease_until = None

    def _check_refinement(self, token: str) -> None:
        if self.refinement_token != token:
            raise ClaimLost(f"style {self.id} is not refined by this worker any more")

    def _restart_refinement(self) -> None:
        self.refinement = RefinementState.PENDING
        self.refined_code = None
        self.refinement_steps = 0
        self.refinement_attempts = 0
        self._end_refinement_claim()

    def _end_refinement_claim(self) -> None:
        self.refinement_token = None
        self.refinement_lease_until = None
