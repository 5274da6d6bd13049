"""What can go wrong, as a tree; every message says what to do.

CopydeskError
├── Unreadable        a document cannot be cleaned: becomes a `Rejection`
├── SettingError      a path, policy or argument is unusable: names the setting
├── PlanError         parts, plan and raw files do not belong together
├── CheckFailed       a gate refuses the staged date: the published one stays
├── PublishConflict   another run published this date, or holds its lock
└── WorkerLost        no cleaning worker would start: the one error worth a retry
"""

from __future__ import annotations

from .model import RejectReason


class CopydeskError(Exception):
    """Base of every error that Copydesk raises on purpose."""


class Unreadable(CopydeskError):
    """A document that cannot be cleaned; `pipeline.clean` turns it into a `Rejection`."""

    def __init__(self, reason: RejectReason, detail: str) -> None:
        super().__init__(f"{reason.value}: {detail}")
        self.reason = reason
        self.detail = detail


class SettingError(CopydeskError):
    """A setting, a path or an argument that cannot be used; the message names it."""


class PlanError(CopydeskError):
    """A plan whose parts or raw files changed meanwhile: start the run of this date again."""


class CheckFailed(CopydeskError):
    """A staged date that a gate refuses; the message lists the figures and the way on."""


class WorkerLost(CopydeskError):
    """No cleaning worker would start: the machine's trouble, not the input's; try again."""


class PublishConflict(CopydeskError):
    """Another run published this date since the plan was made, or is publishing it now."""
