"""What a check finds: fit, doubtful or wrong, and how to put it right."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class Finding:
    """One line of `dualtrans doctor`."""

    verdict: Verdict
    subject: str
    words: str
    remedy: str | None = None

    def __str__(self) -> str:
        """The line for a person."""
        line = f"{self.verdict:4}  {self.subject:14}  {self.words}"
        return line if self.remedy is None else f"{line} -> {self.remedy}"


def ok(subject: str, words: str) -> Finding:
    """As it should be."""
    return Finding("ok", subject, words)


def warn(subject: str, words: str, remedy: str) -> Finding:
    """It works, but not as one would want."""
    return Finding("warn", subject, words, remedy)


def bad(subject: str, words: str, remedy: str) -> Finding:
    """It does not work, or WeChat will refuse it."""
    return Finding("bad", subject, words, remedy)
