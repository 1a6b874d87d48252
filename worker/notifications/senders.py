"""The interface of the senders, and what a sender receives."""

from dataclasses import dataclass
from typing import Protocol

from core.db.notifications import Notification, Webhook
from core.db.pictures import Picture
from core.db.stylizations import Stylization


@dataclass(frozen=True)
class OutgoingNotification:
    """A notification with the current rows that its payload describes."""

    notification: Notification
    stylization: Stylization
    result: Picture | None
    webhook: Webhook | None  # on the webhook channel only


class DeliveryFailed(Exception):  # noqa: N818  # named like the other outcomes
    """The receiver did not accept a notification; `reason` says why."""

    def __init__(self, reason: str, *, is_final: bool = False, ends_webhook: bool = False) -> None:
        """Describe the failure.

        Args:
            reason: what happened, for `last_error` and the log.
            is_final: a retry cannot succeed.
            ends_webhook: the receiver wants no more notifications; implies `is_final`.
        """
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final or ends_webhook
        self.ends_webhook = ends_webhook


class Sender(Protocol):
    """Sends notifications on one channel. A notification may be sent twice."""

    async def send(self, outgoing: OutgoingNotification) -> None:
        """Send a notification once.

        Raises:
            DeliveryFailed: the receiver did not accept it.
        """
