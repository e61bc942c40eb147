"""The refund: money moves once, under one key, and what is unknown is never called failed."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines.table import Clause, Machine, Role, State, Verb


class RefundState(TextChoices):
    PENDING_APPROVAL = "pending_approval", pgettext_lazy("refund", "Pending approval")
    ARMED = "armed", pgettext_lazy("refund", "Approved, waiting for release")
    QUEUED = "queued", pgettext_lazy("refund", "Queued")
    SUBMITTING = "submitting", pgettext_lazy("refund", "Being sent")
    PROCESSING = "processing", pgettext_lazy("refund", "Under way")
    UNKNOWN = "unknown", pgettext_lazy("refund", "Answer unknown")
    SUCCEEDED = "succeeded", pgettext_lazy("refund", "Paid back")
    FAILED = "failed", pgettext_lazy("refund", "Declined")
    BOUNCED = "bounced", pgettext_lazy("refund", "Came back")
    VOIDED = "voided", pgettext_lazy("refund", "Voided")


_S, _R = RefundState, Role
_BEING_PREPARED = _("Refund being prepared")
_UNDER_WAY = _("Refund under way")
_WE_CARE = _("The refund needs our attention; we contact you")
STATES = (
    State(_S.PENDING_APPROVAL, _BEING_PREPARED),
    State(_S.ARMED, _BEING_PREPARED),
    State(_S.QUEUED, _UNDER_WAY),
    State(_S.SUBMITTING, _UNDER_WAY),
    State(_S.PROCESSING, _UNDER_WAY),
    State(_S.UNKNOWN, _("Refund sent, confirming with the payment provider")),
    State(_S.SUCCEEDED, _("Refund of {amount} paid back")),
    State(_S.FAILED, _WE_CARE),
    State(_S.BOUNCED, _WE_CARE),
    State(_S.VOIDED, _("This refund was not carried out")),
)
UNSENT = (_S.PENDING_APPROVAL, _S.ARMED)
_SENT = (_S.SUBMITTING, _S.PROCESSING, _S.UNKNOWN)
_QUERY = _("Ask the payment provider.")
_UNPROVEN = Clause("answer_unproven", _("The answer of the payment provider is not proven."), _QUERY)
_ASKED_TOO_EARLY = Clause("asked_too_early", _("The payment provider was asked too soon after the last try."), _("Ask again later."))
_FROZEN = Clause("payment_frozen", _("The payment is frozen after an anomaly."), _("Finance lifts the freeze with a reason."))
_HASH = Clause("proposal_changed", _("The proposal has changed since it was signed."), _("Send it back and have it signed anew."))
_NOT_ENTITLED = Clause("above_entitlement", _("The amount is more than is owed now."), _("Adjust the amount."))
_RELEASE_HELD = _("The amount is held no longer.")

# fmt: off
VERBS = (
    Verb(
        "R1", "create", pgettext_lazy("refund", "Create"), _("Holds the amount and fixes the number under which it will ever be paid."),
        (), (_S.PENDING_APPROVAL,), (_R.SYSTEM, _R.AGENT),
        (
            Clause("already_created", _("There is a refund for this already."), _("Work on that refund.")),
            Clause("payment_exhausted", _("The payment does not hold this amount any more."),
            _("Choose another payment or a smaller amount.")),
            _FROZEN,
        ),
        (_("Hold the amount."), _("Fix the refund number for ever.")), args=("payment", "purpose", "amount", "lines"), money=True,
    ),
    Verb(
        "R2", "authorise", pgettext_lazy("refund", "Authorise"),
        _("The system only up to the automatic limit; a compensation within what the proposer may still grant."),
        (_S.PENDING_APPROVAL,), (_S.ARMED,), (_R.FINANCE, _R.SYSTEM),
        (
            Clause("own_refund", _("You created this refund or work on its case."), _("A colleague authorises it."), forbids=True),
            Clause("above_limit", _("The amount is above the cumulative limit."), _("A second person authorises it.")),
            _HASH,
        ),
        args=("proposal_hash",), money=True,
    ),
    Verb(
        "R3", "void", pgettext_lazy("refund", "Void"), _("Before anything was sent. Finance refuses with a reason."),
        UNSENT, (_S.VOIDED,), (_R.FINANCE, _R.SYSTEM),
        (Clause("void_reason_missing", _("No reason is given."), _("Write the reason.")),),
        (_RELEASE_HELD, _("A refusal opens a task of the lead, and stops the case if it is settling (C23).")), args=("reason",), money=True,
    ),
    Verb(
        "R4", "reprice", pgettext_lazy("refund", "Adjust the amount"),
        _("The amount follows the resolution. It stays approved only if it is lower by consent or split and the policy allows that."),
        UNSENT, UNSENT, (_R.SYSTEM, _R.LEAD),
        (Clause("payment_exhausted", _("The payment does not hold this amount any more."),
        _("Choose another payment or a smaller amount.")),),
        (_("Adjust the amount held."),), args=("amount", "cause"), money=True, never=((_S.PENDING_APPROVAL, _S.ARMED),),
    ),
    Verb(
        "R5", "trigger", pgettext_lazy("refund", "Release"), _("What the policy waits for has happened."),
        (_S.ARMED,), (_S.QUEUED,), (_R.SYSTEM,),
        (
            Clause("not_released", _("What the policy waits for has not happened yet."), _("Wait for the goods or the inspection.")),
            _NOT_ENTITLED,
            _FROZEN,
        ),
        money=True,
    ),
    Verb(
        "R6", "claim", pgettext_lazy("refund", "Take up"),
        _("A worker takes it for two minutes; this is committed before anything is sent."),
        (_S.QUEUED,), (_S.SUBMITTING,), (_R.SYSTEM,), effects=(_("Record the try and its lease."),), after=(_("Send the request."),),
        money=True,
    ),
    Verb(
        "R7", "accept", pgettext_lazy("refund", "Accepted"), _("Accepted is not success."),
        (_S.SUBMITTING,), (_S.PROCESSING,), (_R.SYSTEM,), (_UNPROVEN,), (_("Ask again after 1, 5, 10, 20 and 30 minutes."),), money=True,
    ),
    Verb(
        "R8", "mark_paid", pgettext_lazy("refund", "Paid"), _("From declined only after a verified query, and with an anomaly."),
        (*_SENT, _S.FAILED), (_S.SUCCEEDED,), (_R.SYSTEM,),
        (Clause("amount_differs", _("Amount or currency differ from the refund."), _("Finance looks into it.")), _UNPROVEN),
        (_("What was held is now refunded."), _("Write the ledger.")), (_("Tell the customer."),), args=("amount", "currency"), money=True,
    ),
    Verb(
        "R9", "mark_unknown", pgettext_lazy("refund", "No clear answer"),
        _("Time-out, broken connection, server error, bad signature, unreadable or unlisted answer, or the lease is over."),
        (_S.SUBMITTING,), (_S.UNKNOWN,), (_R.SYSTEM,), after=(_QUERY,), args=("cause",), money=True,
    ),
    Verb(
        "R10", "mark_absent", pgettext_lazy("refund", "Never arrived"),
        _("The provider knows no such refund; it is sent again under the same number."),
        (_S.UNKNOWN,), (_S.QUEUED,), (_R.SYSTEM, _R.FINANCE),
        (
            Clause("not_absent", _("The payment provider has not said that it knows no such refund."), _QUERY),
            _ASKED_TOO_EARLY,
            Clause("definitive_code", _("A definitive answer is already there."), _("Decide by that answer.")),
            Clause("key_expired", _("After the number has lost its protection two people of finance decide."), _("Ask a colleague."),
            forbids=True),
        ),
        args=("second_person",), money=True,
    ),
    Verb(
        "R11", "mark_processing", pgettext_lazy("refund", "Found under way"), _("The query says that it is under way."),
        (_S.UNKNOWN,), (_S.PROCESSING,), (_R.SYSTEM,), (_UNPROVEN,), money=True,
    ),
    Verb(
        "R12", "mark_declined", pgettext_lazy("refund", "Declined"), _("Only for answers that are listed as final."),
        _SENT, (_S.FAILED,), (_R.SYSTEM,),
        (
            Clause("code_not_final", _("This answer is not listed as final."), _QUERY),
            Clause("reply_unauthenticated", _("The answer was not authenticated."),
            _("A query must show that it is neither paid nor under way.")),
        ),
        (_("Open a task of finance."),), args=("code",), money=True,
    ),
    Verb(
        "R13", "mark_bounced", pgettext_lazy("refund", "Money came back"), _("A dead card, or a failure after success."),
        (*_SENT, _S.SUCCEEDED), (_S.BOUNCED,), (_R.SYSTEM,), (_UNPROVEN,),
        (_("What was refunded is held again, with a reversing entry in the ledger."), _("Open a task of finance.")), args=("code",),
        money=True,
    ),
    Verb(
        "R14", "retry_same_key", pgettext_lazy("refund", "Send again"), _("Under the same number."),
        (_S.FAILED, _S.BOUNCED), (_S.QUEUED,), (_R.FINANCE,),
        (
            Clause("cause_missing", _("The cause is not recorded."), _("Record the cause.")),
            Clause("cannot_repay", _("The provider cannot pay this again under the same number."), _("Prove it unpaid and close it.")),
        ),
        args=("cause",), money=True,
    ),
    Verb(
        "R15", "close_unpaid", pgettext_lazy("refund", "Close as unpaid"), _("Two people of finance; only then may a new refund exist."),
        (_S.FAILED, _S.BOUNCED), (_S.VOIDED,), (_R.FINANCE,),
        (
            Clause("second_person_missing", _("Two people of finance close this."), _("Ask a colleague."), forbids=True),
            Clause("unpaid_unproven", _("Two queries ten minutes apart have not proven it unpaid."), _QUERY),
            Clause("may_still_land", _("The last request may still arrive."), _("Wait until it can no longer arrive.")),
        ),
        (_RELEASE_HELD,), args=("second_person",), money=True,
    ),
)
# fmt: on

REFUND = Machine(
    name="refund",
    label=_("Refund"),
    help=_("One refund of one payment: held, approved, released, sent once, and proven."),
    states=STATES,
    verbs=VERBS,
    start=_S.PENDING_APPROVAL,
    terminals=(_S.SUCCEEDED, _S.VOIDED),
    satisfied=(_S.SUCCEEDED,),
    declared_in="workflows/machines/refund.py",
    rules=(
        _("The amount stays held until the refund is paid back or voided."),
        _("Declined, come back, unknown for 30 minutes and under way for 7 days each open a task of finance."),
        _(
            "An absent answer while it is under way, or money for a voided refund, changes no state: "
            "it opens an anomaly and freezes the payment."
        ),
        _("After the case is archived finance works on the refund alone."),
    ),
)
