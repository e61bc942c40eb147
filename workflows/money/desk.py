"""Work for people about one refund: each kind is open once for each refund."""

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from workflows.machines.table import Role
from workflows.models import Refund, Task

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

SIGN = "refund_authorise"
REFUSED = "refund_refused"
TRANSFER = "refund_transfer"
SECOND = "refund_second"
UNKNOWN = "refund_unknown"
SLOW = "refund_slow"
STUCK = "refund_stuck"
ANOMALY = "refund_anomaly"
FAILED = "refund_failed"
QUESTION = "refund_question"
LOWER = "refund_lower"
LABELS = {
    SIGN: _("Refund to sign"),
    REFUSED: _("Finance refused a refund"),
    TRANSFER: _("Money to transfer by hand"),
    SECOND: _("A second person is needed"),
    UNKNOWN: _("Refund without a clear answer"),
    SLOW: _("Refund under way for a week"),
    STUCK: _("Refund that could not be worked on"),
    ANOMALY: _("Money that does not fit"),
    FAILED: _("Refund declined or come back"),
    QUESTION: _("Finance asks about a refund"),
    LOWER: _("Finance asks for a lower refund"),
}
WORKING_TIME = timedelta(hours=4)


def open_refund_task(act: "CaseAct", refund: Refund, kind: str, *, role: str = Role.FINANCE, **codes: int) -> None:
    act.open_task(kind, role=role, due=WORKING_TIME, key=key_of(refund, kind), codes={"refund": refund.pk} | codes)


def open_once(act: "CaseAct", refund: Refund, kind: str) -> None:
    """Not again when somebody has ended it: they know."""
    if not Task.objects.filter(case=act.case, kind=kind, key=key_of(refund, kind), opened_at__gte=refund.submitted_at).exists():
        open_refund_task(act, refund, kind)


def end_refund_tasks(act: "CaseAct", refund: Refund, *kinds: str) -> None:
    """What these tasks asked for has happened, or is needed no longer."""
    act.tasks.close(keys=tuple(key_of(refund, kind) for kind in kinds))


def key_of(refund: Refund, kind: str) -> str:
    """By which a task about a refund is told from those about another one of the case."""
    return f"{kind}-{refund.pk}"
