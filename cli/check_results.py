"""The result of one check of `dualtrans doctor`."""

from dataclasses import dataclass
from typing import Literal

Verdict = Literal["ok", "warn", "bad"]


@dataclass(frozen=True)
class CheckResult:
    """What one check found, and how to fix it unless it passed."""

    verdict: Verdict
    subject: str
    message: str
    fix: str | None = None

    def __str__(self) -> str:
        """The result as one line of text."""
        line = f"{self.verdict:4}  {self.subject:14}  {self.message}"
        return line if self.fix is None else f"{line} -> {self.fix}"

    def as_json(self) -> dict[str, str | None]:
        """The result for `--json`. The keys are part of the command's interface."""
        return {
            "verdict": self.verdict,
            "subject": self.subject,
            "words": self.message,
            "remedy": self.fix,
        }


def passed(subject: str, message: str) -> CheckResult:
    """Report that nothing needs to be changed."""
    return CheckResult("ok", subject, message)


def warning(subject: str, message: str, fix: str) -> CheckResult:
    """Report something that works, with a drawback."""
    return CheckResult("warn", subject, message, fix)


def failed(subject: str, message: str, fix: str) -> CheckResult:
    """Report something that does not work, or that WeChat rejects."""
    return CheckResult("bad", subject, message, fix)
