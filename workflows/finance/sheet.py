"""Everything about one refund, beside the list and on its own page, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import User
from complaints.access import events_of, files_of
from complaints.channels.templates import find_template
from complaints.desk.doors import new_request_id
from complaints.models import Event
from workflows import access
from workflows.desk.telling import name_event
from workflows.finance.acts import acts_for, needs_password
from workflows.finance.lists import row_of
from workflows.gateways.base import Kind
from workflows.machines.refund import REFUND, RefundState
from workflows.machines.spine import CaseState
from workflows.models import CheckResult, InspectionLine, Refund

MOST_FILES, MOST_TOLD = 12, 30
S = RefundState
SAID = ("refund.ask_agent", "refund.ask_lower", "refund.answer_finance", "refund.ask_second")
WAITS = {
    S.PENDING_APPROVAL: _("It waits for a signature of finance."),
    S.ARMED: _("It is signed and leaves by itself once what the rules wait for has happened."),
    S.QUEUED: _("It is about to be sent."),
    S.SUBMITTING: _("It is being sent."),
    S.PROCESSING: _("The provider has taken it and pays it out. It is asked again from time to time."),
    S.UNKNOWN: _("The answer is not known; we are asking. Nothing is sent again until it is."),
    S.FAILED: _("The provider declined it. No money has moved."),
    S.BOUNCED: _("The money came back. The customer does not have it."),
}

ANSWERS = {
    Kind.PAID: pgettext_lazy("provider", "paid"),
    Kind.PROCESSING: pgettext_lazy("provider", "under way"),
    Kind.DECLINED: pgettext_lazy("provider", "declined"),
    Kind.BOUNCED: pgettext_lazy("provider", "came back"),
    Kind.ABSENT: pgettext_lazy("provider", "not known there"),
    Kind.AMBIGUOUS: pgettext_lazy("provider", "no clear answer"),
}


@dataclass(frozen=True)
class Said:
    """Something that finance and those who work on the case said to each other about a refund."""

    title: str
    name: str
    event: Event

    @property
    def words(self) -> str:
        return (self.event.payload or {}).get("note") or (self.event.payload or {}).get("reason", "")


def sheet_of(request: HttpRequest, refund: Refund) -> dict[str, Any]:
    """What both places show: the facts, the evidence, and what can be done."""
    case = refund.case
    return {
        "row": row_of(refund, request.user),
        "refund": refund,
        "case": case,
        "acts": acts_for(refund, request.user),
        "waits": WAITS.get(refund.state, ""),
        "needs_password": refund.state == S.PENDING_APPROVAL and needs_password(request, refund),
        "checks": list(CheckResult.objects.filter(case=case).order_by("check_code", "-visit").distinct("check_code")),
        "files": files_of(case.complaint, is_staff=False).exclude(thumb_path="")[:MOST_FILES],
        "findings": _findings(refund),
        "lines": _lines(refund),
        "said": _said(refund),
        "request_id": new_request_id(),
    }


def history_of(refund: Refund) -> dict[str, Any]:
    """What the page of one refund adds: its facts, every call to the provider, and the books."""
    facts = [(REFUND.verb(fact.verb).label if fact.verb in _VERBS else _OTHER.get(fact.verb, fact.verb), fact) for fact in _facts(refund)]
    return {
        "facts": facts,
        "tries": [(ANSWERS.get(each.answer, _("no answer yet")), each) for each in refund.tries.order_by("-number")],
        "legs": access.legs_of(refund),
    }


def voucher_of(refund: Refund, user: User) -> dict[str, Any]:
    """What is kept on paper: who asked, who signed, for what, and how it was booked."""
    paper = {
        "refund": refund,
        "case": refund.case,
        "row": row_of(refund, user),
        "lines": _lines(refund),
        "printed_at": timezone.localtime(),
    }
    return paper | history_of(refund)


def words_of_refusal(refund: Refund) -> str:
    """What the customer is told when finance refuses, in the customer's language; empty when nothing is sent by itself."""
    if refund.case.state != CaseState.SETTLING:
        return ""
    return find_template("case_needs_care", refund.case.complaint.language).body


_VERBS = {verb.name for verb in REFUND.verbs}
_OTHER = {"ask_second": _("A second person was asked for")}


def _facts(refund: Refund):
    return refund.facts.select_related("by").order_by("-seq")


def _lines(refund: Refund):
    return refund.lines.select_related("unit__line").order_by("unit_id")


def _findings(refund: Refund) -> list[InspectionLine]:
    """What the warehouse found, the newest look at each piece."""
    lines = InspectionLine.objects.filter(claim__case=refund.case, inspected_at__isnull=False)
    return list(lines.select_related("claim__unit__line", "inspected_by").order_by("claim", "-round").distinct("claim"))


def _said(refund: Refund) -> list[Said]:
    told = events_of(refund.case.complaint).filter(kind__in=SAID, codes__refund=refund.pk).order_by("-seq")[:MOST_TOLD]
    names = dict(User.objects.filter(pk__in={event.actor_id for event in told}).values_list("pk", "name"))
    return [Said(name_event(event), names.get(event.actor_id, ""), event) for event in told]
