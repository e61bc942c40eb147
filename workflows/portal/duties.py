"""What the customer has to do about a case now, and what else they can do."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from workflows.machines.spine import CaseState
from workflows.portal.rows import LIVE_APPEALS, Rows
from workflows.portal.wording import asked_items, note_of

S = CaseState
# Once the parcel has left, giving up means: send it back to me.
GOODS_AWAY = frozenset({S.IN_TRANSIT, S.RECEIVED, S.INSPECTING})


@dataclass(frozen=True)
class Duty:
    """One thing that only the customer can do; ``kind`` names its part of the page."""

    kind: str
    title: str
    words: str = ""
    due_at: datetime | None = None
    subject: Any = None

    @property
    def button(self) -> str:
        """Short enough for the bar of a phone."""
        return _("Your turn") if self.kind in ("quote", "choose", "appeal_evidence") else self.title


def duty_of(rows: Rows, verbs: set[str]) -> Duty | None:
    """The next thing that waits for the customer, None when nothing does."""
    makers = (_evidence, _send, _quote, _choose, _appeal_evidence, _resume)
    return next((duty for make in makers if (duty := make(rows, verbs))), None)


def _evidence(rows: Rows, verbs: set[str]) -> Duty | None:
    if "provide_info" not in verbs:
        return None
    return Duty("evidence", _("Please add what is missing"), note_of(rows, "request_info"), rows.due_at, asked_items(rows))


def _send(rows: Rows, verbs: set[str]) -> Duty | None:
    if rows.case.state != S.AWAITING_RETURN:
        return None
    return Duty("send", _("Send it back"), due_at=rows.due_at, subject=rows.parcel)


def _quote(rows: Rows, verbs: set[str]) -> Duty | None:
    repair = next((each for each in rows.repairs if each.state == "quote_pending"), None)
    return Duty("quote", _("Repair for this price?"), repair.finding, subject=repair) if repair else None


def _choose(rows: Rows, verbs: set[str]) -> Duty | None:
    gone = next((each for each in rows.outbounds if each.state == "out_of_stock"), None)
    return Duty("choose", _("Out of stock. What would you like?"), subject=gone) if gone else None


def _appeal_evidence(rows: Rows, verbs: set[str]) -> Duty | None:
    appeal = rows.appeal
    if appeal is None or appeal.state not in ("opened", "evidence"):
        return None
    return Duty("appeal_evidence", _("Add evidence for your appeal"), due_at=appeal.evidence_until, subject=appeal)


def _resume(rows: Rows, verbs: set[str]) -> Duty | None:
    if rows.case.state != S.CANCELLED or "reopen" not in verbs:
        return None
    return Duty("resume", _("Changed your mind?"), _("We go on where we stopped; nothing has to be told twice."))


@dataclass(frozen=True)
class Act:
    """Something else that the customer can do; with ``reasons`` it is shown, and why not now."""

    verb: str
    label: str
    words: str
    asks: str = ""
    is_required: bool = False
    reasons: tuple = ()


def acts_of(rows: Rows, verbs: dict[str, Any]) -> list[Act]:
    found = [_appeal(rows), _withdraw(verbs), _want_back(rows), _withdraw_appeal(rows)]
    return [act for act in found if act is not None]


def _appeal(rows: Rows) -> Act | None:
    if not rows.may_appeal:
        return None
    words = _("Somebody who did not decide looks at it again. You get an answer with reasons.")
    return Act("appeal", _("Appeal"), words, _("Why do you object?"), is_required=True)


def _withdraw(verbs: dict[str, Any]) -> Act | None:
    verb = verbs.get("withdraw")
    if verb is None or not verb.in_state:
        return None
    words = _("We stop here and nothing is sent or paid. You can resume it for 15 days.")
    return Act("withdraw", _("Withdraw the request"), words, reasons=verb.reasons)


def _want_back(rows: Rows) -> Act | None:
    if rows.case.state not in GOODS_AWAY or rows.last("goods_wanted_back"):
        return None
    return Act("keep", _("I would like to keep it after all"), _("Your parcel is inspected and sent back to you."))


def _withdraw_appeal(rows: Rows) -> Act | None:
    if rows.appeal is None or rows.appeal.state not in LIVE_APPEALS - {"deciding"}:
        return None
    return Act("withdraw-appeal", _("Withdraw the appeal"), _("The decision then stands."))
