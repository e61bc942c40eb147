"""The refunds that finance has to do with, by where they stand: each row carries what its decision needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from accounts.models import User
from complaints.models import Attachment
from foundation.keyset import InvalidCursorError, Page, keyset_page
from ui.localize import is_english
from ui.masking import mask_name
from ui.money import format_money
from workflows import access
from workflows.machines.refund import RefundState
from workflows.models import CaseUnit, CheckResult, Refund

S = RefundState
SIZE = 25
OFTEN, LATELY = 3, timedelta(days=90)
# Tab -> its title and the states behind it.
TABS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "sign": (_("To sign"), (S.PENDING_APPROVAL,)),
    "armed": (_("Signed, waiting for the goods"), (S.ARMED,)),
    "way": (pgettext_lazy("refund", "On the way"), (S.QUEUED, S.SUBMITTING, S.PROCESSING)),
    "unknown": (pgettext_lazy("refund", "Answer unknown"), (S.UNKNOWN,)),
    "trouble": (_("Declined or come back"), (S.FAILED, S.BOUNCED)),
    "done": (_("Done"), (S.SUCCEEDED, S.VOIDED)),
}
FIRST, ENDED = "sign", "done"
# The shape of the ring: whose turn it is.
STAGES = {
    S.PENDING_APPROVAL: "ours",
    S.ARMED: "outside",
    S.UNKNOWN: "reopened",
    S.FAILED: "reopened",
    S.BOUNCED: "reopened",
    S.SUCCEEDED: "closed",
    S.VOIDED: "withdrawn",
}
CUSTOMER = "case__order__customer"


@dataclass(frozen=True)
class Row:
    """One refund with the facts beside it. ``flags`` are warnings that say what they rest on; ``is_own``: the reader may not sign it."""

    refund: Refund
    customer: str
    reason: str
    flags: list[str]
    is_own: bool

    @property
    def stage(self) -> str:
        return STAGES.get(self.refund.state, "outside")

    @property
    def seal(self) -> str:
        """What was on the page when somebody chose this row."""
        return f"{self.refund.out_refund_no}:{self.refund.version}:{self.refund.proposal_hash}"


def page_of_refunds(user: User, asked: Mapping[str, str]) -> dict[str, Any]:
    """One tab, the oldest first; what is done with the newest first."""
    tab = tab_in(asked)
    order = ("-created_at", "-id") if tab == ENDED else ("created_at", "id")
    page = _page(with_facts(in_tab(user, tab)), order, asked.get("after"))
    return {"rows": [row_of(refund, user) for refund in page.rows], "page": page, "tab": tab, "tabs": _tabs(user)}


def tab_in(asked: Mapping[str, str]) -> str:
    return asked["tab"] if asked.get("tab") in TABS else FIRST


def in_tab(user: User, tab: str) -> QuerySet[Refund]:
    return access.refunds_for(user).filter(state__in=TABS[tab][1])


def with_facts(refunds: QuerySet[Refund]) -> QuerySet[Refund]:
    """The facts of every row in one statement, however many rows there are."""
    claims = CaseUnit.objects.filter(case=OuterRef("case")).order_by().values("case")
    since = timezone.now() - LATELY
    others = Refund.objects.filter(**{CUSTOMER: OuterRef(CUSTOMER)}, created_at__gte=since).exclude(state=S.VOIDED).order_by()
    live = Refund.objects.filter(case=OuterRef("case")).exclude(state=S.VOIDED).exclude(pk=OuterRef("pk")).order_by().values("case")
    files = Attachment.objects.filter(complaint=OuterRef("case__complaint"), is_internal=False).order_by().values("complaint")
    newest = CheckResult.objects.filter(case=OuterRef("case"), check_code=OuterRef("check_code")).order_by("-visit").values("visit")[:1]
    checks = CheckResult.objects.filter(case=OuterRef("case"), visit=Subquery(newest)).order_by().values("case")
    related = ("case__complaint", "case__policy", "case__order__customer", "balance__payment", "created_by", "authorised_by", "closing_by")
    return refunds.select_related(*related).annotate(
        pieces=Subquery(claims.annotate(n=Count("pk")).values("n")),
        passed=Subquery(claims.annotate(n=Count("pk", filter=Q(verdict__in=["passed", "accepted"]))).values("n")),
        wrong=Subquery(claims.annotate(n=Count("pk", filter=Q(verdict="failed"))).values("n")),
        lately=Subquery(others.values(CUSTOMER).annotate(n=Count("pk")).values("n")),
        lately_fen=Subquery(others.filter(currency=OuterRef("currency")).values(CUSTOMER).annotate(fen=Sum("amount_fen")).values("fen")),
        beside=Subquery(live.annotate(n=Count("pk")).values("n")),
        files=Subquery(files.annotate(n=Count("pk")).values("n")),
        doubts=Subquery(checks.exclude(answer=CheckResult.Answer.PASS).annotate(n=Count("pk")).values("n")),
    )


def row_of(refund: Refund, user: User) -> Row:
    case = refund.case
    is_own = user.pk in {refund.created_by_id, case.assignee_id, case.complaint.assignee_id}
    rule = case.policy.reasons.get(case.reason, {})
    reason = rule.get("name_en" if is_english() else "name_zh") or case.reason
    return Row(refund, mask_name(case.complaint.contact_name), reason, list(_flags(refund)), is_own)


def _flags(refund: Refund) -> Iterable[str]:
    """Each warning says what it rests on."""
    if (refund.lately or 0) > OFTEN:
        words = ngettext(
            "%(count)d refund of this customer in 90 days: %(sum)s", "%(count)d refunds of this customer in 90 days: %(sum)s", refund.lately
        )
        yield words % {"count": refund.lately, "sum": format_money(refund.lately_fen or 0, refund.currency)}
    if refund.beside:
        words = ngettext("%(count)d other refund in this case", "%(count)d other refunds in this case", refund.beside)
        yield words % {"count": refund.beside}
    if refund.doubts:
        yield ngettext("%(count)d check without a yes", "%(count)d checks without a yes", refund.doubts) % {"count": refund.doubts}
    if refund.case.is_out_of_window:
        yield str(_("out of the period"))
    if refund.balance.frozen_at:
        yield str(_("the payment is frozen"))


def _page(rows: QuerySet[Refund], order: tuple[str, ...], after: str | None) -> Page:
    try:
        return keyset_page(rows, order=order, after=after, size=SIZE)
    except InvalidCursorError:
        return keyset_page(rows, order=order, size=SIZE)


def _tabs(user: User) -> list[tuple[str, Any, int]]:
    """How many wait in each; what is done is not counted."""
    waiting = access.refunds_for(user).exclude(state__in=TABS[ENDED][1]).order_by().values_list("state").annotate(n=Count("pk"))
    counts = dict(waiting)
    return [(key, title, sum(counts.get(state, 0) for state in states)) for key, (title, states) in TABS.items()]
