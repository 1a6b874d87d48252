"""The RQ task that every queue notification names.

A notification has no content: it says that rows may be waiting, and the database says which. RQ
imports the task by its name, so the running worker passes its handler through a context variable.
"""

from collections.abc import Callable
from contextvars import ContextVar

handler: ContextVar[Callable[[], None]] = ContextVar("handler")
"""The function that handles a notification. The worker sets it while it performs an RQ job."""


def run_next_batch() -> None:
    """Handle one notification. It is not an error if no row is waiting."""
    handler.get()()
