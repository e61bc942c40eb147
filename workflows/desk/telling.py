"""The words for what happened to a case: on its own page, in the thread of its complaint, and on tasks."""

from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.models import Event
from workflows.machines import MACHINES
from workflows.machines.spine import SPINE
from workflows.models import Task
from workflows.money.desk import LABELS as OF_REFUNDS


def _say_verb(machine: Any, verb: Any) -> str:
    return gettext("%(thing)s: %(verb)s") % {"thing": machine.label, "verb": verb.label}


_of_verb = lazy(_say_verb, str)
# What is noted beside the verbs of the tables.
BESIDES = {
    "appeal.open": _("Appeal: opened"),
    "outbound.reserve": _("Goods to the customer: reserved"),
    "parcel.expect": _("Return parcel: expected"),
    "recovery.open": _("Recovery: opened"),
    "repair.take_in": _("Repair: taken in"),
    "task.opened": _("Task opened"),
    "task.ended": _("Task ended"),
    "approval.signed": _("Approval: one step signed"),
    "case.clock_over": _("After-sales case: the time of this stage is over"),
    "case.address_given": _("Return address given"),
    "case.clock_retried": _("A time that had stopped is tried again"),
    "case.goods_wanted_back": _("The customer wants the goods back"),
    "case.inspection_taken_over": _("Inspection taken over"),
    "case.scan_doubted": _("A scan is doubted"),
    "evidence.added": _("Evidence added"),
    "flow.migrated": _("Procedure changed to another version"),
    "flow.step_chosen": _("A way of the procedure was chosen"),
    "flow.step_finished": _("A step of the procedure was finished"),
    "flow.step_over": _("A step of the procedure ended"),
    "flow.step_skipped": _("A step of the procedure was skipped"),
    "outbound.choice_made": _("The customer chose what happens with a missing item"),
    "parcel.matched": _("Parcel without a case matched"),
    "parcel.problem_changed": _("Problem of the parcel changed"),
    "parcel.redirected": _("Parcel sent on to another warehouse"),
    "recovery.collected": _("Recovery collected"),
    "refund.answer_finance": _("Finance has an answer"),
    "refund.anomaly": _("Money that does not fit"),
    "refund.ask": _("The payment provider was asked"),
    "refund.ask_agent": _("Finance asks about a refund"),
    "refund.ask_lower": _("Finance asks for a lower refund"),
    "refund.ask_second": _("A second person was asked for"),
    "refund.bounced": _("Refund came back"),
    "refund.succeeded": _("Refund arrived"),
}
TITLES = {f"{machine.name}.{verb.name}": _of_verb(machine, verb) for machine in MACHINES for verb in machine.verbs} | BESIDES
TASKS = OF_REFUNDS | {
    "review": _("Review the request"),
    "inspect": _("Inspect the goods"),
    "resolve": _("Decide the exception"),
    "chase": _("Ask where the parcel is"),
    "merchant_consent": _("Ask for the shop's consent"),
    "return_address": _("Give a return address"),
    "appeal": _("Decide the appeal"),
    "recovery": _("Claim from the debtor"),
    "legal_deadline": _("A deadline of the law is near"),
    "overdue": _("A stage lasts too long"),
    "outbound_empty": _("Decide about an item that is out of stock"),
    "no_warehouse": _("Name a warehouse"),
    "pack": _("Pack the goods"),
    "repair": _("Repair the goods"),
    "outbound_failed": _("Goods to the customer failed"),
    "repair_failed": _("The item cannot be repaired"),
    "withdrawal": _("The customer wants the goods back"),
    "approve_lead": _("Sign as lead"),
    "approve_manager": _("Sign as manager"),
    "approve_finance": _("Sign as finance"),
}
# What says nothing that the rest of the history does not say.
SILENT = frozenset({"task.opened", "task.ended"})


def name_event(event: Event) -> str:
    return str(TITLES.get(event.kind, event.kind))


def name_task(task: Task) -> str:
    """A task by what is to be done; one of a state is named like the state."""
    known = TASKS.get(task.kind)
    return str(known) if known else next((str(state.label) for state in SPINE.states if state.name == task.kind), task.kind)
