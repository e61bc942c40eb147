"""The three refusals that every service can answer with, and the reasons they carry."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reason:
    """Why an act is refused, in words for the person who tried it, and who or what can cure it."""

    code: str
    text: str
    cure: str = ""


@dataclass(frozen=True)
class Forbidden(Reason):
    """A reason that lies in who asks, not in the state of the subject: it answers 403 instead of 409."""


class VersionConflictError(Exception):
    """Someone else changed the subject since the caller read it. HTTP 409; ``current`` is the fresh row."""

    status_code = 409

    def __init__(self, current: Any) -> None:
        super().__init__(f"{current!r} was changed by someone else")
        self.current = current


class ReasonedError(Exception):
    """An act that cannot be done, with every reason at once."""

    status_code = 409

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = list(reasons)


class RefusedError(ReasonedError):
    """The state of the subject does not allow the act. HTTP 409."""


class NotAllowedError(ReasonedError):
    """The actor may not do this. HTTP 403."""

    status_code = 403
