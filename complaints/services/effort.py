"""Correcting measured handling time: people correct their own, leads that of their teams, always with a reason."""

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.clauses import CURE_LEAD
from complaints.effort.access import contacts_of
from complaints.effort.figures import Figure, figures_of
from complaints.models import Complaint
from complaints.services.act import Act, lock_act, require_staff
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import require

CORRECT = "complaints.change_complaint_state"
LONGEST = timedelta(hours=24)
MILLISECOND = timedelta(milliseconds=1)


@transaction.atomic
def correct_effort(
    complaint: Complaint,
    *,
    agent: User,
    contact: int | None,
    delta: timedelta,
    reason: str,
    by: User,
    expected_version: int | None = None,
    request_id: str | None = None,
) -> Complaint:
    """Add to or take off an agent's handling time of one contact. What was measured stays on record beside it.

    The sum stays between nothing and 24 hours. A change of the state in the meantime does not matter, so ``expected_version`` is not
    looked at.
    """
    act = lock_act(complaint, "correct_effort", by=by, request_id=request_id)
    if act.is_replay:
        return act.complaint
    require_staff(act, CORRECT)
    require([*_against_person(act, agent), *_against_change(act, agent, contact, delta, reason)])
    codes = {"agent": agent.pk, "contact": contact, "delta_ms": delta // MILLISECOND, "author": by.pk}
    act.note("effort.corrected", codes=codes, payload={"reason": reason.strip()})
    return act.finish(raises_version=False)


def _against_person(act: Act, agent: User) -> Iterator[Reason]:
    if agent.pk != act.by.pk and not act.is_lead:
        yield Forbidden("not_own", _("You correct your own time."), CURE_LEAD)


def _against_change(act: Act, agent: User, contact: int | None, delta: timedelta, reason: str) -> Iterator[Reason]:
    figures = figures_of(act.complaint)
    figure = figures.get((agent.pk, contact), Figure(agent.pk, contact))
    if (agent.pk, contact) not in figures and not _could_work(act.complaint, agent, contact):
        yield Reason("no_such_time", _("This person has no time here that could be corrected."))
    if not delta:
        yield Reason("no_change", _("Say by how many minutes."))
    if not reason.strip():
        yield Reason("no_reason", _("Say why, in a few words."))
    total = figure.total_ms * MILLISECOND + delta
    if total < timedelta():
        yield Reason("below_zero", _("No more can be taken off than there is."))
    if total > LONGEST:
        yield Reason("beyond_a_day", _("More than 24 hours on one contact cannot be."))


def _could_work(complaint: Complaint, agent: User, contact: int | None) -> bool:
    """Time that no page measured, for instance on paper: of who sees the complaint, on one of its contacts."""
    return access.can_see(agent, complaint) and contacts_of(complaint).filter(pk=contact).exists()
