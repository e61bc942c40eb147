"""What a customer does about their case, each act the service that stands behind it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from complaints.models import Message
from complaints.services import post_customer_message
from foundation.exceptions import Reason, RefusedError
from foundation.verbs import lock
from workflows.models import Appeal, Case, Outbound, Repair
from workflows.portal.rows import LIVE_APPEALS
from workflows.services.appeals import open_appeal, withdraw_appeal
from workflows.services.repairs import accept_quote, decline_quote
from workflows.services.returning import ask_for_goods_back, attach_parcel, register_parcel
from workflows.services.review import provide_evidence, withdraw_case
from workflows.services.settling import reopen_case


@dataclass(frozen=True)
class Said:
    """What came with an act: words, files that wait, the fields of its form, and what keeps a double tap one act."""

    words: str = ""
    files: tuple[int, ...] = ()
    fields: Mapping[str, Any] | None = None
    version: int | None = None
    request_id: str | None = None

    @property
    def how(self) -> dict[str, Any]:
        return {"as_customer": True, "expected_version": self.version, "request_id": self.request_id}


@transaction.atomic
def add_evidence(case: Case, said: Said) -> None:
    """Put what was asked for on the complaint, and let the review go on with it."""
    lock(case)  # a case is locked before its complaint
    message = _say(case, said)
    items = [message.pk, *said.files]
    provide_evidence(case, items=items, **said.how)


def add_to_appeal(case: Case, said: Said) -> None:
    """Words and files for whoever decides the appeal; they stand with the complaint."""
    _open_appeal_of(case)
    _say(case, said)


def _say(case: Case, said: Said) -> Message:
    part = f"{said.request_id}:m" if said.request_id else None
    return post_customer_message(case.complaint, body=said.words, attachments=said.files, request_id=part)


def send_waybill(case: Case, said: Said) -> None:
    register_parcel(case, carrier=said.fields["carrier"], waybill=said.fields["waybill"], **said.how)


def share_parcel(case: Case, said: Said) -> None:
    attach_parcel(case, waybill=said.fields["waybill"], **said.how)


def withdraw(case: Case, said: Said) -> None:
    withdraw_case(case, **said.how)


def resume(case: Case, said: Said) -> None:
    reopen_case(case, **said.how)


def appeal(case: Case, said: Said) -> None:
    open_appeal(case, words=said.words, request_id=said.request_id)


def give_up_appeal(case: Case, said: Said) -> None:
    withdraw_appeal(_open_appeal_of(case), as_customer=True, request_id=said.request_id)


def _open_appeal_of(case: Case) -> Appeal:
    live = case.appeals.filter(state__in=LIVE_APPEALS).first()
    if live is None:
        raise RefusedError([_gone()])
    return live


def want_back(case: Case, said: Said) -> None:
    ask_for_goods_back(case, as_customer=True, request_id=said.request_id)


def accept(case: Case, said: Said) -> None:
    accept_quote(_quoted(case), amount_fen=said.fields["amount"], as_customer=True, request_id=said.request_id)


def decline(case: Case, said: Said) -> None:
    decline_quote(_quoted(case), as_customer=True, request_id=said.request_id)


def _quoted(case: Case) -> Repair:
    found = Repair.objects.filter(claim__case=case, state="quote_pending").order_by("pk").first()
    if found is None:
        raise RefusedError([_gone()])
    return found


CHOICES = {
    "wait": _("I wait until it is there again."),
    "other": _("I would like another item instead."),
    "refund": _("I would like my money back."),
}


def choose(case: Case, said: Said) -> None:
    """Say what shall come in the place of goods that have run out; the person who decides reads it as the customer's own words."""
    if not Outbound.objects.filter(case=case, state="out_of_stock").exists():
        raise RefusedError([_gone()])
    choice = str(CHOICES[said.fields["choice"]])
    words = f"{choice}\n{said.words}" if said.words else choice
    post_customer_message(case.complaint, body=words, request_id=said.request_id)


def _gone() -> Reason:
    return Reason("state", _("This was settled meanwhile."), _("See below where it stands now."))


ACTS: dict[str, Callable[[Case, Said], None]] = {
    "evidence": add_evidence,
    "appeal-evidence": add_to_appeal,
    "waybill": send_waybill,
    "share": share_parcel,
    "withdraw": withdraw,
    "resume": resume,
    "appeal": appeal,
    "withdraw-appeal": give_up_appeal,
    "keep": want_back,
    "accept": accept,
    "decline": decline,
    "choose": choose,
}
