"""What becomes of notices that could not be delivered."""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints import access
from complaints.models import Outbox
from complaints.services.act import lock_act
from complaints.services.invitations import hear_delivery
from complaints.services.notices import MAX_AGE
from foundation.exceptions import Forbidden, Reason
from foundation.hints import hint
from foundation.leases import finish
from foundation.verbs import lock, require

MAY_HAVE_LEFT = "restored from a backup: it may have left before"


def record_sent(row: Outbox) -> bool:
    """Note that a notice has left, and with it in one transaction that what it asks is delivered. False: the row is not ours any more."""
    sent = {"state": Outbox.State.SENT, "sent_at": timezone.now(), "error": ""}
    if "survey" not in row.values:
        return finish(row, **sent)
    with transaction.atomic():
        # The complaint before its mail, as everywhere.
        act = lock_act(row.complaint, "delivery", by=None)
        is_ours = finish(row, **sent)
        if is_ours:
            hear_delivery(act, row)
            act.finish(raises_version=False)
    return is_ours


@transaction.atomic
def record_failure(row: Outbox) -> None:
    """Note on the complaint that the customer did not get a notice, so that somebody calls instead."""
    act = lock_act(row.complaint, "delivery", by=None)
    act.note("message.failed", codes={"outbox": row.pk, "node": row.node, "message": row.message_id})
    act.finish(raises_version=False)


@transaction.atomic
def retry_outbox(row: Outbox, *, by: User) -> Outbox:
    """Send a failed notice again, as the same message. Leads for their teams, administrators for all."""
    row = lock(row, "complaint")
    require(_against_retrying(row, by))
    now = timezone.now()
    row.state, row.next_at, row.expires_at, row.attempts, row.error = Outbox.State.QUEUED, now, now + MAX_AGE, 0, ""
    row.save(update_fields=["state", "next_at", "expires_at", "attempts", "error"])
    hint("complaints.relay")
    return row


def park_old_mail(*, made_before: datetime) -> int:
    """After a restore nobody knows whether old mail had left: it waits for a person, who may send it again. Returns how many rows."""
    rows = Outbox.objects.filter(state__in=[Outbox.State.QUEUED, Outbox.State.SENDING], created_at__lt=made_before)
    return rows.update(state=Outbox.State.DEAD, error=MAY_HAVE_LEFT, claimed_by="", fence=F("fence") + 1)


def _against_retrying(row: Outbox, by: User) -> list[Reason]:
    is_own = by.has_perm("accounts.configure") or access.can_see(by, row.complaint)
    if not (is_own and by.has_perm("complaints.retry_outbox")):
        return [Forbidden("no_permission", _("Your role does not include sending failed mail again."))]
    return [] if row.state == Outbox.State.DEAD else [Reason("state", _("This message has not failed."))]
