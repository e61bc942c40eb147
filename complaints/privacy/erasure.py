"""Erasing a person (PIPL 47, GDPR 17): texts, files and contact go for good; rows, codes, times and the chain of hashes stay."""

import logging
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Cast, Coalesce, Concat, Least
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from accounts.models import User
from complaints import guards
from complaints.channels.mailbox import forget_letters
from complaints.intake.uploads import delete_unshared
from complaints.lifecycle import LIVE
from complaints.models import Attachment, Complaint, Draft, Event, FollowUp, Message, Outbox, PrivacyRequest
from complaints.privacy.erasure_list import note_erasure
from complaints.privacy.person import Person
from complaints.search.indexing import forget_terms
from complaints.services.act import Act, lock_act
from complaints.services.calls import EVERY, cancel_calls
from foundation.events import erase_payloads
from foundation.exceptions import Forbidden, Reason
from foundation.verbs import lock, require
from orders.services import erase_customers

logger = logging.getLogger(__name__)
Status, Kind = PrivacyRequest.Status, PrivacyRequest.Kind
# For so long the customer's links still say that everything was erased; they open nothing else.
LINKS_FOR = timedelta(days=30)
EMPTY: dict[str, Any] = {
    "description": "", "answers": {}, "order_text": "", "resolution": "", "contact_name": "", "contact_phone": "",
    "contact_phone_index": "", "contact_email": "", "contact_email_index": "", "contact_hours": "", "is_proven": False, "no_reply": True,
}  # fmt: skip
# Of the order as it stood, what the statistics need; number, waybills and everything else that leads to a person go.
KEPT_OF_ORDER = ("status", "currency", "total_fen", "freight_fen", "lines")


def register_eraser(erase: Callable[[Complaint, str], None]) -> None:
    """Let a floor above erase what it knows of people behind a complaint, in the same transaction; it gets the words to put instead."""
    _erasers.append(erase)


_erasers: list[Callable[[Complaint, str], None]] = []


def carry_out(request: PrivacyRequest, *, by: User | None) -> list[str]:
    """Erase everything of the person behind an approved request; returns the numbers of the complaints.

    ``RefusedError`` while one of them is open or held. Files and kept mails go after the commit; whatever a crash leaves of them,
    the search for files without a row takes away.
    """
    if by is not None:
        may = by.has_perm("complaints.run_privacy")
        require([] if may else [Forbidden("no_permission", gettext_lazy("Only an administrator carries this out."))])
    with transaction.atomic():
        person = Person.behind(request.complaint)
        for complaint in person.complaints():
            guards.lock_above("erase", complaint)
        complaints = list(person.complaints().select_for_update(no_key=True))
        require(_against_erasing(lock(request), person, complaints))
        erase_rows(complaints, list(person.customers().values_list("pk", flat=True)), by=by)
    return [complaint.number for complaint in complaints]


@transaction.atomic
def erase_rows(complaints: Collection[Complaint], customers: Collection[int], *, by: User | None) -> None:
    """Erase these complaints and customers, and note them in the list that is replayed after a restore."""
    addresses = {complaint.contact_email for complaint in complaints} - {""}
    paths = list(Attachment.objects.filter(complaint__in=complaints).values_list("path", flat=True))
    erase_customers(customers)
    for complaint in sorted(complaints, key=lambda each: each.pk):
        _erase_complaint(complaint, by=by)
    numbers = [complaint.number for complaint in complaints]
    # Before the commit: an erasure that is listed and did not happen is asked for again, one that happened must be listed.
    note_erasure(numbers, customers)
    logger.info("erased %s", ", ".join(numbers))
    transaction.on_commit(lambda: _remove_files(paths, addresses, numbers), robust=True)


def _erase_complaint(complaint: Complaint, *, by: User | None) -> None:
    act = lock_act(complaint, "erase", by=by)
    row = act.complaint
    if row.erased_at:
        return
    files = row.attachments.count()
    with override(row.language):
        words = _("Content erased")
    snapshot = {name: row.order_snapshot[name] for name in KEPT_OF_ORDER if name in row.order_snapshot}
    act.set(**EMPTY, subject=words, order_snapshot=snapshot, erased_at=act.at)
    _end_wishes(act)
    cancel_calls(act, EVERY, cause="erase")
    _erase_around(row, words)
    act.note("privacy.erased", codes={"messages": row.messages.count(), "files": files})
    act.finish()
    erase_payloads(Event, list(row.events.values_list("pk", flat=True)))


def _end_wishes(act: Act) -> None:
    """Every open wish about this complaint is done with it, whoever decided."""
    done = {"status": Status.DONE, "decided_at": Coalesce("decided_at", Value(act.at)), "done_at": act.at, "done_by": act.by}
    act.complaint.privacy_requests.filter(status__in=PrivacyRequest.OPEN).update(**done)


def _erase_around(complaint: Complaint, words: str) -> None:
    """Whatever hangs on the complaint."""
    complaint.attachments.all().delete()
    forget_terms([complaint.pk])
    Message.objects.filter(complaint=complaint).update(body=words, card=None)
    complaint.surveys.update(comment="")
    looks = complaint.follow_ups.filter(kind__in=FollowUp.LOOKS, done_at__isnull=True)
    looks.update(done_at=timezone.now(), outcome=FollowUp.Outcome.CANCELLED)
    complaint.outbox.filter(state=Outbox.State.QUEUED).update(state=Outbox.State.CANCELLED)
    complaint.outbox.update(values={}, error="")
    complaint.reply_drafts.all().delete()
    complaint.privacy_requests.update(words="", wanted="", answer="")
    complaint.holds.update(reason="")
    # The number must stay one of a kind, and no longer lead anywhere.
    complaint.external_records.update(external_no=Concat(Value("erased "), Cast("pk", CharField())), proof="")
    complaint.secret_links.update(contact_index="", expires_at=Least("expires_at", timezone.now() + LINKS_FOR))
    Draft.objects.filter(answers__filed=complaint.number).delete()
    for erase in _erasers:
        erase(complaint, words)


def _remove_files(paths: Collection[str], addresses: Collection[str], numbers: Collection[str]) -> None:
    for path in paths:
        delete_unshared(path)
    forget_letters(addresses, numbers)


def _against_erasing(request: PrivacyRequest, person: Person, complaints: Collection[Complaint]) -> list[Reason]:
    if request.kind != Kind.ERASURE or request.status != Status.APPROVED:
        return [Reason("not_approved", gettext_lazy("No manager has approved this."))]
    found = [_held(hold) for hold in person.holds().select_related("complaint")]
    found += [_open(complaint) for complaint in complaints if complaint.status in LIVE]
    return found + [reason for complaint in complaints for reason in guards.reasons_from_above("erase", complaint, None)]


def _held(hold: Any) -> Reason:
    text = gettext_lazy("%(number)s is held: %(reason)s")
    return Reason("held", text % {"number": hold.complaint.number, "reason": hold.reason}, gettext_lazy("A manager lifts the hold."))


def _open(complaint: Complaint) -> Reason:
    text = gettext_lazy("%(number)s is still being worked on.")
    return Reason("open", text % {"number": complaint.number}, gettext_lazy("End it first."))
