"""What a notice says and who carries it: the common face of webhooks and WeChat's messages."""

from dataclasses import dataclass
from typing import Protocol

from core.db.notifications import Notification, Webhook
from core.db.pictures import Picture
from core.db.stylizations import Stylization


@dataclass(frozen=True)
class OutgoingNotification:
    """A notice with the rows that it speaks of, as they stand."""

    notification: Notification
    stylization: Stylization
    result: Picture | None
    webhook: Webhook | None  # of a notice on that channel


class DeliveryFailed(Exception):  # noqa: N818  # it says what has happened
    """A outgoing was not taken, for `reason`."""

    def __init__(self, reason: str, *, is_final: bool = False, ends_webhook: bool = False) -> None:
        """`is_final`: another try is of no use; `ends_webhook`: nothing more is wanted there."""
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final or ends_webhook
        self.ends_webhook = ends_webhook


class Sender(Protocol):
    """Carries letters on one channel. A outgoing may be sent twice."""

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Send it once, now.

        Raises:
            DeliveryFailed: it was not taken.
        """
