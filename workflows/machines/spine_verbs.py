"""What may be done with a case, C1 to C26: from where to where, who, what must hold, and what follows."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.machines import spine_clauses as clauses
from workflows.machines.spine_states import NEXT_AFTER_GRANT, PROPOSED_FROM, CaseState
from workflows.machines.table import Role, Verb

_S, _R = CaseState, Role
_NOTIFY = _("Tell the customer.")
_SEND_LABEL = _("Send the return address and the label.")
_WAREHOUSE = (_R.WAREHOUSE, _R.INTEGRATION)
_ENDED = (_S.COMPLETED, _S.REJECTED, _S.CANCELLED)
_GRANT = (
    _("The resolution becomes the current one."),
    _("Provisional liability."),
    _("Label or pickup, stock and refund are prepared in parallel."),
)
_UNDO = (
    _("Release pieces and stock."),
    _("Void refunds that were not sent, and the chain of approval."),
    _("Cancel parcels that are only expected."),
)

# fmt: off
VERBS = (
    Verb(
        "C1", "submit", pgettext_lazy("case", "Submit"),
        _("A closed period never refuses: the case is marked as out of the period and a person reviews it."),
        (_S.DRAFT,), (_S.SUBMITTED,), (_R.CUSTOMER, _R.AGENT, _R.INTEGRATION), clauses.SUBMIT,
        (
            _("Reserve the pieces."), _("Pin the versions of policy, procedure and texts."),
            _("Keep order, prices and addresses as they are now."),
            _("Record the digests of the evidence."), _("Start the legal clocks."),
        ),
        (_("Acknowledge at once."), _("Run the checks in parallel.")),
        args=("type", "reason", "units", "evidence"), scope="cases:create",
    ),
    Verb(
        "C2", "auto_approve", pgettext_lazy("case", "Approve automatically"), _("Published rules, signed by a person, grant the request."),
        (_S.SUBMITTED,), NEXT_AFTER_GRANT, (_R.SYSTEM,), clauses.AUTO_APPROVE,
        (_("Keep the trace of the rules."), *_GRANT), (_NOTIFY, _SEND_LABEL), money=True, gateable=True,
    ),
    Verb(
        "C3", "route_review", pgettext_lazy("case", "Hand to review"), _("A person looks at what the rules did not grant."),
        (_S.SUBMITTED,), (_S.IN_REVIEW,), (_R.SYSTEM,), clauses.ROUTE_REVIEW,
        (_("Open the review task and choose its assignee by skill and load."),), (_("Tell the assignee."),),
    ),
    Verb(
        "C4", "request_info", pgettext_lazy("case", "Ask for evidence"), _("The customer is asked for what is missing."),
        (_S.IN_REVIEW,), (_S.INFO_NEEDED,), (_R.AGENT,), clauses.REQUEST_INFO, (_("Pause the service clock."),), (_NOTIFY,),
        args=("items", "note"),
    ),
    Verb(
        "C5", "provide_info", pgettext_lazy("case", "Add evidence"), _("What was asked for is added."),
        (_S.INFO_NEEDED,), (_S.IN_REVIEW,), (_R.CUSTOMER, _R.AGENT), clauses.PROVIDE_INFO,
        (_("Append the evidence."), _("Let the service clock go on.")), (_("Tell the assignee."),), args=("items",),
    ),
    Verb(
        "C6", "info_timeout", pgettext_lazy("case", "No evidence came"), _("The review goes on with what is there."),
        (_S.INFO_NEEDED,), (_S.IN_REVIEW,), (_R.SYSTEM,), (clauses.CLOCK_RUNNING,), (_("Mark that no answer came."),),
        (_NOTIFY, _("Tell the assignee.")),
    ),
    Verb(
        "C7", "escalate", pgettext_lazy("case", "Ask for approval"),
        _("For amounts above one's authority and wherever policy, procedure or law ask for it: payment in advance, goodwill, "
          "out of the period, rejection within the legal period."),
        PROPOSED_FROM, (_S.PENDING_APPROVAL,), (_R.AGENT, _R.LEAD), clauses.ESCALATE,
        (_("Record the proposal as a revision."), _("Remember where it was proposed from."), _("Begin the chain of approval.")),
        (_("Tell the approvers."),), args=("proposal", "note"),
    ),
    Verb(
        "C8", "approve", pgettext_lazy("case", "Approve"), _("The request is granted within one's own authority."),
        (_S.IN_REVIEW,), NEXT_AFTER_GRANT, (_R.AGENT,), clauses.APPROVE, _GRANT, (_NOTIFY, _SEND_LABEL),
        args=("resolution", "override_reason"), money=True, gateable=True,
    ),
    Verb(
        "C9", "approve_senior", pgettext_lazy("case", "Approve as last signer"), _("The last signature of the chain grants the proposal."),
        (_S.PENDING_APPROVAL,), NEXT_AFTER_GRANT, (_R.LEAD, _R.MANAGER, _R.FINANCE), clauses.APPROVE_SENIOR, _GRANT, (_NOTIFY, _SEND_LABEL),
        args=("proposal_hash",), money=True, gateable=True,
    ),
    Verb(
        "C10", "send_back", pgettext_lazy("case", "Send back"), _("The proposal goes back to where it was made."),
        (_S.PENDING_APPROVAL,), PROPOSED_FROM, (_R.LEAD, _R.MANAGER, _R.FINANCE), clauses.SEND_BACK,
        (_("Void the chain of approval."),), (_("Tell the proposer."),), args=("note",),
    ),
    Verb(
        "C11", "reject", pgettext_lazy("case", "Reject"),
        _("A person refuses the request, with facts, reasons and basis. Never a machine."),
        (_S.IN_REVIEW, _S.PENDING_APPROVAL, _S.EXCEPTION), (_S.REJECTED,), (_R.AGENT, _R.LEAD, _R.MANAGER), clauses.REJECT,
        (
            _("Release pieces that were not paid back."), _("Void refunds that were not sent."), _("Release the stock."),
            _("Send the goods back if we hold them."),
        ),
        (_("Send facts, reasons, basis and the link to appeal."),), args=("reason", "rule_version", "evidence"), adverse=True,
        gateable=True,
    ),
    Verb(
        "C12", "withdraw", pgettext_lazy("case", "Withdraw"), _("The customer gives the request up."),
        (_S.DRAFT, _S.SUBMITTED, _S.IN_REVIEW, _S.INFO_NEEDED, _S.PENDING_APPROVAL, _S.AWAITING_RETURN), (_S.CANCELLED,),
        (_R.CUSTOMER, _R.AGENT), clauses.WITHDRAW, _UNDO, (_("Cancel the label."), _("Confirm it to the customer.")),
    ),
    Verb(
        "C13", "register_parcel", pgettext_lazy("case", "Register the parcel"), _("The number of the return parcel becomes known."),
        (_S.AWAITING_RETURN,), (_S.IN_TRANSIT,), (_R.CUSTOMER, _R.AGENT, _R.SYSTEM), clauses.REGISTER_PARCEL, (_("Record the parcel."),),
        (_("Follow the parcel with its carrier."), _("Announce it to the warehouse.")), args=("carrier", "waybill"), sets_goods_moving=True,
    ),
    Verb(
        "C14", "return_timeout", pgettext_lazy("case", "Nothing was sent back"), _("The case is withdrawn; a link resumes it."),
        (_S.AWAITING_RETURN,), (_S.CANCELLED,), (_R.SYSTEM,), clauses.RETURN_TIMEOUT, _UNDO, (_NOTIFY, _("Send the link that resumes it.")),
    ),
    Verb(
        "C15", "scan_in", pgettext_lazy("case", "Scan in"), _("The warehouse takes the parcel in."),
        (_S.AWAITING_RETURN, _S.IN_TRANSIT), (_S.RECEIVED,), _WAREHOUSE, clauses.SCAN_IN,
        (_("Record the time of arrival; the parcel counts as scanned."), _("Open the inspection task."),
        _("Start the legal clock of the refund.")),
        (_NOTIFY,), args=("waybill", "weight", "serials"), sets_goods_moving=True, scope="wms",
    ),
    Verb(
        "C16", "parcel_problem", pgettext_lazy("case", "Parcel problem"),
        _("The parcel is lost, refused, returning, damaged or without news."),
        (_S.IN_TRANSIT,), (_S.EXCEPTION,), (_R.SYSTEM, _R.WAREHOUSE, _R.AGENT), clauses.PARCEL_PROBLEM,
        (_("Open a recovery against the carrier."), _("Provisional liability.")), (_NOTIFY,), args=("problem", "events"),
        sets_goods_moving=True,
    ),
    Verb(
        "C17", "begin_inspection", pgettext_lazy("case", "Begin the inspection"), _("The inspector opens the parcel."),
        (_S.RECEIVED,), (_S.INSPECTING,), _WAREHOUSE, clauses.BEGIN_INSPECTION, gateable=True, scope="wms",
    ),
    Verb(
        "C18", "pass_inspection", pgettext_lazy("case", "Inspection passed"), _("Every piece is as it should be."),
        (_S.INSPECTING,), (_S.SETTLING,), _WAREHOUSE, clauses.PASS_INSPECTION,
        (_("Record where each piece goes."), _("Final liability."), _("Adjust and release the refund."), _("Release the outbound parcel.")),
        (_NOTIFY, _("Refund, outbound, restock, coupons, points and credit note run in parallel.")), args=("results",), gateable=True,
        scope="wms",
    ),
    Verb(
        "C19", "fail_inspection", pgettext_lazy("case", "Inspection failed"),
        _("A piece is wrong, used, damaged, missing or counterfeit, or the customer withdrew after shipping."),
        (_S.INSPECTING,), (_S.EXCEPTION,), _WAREHOUSE, clauses.FAIL_INSPECTION, (_("Record what differs."),),
        (_("Send the photos to the customer."),),
        args=("results", "photos"), scope="wms",
    ),
    Verb(
        "C20", "split", pgettext_lazy("case", "Split"),
        _("Missing or failed pieces become a case of their own with the same versions; the rest goes on now."),
        (_S.RECEIVED, _S.INSPECTING), (), _WAREHOUSE, clauses.SPLIT,
        (_("Make the new case with the remaining pieces."), _("Missing pieces wait for their return, failed ones for a decision."),
        _("Lower the refund here and create one there; the amount held stays the same.")),
        (_NOTIFY,), args=("units", "kind"), scope="wms",
    ),
    Verb(
        "C21", "resolve_exception", pgettext_lazy("case", "Decide the exception"),
        _("A decision: full, partial, changed, return the goods, or pay again."),
        (_S.EXCEPTION,), (_S.SETTLING,), (_R.LEAD, _R.FINANCE), clauses.RESOLVE_EXCEPTION,
        (_("The resolution becomes the current one."), _("Final liability."), _("Adjust the refund.")), (_NOTIFY,),
        args=("verdict", "resolution"), money=True, gateable=True,
    ),
    Verb(
        "C22", "resend_goods", pgettext_lazy("case", "Ask for the goods"), _("The customer still owes goods, or a lost parcel was found."),
        (_S.EXCEPTION,), (_S.AWAITING_RETURN, _S.IN_TRANSIT), (_R.LEAD, _R.SYSTEM), clauses.RESEND_GOODS,
        (_("Record a new parcel or take up the old one."), _("Start the clock.")), (_NOTIFY, _SEND_LABEL), args=("units",), gateable=True,
    ),
    Verb(
        "C23", "track_failed", pgettext_lazy("case", "A track failed"),
        _("A refund failed or came back, stock ran out, a repair is impossible, or the outbound parcel is lost."),
        (_S.SETTLING, _S.COMPLETED), (_S.EXCEPTION,), (_R.SYSTEM,), clauses.TRACK_FAILED,
        (_("Open the exception task with ranked remedies."),), (_("Tell the role that can help."),), args=("track",),
    ),
    Verb(
        "C24", "settle_done", pgettext_lazy("case", "Everything is done"), _("Every track that is owed has ended well."),
        (_S.SETTLING,), (_S.COMPLETED,), (_R.SYSTEM,), clauses.SETTLE_DONE,
        (_("Stop the clocks."), _("Hand the complaint back if no other case is open.")),
        (_NOTIFY, _("The survey follows when the complaint is resolved.")),
    ),
    Verb(
        "C25", "reopen", pgettext_lazy("case", "Open again"),
        _("The case is reviewed again: by a lead, by the customer who withdrew, or after an appeal."),
        _ENDED, (_S.IN_REVIEW,), (_R.LEAD, _R.CUSTOMER, _R.SYSTEM), clauses.REOPEN,
        (_("Begin a new revision."), _("Compute from the ledger what is still owed."), _("Reserve the pieces.")), (_NOTIFY,),
        args=("reason",),
        only_from=((_R.CUSTOMER, (_S.CANCELLED,)),),
    ),
    Verb(
        "C26", "archive", pgettext_lazy("case", "Archive"), _("Nothing can change any more."),
        _ENDED, (_S.CLOSED,), (_R.SYSTEM,), clauses.ARCHIVE, (_("Seal the root of the evidence."),),
    ),
)
# fmt: on
