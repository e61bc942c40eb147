"""Asking for a copy, a correction or an erasure, and deciding about it. The erasure itself is in ``erasure``."""

import json
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.intake.links import revoke_links
from complaints.models import Complaint, PrivacyRequest
from complaints.services.act import Act, lock_act, require_permission, require_staff
from foundation.crypto import blind_index
from foundation.exceptions import Reason
from foundation.verbs import lock, require
from ui.normalise import normalise_phone

Kind, Status = PrivacyRequest.Kind, PrivacyRequest.Status
CORRECTABLE = ("contact_name", "contact_phone", "contact_email")
ERASED = Reason("erased", _("Everything personal in this complaint has been erased."))


@transaction.atomic
def ask_privacy(
    complaint: Complaint,
    kind: str,
    *,
    words: str = "",
    wanted: dict[str, str] | None = None,
    by: User | None,
    request_id: str | None = None,
) -> PrivacyRequest | None:
    """Record what a customer wants done with their data; a manager decides. ``by`` None is the customer, who has proven the contact.

    ``wanted`` holds corrected contact fields. A wish of the same kind that is still open is refused; a replay returns None.
    """
    act = lock_act(complaint, "ask_privacy", by=by, as_customer=by is None, request_id=request_id)
    if act.is_replay:
        return None
    require_permission(act, "complaints.ask_privacy")
    wanted = {name: value.strip() for name, value in (wanted or {}).items() if name in CORRECTABLE and value.strip()}
    require(_against_asking(act.complaint, kind, words, wanted))
    request = PrivacyRequest.objects.create(
        complaint=act.complaint, kind=kind, words=words.strip(), wanted=json.dumps(wanted) if wanted else "", asked_by=by, asked_at=act.at
    )
    act.note("privacy.asked", codes={"request": request.pk, "kind": kind})
    act.finish(raises_version=False)
    return request


@transaction.atomic
def note_copy(complaint: Complaint) -> PrivacyRequest:
    """Record that the customer took their copy; it ends a wish for one that was open. The caller has checked the proof."""
    act = lock_act(complaint, "copy", by=None, as_customer=True)
    require([ERASED] if act.complaint.erased_at else [])
    request = act.complaint.privacy_requests.filter(kind=Kind.COPY, status__in=PrivacyRequest.OPEN).first()
    request = request or PrivacyRequest(complaint=act.complaint, kind=Kind.COPY, asked_at=act.at)
    request.status, request.done_at = Status.DONE, act.at
    request.save()
    act.note("privacy.copied", codes={"request": request.pk})
    act.finish(raises_version=False)
    return request


@transaction.atomic
def decide_privacy(request: PrivacyRequest, *, is_approved: bool, answer: str = "", by: User) -> PrivacyRequest:
    """Approve or decline a wish, and tell the customer. An approved correction is made at once; a refusal needs its reason.

    An erasure waits for an administrator to carry it out, a copy for the customer to fetch it.
    """
    act = lock_act(request.complaint, "decide_privacy", by=by)
    request = lock(request)
    require_staff(act, "complaints.decide_privacy")
    require(_against_deciding(request, is_approved, answer))
    request.status = Status.APPROVED if is_approved else Status.DECLINED
    request.decided_by, request.decided_at, request.answer = by, act.at, answer.strip()
    act.note("privacy.decided", codes={"request": request.pk, "kind": request.kind, "approved": is_approved})
    act.tell("privacy_approved" if is_approved else "privacy_declined", values={"privacy_request": request.pk})
    if is_approved and request.kind == Kind.CORRECTION:
        _correct(act, request)
    request.save()
    act.finish()
    return request


def wanted_of(request: PrivacyRequest) -> dict[str, str]:
    """The corrected contact fields that were asked for."""
    return json.loads(request.wanted or "{}")


def _correct(act: Act, request: PrivacyRequest) -> None:
    """Put the corrected contact in. Another address has to be proven anew, and links that went to the old one end."""
    changed: dict[str, Any] = {name: value for name, value in wanted_of(request).items() if getattr(act.complaint, name) != value}
    if "contact_phone" in changed:
        changed["contact_phone_index"] = blind_index(normalise_phone(changed["contact_phone"]), purpose="phone")
    if "contact_email" in changed:
        changed["contact_email_index"] = blind_index(changed["contact_email"].lower(), purpose="email")
        changed["is_proven"] = False
        revoke_links(act.complaint)
        act.tell("link")
    act.set(**changed)
    act.note("contact.corrected", codes={"request": request.pk, "fields": sorted(name for name in changed if name in CORRECTABLE)})
    request.status, request.done_by, request.done_at = Status.DONE, act.by, act.at


def _against_asking(complaint: Complaint, kind: str, words: str, wanted: dict[str, str]) -> list[Reason]:
    if complaint.erased_at:
        return [ERASED]
    if complaint.privacy_requests.filter(kind=kind, status__in=PrivacyRequest.OPEN).exists():
        return [Reason("already_asked", _("This was already asked for and is being looked at."))]
    if kind == Kind.CORRECTION and not (words.strip() or wanted):
        return [Reason("nothing_to_correct", _("Say what is wrong, or fill in what is right."))]
    return []


def _against_deciding(request: PrivacyRequest, is_approved: bool, answer: str) -> list[Reason]:
    if request.status != Status.WAITING:
        return [Reason("decided", _("Somebody has already decided this."))]
    if not is_approved and not answer.strip():
        return [Reason("answer_missing", _("Say why not; the customer reads it."))]
    return []
