"""What speaks against a verb of the case: one clause for each condition, with the words and the cure."""

from django.utils.translation import gettext_lazy as _

from workflows.machines.table import Clause

STEP_PENDING = Clause(
    "flow.step_pending", _("A step of the procedure is not finished yet."), _("Finish that step; a lead can skip it with a reason.")
)
ABOVE_AUTHORITY = Clause("above_authority", _("The amount is more than you may still grant."), _("Ask for approval."))
CLOCK_RUNNING = Clause("clock_running", _("The time for this is not over yet."), _("Wait until the time is over."))
APPEAL_OPEN = Clause("appeal_open", _("An appeal is open."), _("Decide the appeal first."))
REQUEST_MISSING = Clause("request_missing", _("No request of the customer is recorded."), _("Record how the customer asked for it."))

SUBMIT = (
    Clause("not_own_order", _("This order belongs to somebody else."), _("Choose one of your own orders.")),
    Clause("not_paid", _("This order has not been paid."), _("Pay or cancel the order.")),
    Clause("type_unknown", _("This kind of request or this reason is not offered for the item."), _("Choose another kind or reason.")),
    Clause("evidence_missing", _("This reason needs a picture or a file."), _("Add what is asked for.")),
    Clause("no_quantity", _("Choose at least one piece."), _("Enter a number.")),
    Clause("units_taken", _("These pieces are already part of another request."), _("Continue that request, or withdraw it.")),
    REQUEST_MISSING,
)
AUTO_APPROVE = (
    Clause("check_open", _("A check failed or gave no answer."), _("A person reviews the request.")),
    Clause("window_closed", _("The time for this kind of request is over."), _("A person reviews the request.")),
    Clause("above_auto_limit", _("The amount is above the limit for automatic approval."), _("A person reviews the request.")),
    Clause("risk_not_low", _("The risk is not low."), _("A person reviews the request.")),
    Clause("policy_unsigned", _("Nobody has signed this version of the rules."), _("A manager signs it.")),
    Clause("input_generated", _("A suggestion made by a language model is among the facts."), _("A person reviews the request.")),
    STEP_PENDING,
)
ROUTE_REVIEW = (Clause("checks_running", _("The checks are still running."), _("Wait: one minute at most.")),)
REQUEST_INFO = (
    Clause("asked_twice", _("The customer has been asked twice already."), _("Decide with what is there, or ask for approval.")),
    Clause("nothing_named", _("It is not said what is missing."), _("Name what the customer should add.")),
)
PROVIDE_INFO = (Clause("nothing_added", _("Nothing was added."), _("Add at least one of the things asked for.")), REQUEST_MISSING)
ESCALATE = (
    Clause("proposal_incomplete", _("The proposal is not complete."), _("Fill in units, amount and reason.")),
    Clause("no_approval_needed", _("This does not need approval."), _("Decide it yourself.")),
)
APPROVE = (
    Clause("not_eligible", _("The rules do not provide for this request."), _("Give a reason for the exception.")),
    ABOVE_AUTHORITY,
    Clause("own_case", _("You are the customer or receive the money here."), _("A colleague decides."), forbids=True),
    STEP_PENDING,
)
APPROVE_SENIOR = (
    Clause("not_a_grant", _("The proposal does not grant anything."), _("Reject, or send it back.")),
    Clause("chain_open", _("Not everybody has signed yet."), _("Wait for the signatures.")),
    Clause("own_proposal", _("Nobody signs their own proposal."), _("A colleague signs."), forbids=True),
    Clause("proposal_changed", _("The proposal has changed since it was signed."), _("Send it back and have it signed anew.")),
    STEP_PENDING,
)
SEND_BACK = (Clause("note_missing", _("It is not said why."), _("Write a note for the proposer.")),)
REJECT = (
    Clause("reason_missing", _("No reason is chosen."), _("Choose the reason of the rejection.")),
    Clause("rule_missing", _("It is not said which rule applies."), _("Name the rule and its version.")),
    Clause("facts_missing", _("No evidence is named."), _("Choose the evidence that shows the facts.")),
    Clause("second_person", _("Within the legal period a second person decides."), _("Propose the rejection for approval.")),
    Clause("refund_sent", _("A refund is on its way."), _("Wait until it has succeeded or been closed.")),
    APPEAL_OPEN,
    STEP_PENDING,
)
WITHDRAW = (
    Clause("goods_moved", _("The parcel is already on its way."), _("It will be checked, and the goods are sent back to you.")),
    Clause("refund_sent", _("A refund is on its way."), _("Wait until it has succeeded or been closed.")),
    REQUEST_MISSING,
)
REGISTER_PARCEL = (
    Clause("waybill_malformed", _("This is not a number of the chosen carrier."), _("Check the number and the carrier.")),
    Clause("waybill_taken", _("This number is already used for another request."), _("Attach the parcel to both requests.")),
    Clause("address_not_given", _("The return address has not been given yet."), _("We send it to you first.")),
    REQUEST_MISSING,
)
RETURN_TIMEOUT = (
    CLOCK_RUNNING,
    Clause("carrier_scanned", _("The carrier already has the parcel."), _("Wait for the parcel.")),
    Clause("address_late", _("The return address was not given in time."), _("Give the address; the time starts anew.")),
)
SCAN_IN = (
    Clause(
        "no_single_parcel",
        _("The number fits no expected parcel, or more than one."),
        _("Choose the parcel, or put it with the unclaimed ones."),
    ),
)
PARCEL_PROBLEM = (Clause("no_problem_seen", _("The carrier's events show no problem."), _("Choose the events that show it.")),)
BEGIN_INSPECTION = (
    Clause("not_your_task", _("Somebody else inspects this parcel."), _("Take over the task first."), forbids=True),
    STEP_PENDING,
)
PASS_INSPECTION = (
    Clause(
        "unit_unrecorded", _("A piece has no result yet, or has not passed."), _("Record number, grade, serial and photos of each piece.")
    ),
    Clause("remainder_inside", _("Missing or failed pieces are still part of this case."), _("Split them off first.")),
    STEP_PENDING,
)
FAIL_INSPECTION = (
    Clause(
        "nothing_wrong", _("No piece is wrong, used, damaged, missing or counterfeit, and nobody withdrew."), _("Let the inspection pass.")
    ),
    Clause("photos_missing", _("A failed piece has no photo."), _("Take a photo of each failed piece.")),
)
SPLIT = (Clause("no_remainder", _("Some pieces must stay and some must go."), _("Choose fewer pieces, but at least one.")),)
RESOLVE_EXCEPTION = (
    Clause("verdict_unknown", _("No decision is chosen."), _("Choose: full, partial, changed, return the goods, or pay again.")),
    ABOVE_AUTHORITY,
    Clause("goods_owed", _("The customer still has to send something."), _("Ask for the goods instead.")),
    Clause(
        "consent_missing",
        _("A partial solution needs consent, or leaves the appeal open."),
        _("Ask the customer, or keep the appeal open."),
    ),
    STEP_PENDING,
    Clause("not_a_payment", _("It was not only a payment that failed."), _("A lead decides the exception.")),
    Clause("finance_pays_only", _("Finance may only decide to pay again."), _("A lead decides this."), forbids=True),
)
RESEND_GOODS = (
    Clause("nothing_owed", _("The customer owes no goods."), _("Decide the exception.")),
    STEP_PENDING,
    Clause("no_parcel_found", _("No lost parcel was found."), _("A lead decides this."), forbids=True),
)
TRACK_FAILED = (
    Clause("no_track_failed", _("Nothing has failed that is still owed."), _("Wait for the tracks.")),
    Clause("only_bounced", _("After completion only money that came back opens the case again."), _("Open the case again as a lead.")),
)
SETTLE_DONE = (Clause("track_open", _("Something that is owed is not finished yet."), _("Wait for the tracks.")),)
REOPEN = (
    Clause("window_over", _("The time to open this again is over."), _("Make a new request.")),
    Clause("appeal_not_upheld", _("No appeal was upheld."), _("A lead can open the case again."), forbids=True),
)
ARCHIVE = (
    CLOCK_RUNNING,
    APPEAL_OPEN,
    Clause(
        "track_unfinished", _("A track is not finished, or a recovery is still ours."), _("Finish it, or hand the recovery to finance.")
    ),
)
