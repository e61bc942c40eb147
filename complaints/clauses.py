"""What speaks against a verb, in words: one clause function per condition, shared by the services and the buttons.

A clause gets an ``Asking`` and yields ``Reason``s. Those that depend on what is typed are checked by the service itself.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints import access, timing
from complaints.guards import reasons_from_above
from complaints.lifecycle import VERBS, Status, Who
from complaints.models import Complaint, Contact, Message
from foundation.exceptions import Forbidden, Reason

CURE_LEAD = _("A lead of the team can do this.")
CURE_ASSIGNEE = _("The assignee or a lead can do this.")
CURE_ADMIN = _("An administrator grants this right.")
PERMISSIONS = dict.fromkeys(("merge", "unmerge", "split"), "complaints.merge_complaint")
ASKS_PER_CYCLE = 2


@dataclass(frozen=True)
class Asking:
    """Who wants which verb on which complaint. ``by`` None is the system, or the customer when ``as_customer``."""

    verb: str
    complaint: Complaint
    by: Any
    as_customer: bool = False

    @property
    def is_lead(self) -> bool:
        return self.by is not None and access.is_lead_of(self.by, self.complaint)

    @property
    def is_assignee(self) -> bool:
        return self.by is not None and self.complaint.assignee_id == self.by.pk


def reasons_against(verb: str, complaint: Complaint, by: Any, *, as_customer: bool = False) -> list[Reason]:
    """Everything that keeps this person from using this verb now. Empty: they may."""
    asking = Asking(verb, complaint, by, as_customer)
    found = [*clause_erased(asking), *clause_who(asking), *clause_state(asking)]
    if not found:
        found = [reason for clause in CLAUSES.get(verb, ()) for reason in clause(asking)]
    return found or reasons_from_above(verb, complaint, by)


def clause_erased(asking: Asking) -> Iterator[Reason]:
    """Nobody takes up what was erased; the system still ends what runs out by itself."""
    is_system = asking.by is None and not asking.as_customer
    if not is_system:
        yield from against_touching(asking.complaint)


def against_touching(complaint: Complaint) -> Iterator[Reason]:
    """An erased complaint takes in nothing new."""
    if complaint.erased_at:
        yield Reason("erased", _("Everything personal in this complaint has been erased."))


def clause_who(asking: Asking) -> Iterator[Reason]:
    who = VERBS[asking.verb].who
    if asking.as_customer:
        if Who.CUSTOMER not in who:
            yield Forbidden("not_for_customers", _("Only our staff can do this."))
    elif asking.by is None:
        if Who.SYSTEM not in who:
            yield Forbidden("not_for_system", _("Only a person can do this."))
    else:
        yield from _against_staff(asking, who)


def _against_staff(asking: Asking, who: frozenset[str]) -> Iterator[Reason]:
    permission = PERMISSIONS.get(asking.verb, "complaints.change_complaint_state")
    yield from against_reading(asking.by, asking.complaint, permission)
    if Who.AGENT in who or (asking.is_lead and who & {Who.ASSIGNEE, Who.LEAD}):
        return
    if Who.ASSIGNEE in who:
        if not (asking.is_assignee or asking.verb == "reopen"):
            yield Forbidden("not_assignee", _("This complaint is assigned to somebody else or to nobody."), CURE_ASSIGNEE)
    elif Who.LEAD in who:
        yield Forbidden("not_lead", _("Only a lead can do this."), CURE_LEAD)
    else:
        yield Forbidden("not_for_staff", _("Only the customer can do this."))


def against_reading(by: Any, complaint: Complaint, permission: str) -> Iterator[Reason]:
    """Reasons of right that hold for every act of staff: the row must be visible and the permission given."""
    if not access.can_see(by, complaint):
        yield Forbidden("not_visible", _("You have no access to this complaint."), CURE_LEAD)
    elif not by.has_perm(permission):
        yield Forbidden("no_permission", _("Your role does not include this."), CURE_ADMIN)


def clause_state(asking: Asking) -> Iterator[Reason]:
    if asking.complaint.status not in VERBS[asking.verb].sources:
        yield against_state(asking.complaint)


def against_state(complaint: Complaint) -> Reason:
    return Reason("state", _not_while(complaint.status))


def _say_not_while(status: str) -> str:
    return gettext("Not possible while the complaint is “%(status)s”.") % {"status": Complaint.Status(status).label}


# Most pages leave away what the state rules out, so the words are made only where they are read.
_not_while = lazy(_say_not_while, str)


def has_assignee(asking: Asking) -> Iterator[Reason]:
    if asking.complaint.assignee_id is None:
        yield Reason("no_assignee", _("Nobody is assigned yet."), _("Claim it first."))


def asked_seldom(asking: Asking) -> Iterator[Reason]:
    if asking.complaint.asked_count >= ASKS_PER_CYCLE and not asking.is_lead:
        yield Reason("asked_twice", _("The customer was already asked twice."), CURE_LEAD)


def is_answered(asking: Asking) -> Iterator[Reason]:
    if asking.complaint.first_reply_at is None:
        yield Reason("no_human_answer", _("Nobody has written to the customer or called yet."), _("Send a reply first."))
    elif asking.complaint.needs_reply:
        yield Reason("unanswered", _("The customer's last message is not answered."), _("Send a reply first."))


def customer_is_silent(asking: Asking) -> Iterator[Reason]:
    if not asking.complaint.no_reply:
        yield Reason("no_silence", _("The customer has not missed an answer yet."), _("Ask the customer first; this opens after 72 hours."))
    elif not _tried_enough(asking.complaint):
        yield Reason("tried_too_little", _("The customer must be tried by message and by phone, on two days."), _("Log a call."))


def _tried_enough(complaint: Complaint) -> bool:
    written = complaint.messages.filter(author_kind=Message.Author.HUMAN, kind=Message.Kind.PUBLIC, retracted_at__isnull=True)
    called = complaint.contacts.filter(channel=Complaint.Channel.PHONE, origin=Complaint.Origin.AGENT)
    wrote_at, called_at = list(written.values_list("created_at", flat=True)), list(called.values_list("at", flat=True))
    days = {timezone.localdate(moment) for moment in [*wrote_at, *called_at]}
    return bool(wrote_at and called_at) and len(days) >= 2


def reopens_in_time(asking: Asking) -> Iterator[Reason]:
    age = timezone.now() - asking.complaint.resolved_at
    if asking.as_customer:
        if age > timing.REOPEN_WINDOW:
            yield Reason("too_late", _("More than 14 days have passed."), _("Write to us: a new complaint is linked to this one."))
    elif not asking.is_lead and (asking.complaint.resolved_by_id != asking.by.pk or age > timing.CORRECTION_WINDOW):
        yield Reason("correction_over", _("Only who resolved it can correct it, within 10 minutes."), CURE_LEAD)


def appeals_in_time(asking: Asking) -> Iterator[Reason]:
    complaint = asking.complaint
    if complaint.status == Status.RESOLVED and complaint.outcome != Complaint.Outcome.DECLINED:
        yield Reason("not_declined", _("This was not declined."), _("You can reopen it instead."))
    if timezone.now() - complaint.resolved_at > timing.APPEAL_WINDOW:
        yield Reason("too_late", _("More than 15 days have passed."))
    if complaint.appealed_at and complaint.appealed_at >= complaint.resolved_at:
        yield Reason("appealed_already", _("There is already an appeal against this decision."))


def resumes_in_time(asking: Asking) -> Iterator[Reason]:
    since = asking.complaint.closed_at
    if asking.as_customer and since and timezone.now() - since > timing.RESUME_WINDOW:
        yield Reason("too_late", _("More than 14 days have passed."), _("Write to us: a new complaint is linked to this one."))


def separates_in_order(asking: Asking) -> Iterator[Reason]:
    """What came along with another one leaves with it; and a merge settles after a day, except for leads."""
    complaint = asking.complaint
    merges = complaint.events.filter(kind="complaint.merged", codes__role="child").order_by("-seq")
    merged_by, codes = merges.values_list("actor_id", "codes").first() or (None, {})
    if codes.get("other", complaint.merged_into_id) != complaint.merged_into_id:
        yield Reason("came_along", _("It came here inside another complaint."), _("Separate that one first."))
    if not asking.is_lead and (merged_by != asking.by.pk or timezone.now() - complaint.merged_at > timing.UNMERGE_WINDOW):
        yield Reason("merge_settled", _("Only who merged it can separate it again, within 24 hours."), CURE_LEAD)


def looks_like_spam(asking: Asking) -> Iterator[Reason]:
    complaint = asking.complaint
    if complaint.order_id or complaint.is_proven or complaint.first_reply_at:
        yield Reason(
            "is_real", _("It has an order, a proven sender or an answer, so it is no spam."), _("Decline it with reasons instead.")
        )


def escalates_seldom(asking: Asking) -> Iterator[Reason]:
    last = asking.complaint.escalated_at
    if asking.as_customer and last and timezone.now() - last < timing.ESCALATE_AGAIN:
        yield Reason("escalated_already", _("A supervisor already knows. You can ask again after 24 hours."))


Clause = Callable[[Asking], Iterator[Reason]]
CLAUSES: dict[str, tuple[Clause, ...]] = {
    "begin": (has_assignee,),
    "ask_customer": (asked_seldom,),
    "resolve": (is_answered,),
    "give_up": (customer_is_silent,),
    "reopen": (reopens_in_time,),
    "appeal": (appeals_in_time,),
    "resume": (resumes_in_time,),
    "unmerge": (separates_in_order,),
    "mark_spam": (looks_like_spam,),
    "escalate": (escalates_seldom,),
}


def contacts_tried(complaint: Complaint) -> int:
    """How many ways of reaching the customer were used, for the desk's hint beside "could not reach"."""
    return Contact.objects.filter(complaint=complaint, origin=Complaint.Origin.AGENT).values("channel").distinct().count()
