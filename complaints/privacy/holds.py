"""Holds: what is needed as evidence, for instance in a law suit, is neither erased nor goes with age."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.models import Complaint, Hold
from complaints.privacy.requests import ERASED
from complaints.services.act import lock_act, require_staff
from foundation.exceptions import Reason
from foundation.verbs import require


@transaction.atomic
def place_hold(complaint: Complaint, *, reason: str, by: User) -> Hold:
    """Keep a complaint from being erased until the hold is lifted; the reason is written down."""
    act = lock_act(complaint, "place_hold", by=by)
    require_staff(act, "complaints.ask_privacy")
    require(_against_placing(act.complaint, reason))
    hold = Hold.objects.create(complaint=act.complaint, reason=reason.strip(), placed_by=by, placed_at=act.at)
    act.note("hold.placed", codes={"hold": hold.pk}, payload={"reason": hold.reason})
    act.finish(raises_version=False)
    return hold


@transaction.atomic
def lift_hold(complaint: Complaint, *, by: User) -> Hold:
    """End the hold of a complaint; only whoever decides about requests may."""
    act = lock_act(complaint, "lift_hold", by=by)
    require_staff(act, "complaints.decide_privacy")
    hold = current_hold(act.complaint)
    if hold is None:
        require([Reason("no_hold", _("There is no hold on this complaint."))])
    hold.lifted_by, hold.lifted_at = by, act.at
    hold.save(update_fields=["lifted_by", "lifted_at"])
    act.note("hold.lifted", codes={"hold": hold.pk})
    act.finish(raises_version=False)
    return hold


def current_hold(complaint: Complaint) -> Hold | None:
    return complaint.holds.filter(lifted_at__isnull=True).first()


def _against_placing(complaint: Complaint, reason: str) -> list[Reason]:
    if complaint.erased_at:
        return [ERASED]
    if not reason.strip():
        return [Reason("reason_missing", _("Say why."))]
    return [Reason("held", _("It is already held."))] if current_hold(complaint) else []
