"""What people and time do to the steps of a procedure: finish one by hand, choose where the facts do not, skip one, and let waits end."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints.clauses import against_touching
from foundation.exceptions import Forbidden, Reason
from foundation.sweeps import each_apart
from foundation.verbs import require, require_version
from workflows.flows import fold
from workflows.flows.facts import facts_of
from workflows.flows.gates import marking_of
from workflows.flows.standing import definition_of, phase_of, visit_of
from workflows.flows.tree import Approve, Auto, Choice, Loop, Node, Notify, Wait
from workflows.flows.tree import Task as Work
from workflows.machines.table import INCLUDES, Role
from workflows.models import Approval, Case, Step
from workflows.services.act import CaseAct, lock_act
from workflows.services.flow_book import REMINDER, FlowBook, next_moment

S = Step.Standing
ROUND = 50
PUT_OFF = timedelta(minutes=10)
LONGEST_REASON = 200
LEADS = frozenset({Role.LEAD, Role.MANAGER})
NO_SUCH_STEP = Reason("flow.no_such_step", _("This step is not open any more."), _("Look at the case as it is now."))


@transaction.atomic
def skip_step(step: Step, *, by: Any, reason: str, expected_version: int | None = None, request_id: str | None = None) -> Step:
    """Let a case go on without a step that holds it up. A lead does, and says why; it stands on the chain.

    ``step`` may be one that is still ahead, not saved. Approvals that the house itself demands cannot be skipped.
    Raises ``VersionConflictError``, ``NotAllowedError`` or ``RefusedError``.
    """
    act = lock_act(step.case, f"flow.skip.{step.key}.{step.round}", by=by, request_id=request_id)
    if act.is_replay:
        return step
    require_version(act.case, expected_version)
    require([*against_roles(act.case, act.roles, LEADS), *_against_reason(reason)])
    book, found, node = _take(act, step, ahead=True)
    require(_against_skipping(act.case, node))
    _end(act, book, found, standing=S.SKIPPED, reason=reason.strip())
    return found


@transaction.atomic
def choose_branch(step: Step, *, by: Any, outcome: str, expected_version: int | None = None, request_id: str | None = None) -> Step:
    """Decide a choice or a loop whose condition the facts leave open. Only branches that the facts do not exclude can be chosen."""
    act = lock_act(step.case, f"flow.choose.{step.key}.{step.round}", by=by, request_id=request_id)
    if act.is_replay:
        return step
    require_version(act.case, expected_version)
    require(against_roles(act.case, act.roles, LEADS))
    book, found, node = _take(act, step)
    require([] if outcome in open_outcomes(node, act.case) else [Reason("flow.no_such_branch", _("This branch cannot be chosen."))])
    _end(act, book, found, outcome=outcome)
    return found


@transaction.atomic
def finish_step(step: Step, *, by: Any, note: str = "", expected_version: int | None = None, request_id: str | None = None) -> Step:
    """Finish a task that has a form of its own; what was answered stands on the chain. Tasks that verbs finish are not done by hand."""
    act = lock_act(step.case, f"flow.finish.{step.key}.{step.round}", by=by, request_id=request_id)
    if act.is_replay:
        return step
    require_version(act.case, expected_version)
    book, found, node = _take(act, step)
    by_verb = Reason("flow.by_verb", _("This is done by carrying it out, not by hand."))
    require([] if isinstance(node, Work) and node.form else [by_verb])
    require([*against_roles(act.case, act.roles, holders_of(node)), *_against_reason(note)])
    _end(act, book, found, reason=note.strip())
    return found


def run_due_steps(*, limit: int = ROUND) -> int:
    """Send the reminders of waits and let those end whose time has come; returns how many steps moved.

    Each has its own transaction under the lock of its case; who holds that is at work there, and the next round comes soon.
    """
    due = Step.objects.filter(standing=S.OPEN, due_at__lte=Now()).order_by("due_at").values_list("pk", flat=True)
    return each_apart(list(due[:limit]), _run_due, put_off=_put_off)


def open_outcomes(node: Node | None, case: Case) -> tuple[str, ...]:
    """How a decision may come out by what is known now."""
    if isinstance(node, Choice):
        return fold.options(node, facts_of(case))
    return node.outcomes if isinstance(node, Loop) else ()


def node_of(step: Step, case: Case) -> Node | None:
    """What the procedure of a case says of an open step; None for one that the case has left behind."""
    tree = definition_of(case).phases.get(case.phase)
    is_here = (step.phase, step.visit) == (phase_of(case), visit_of(case))
    return tree.keyed.get(step.key) if tree is not None and is_here and step.standing == S.OPEN else None


def ways_with(step: Step, case: Case, roles: frozenset[str]) -> dict[str, list[Reason]]:
    """What people can do by hand with an open step, each with what speaks against it: skip, finish, choose."""
    node, leads = node_of(step, case), against_roles(case, roles, LEADS)
    if isinstance(node, Choice | Loop):
        return {"choose": leads}
    ways = {} if node is None or isinstance(node, Auto | Notify) else {"skip": leads or _against_skipping(case, node)}
    if isinstance(node, Work) and node.form:
        ways["finish"] = against_roles(case, roles, holders_of(node))
    return ways


def holders_of(node: Work) -> set[str]:
    """Who finishes a task by hand."""
    return {node.role or Role.AGENT, node.fallback}


@transaction.atomic
def _run_due(pk: int) -> bool:
    due = Step.objects.filter(pk=pk, standing=S.OPEN, due_at__lte=Now())
    case = Case.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(pk__in=due.values("case")).first()
    if case is None:
        return False
    act = lock_act(case, "flow.due", by=None)
    book = FlowBook(act)
    step = next((each for each in book.steps.values() if each.pk == pk and each.standing == S.OPEN), None)
    node = book.tree.keyed.get(step.key) if step and book.tree else None
    if not isinstance(node, Wait) or (step.phase, step.visit) != (case.phase, case.visit):
        return _forget(pk)
    _remind(book, step, node) if step.codes.get("reminded", 0) < len(node.remind) else _run_out(act, book, step, node)
    book.settle()
    book.write()
    act.finish()
    return True


def _remind(book: FlowBook, step: Step, node: Wait) -> None:
    step.codes = step.codes | {"reminded": step.codes.get("reminded", 0) + 1}
    step.due_at = next_moment(node, step)
    book.touch(step)
    book.tell(node.notice or REMINDER, "customer", step)


def _run_out(act: CaseAct, book: FlowBook, step: Step, node: Wait) -> None:
    """A timer is over, or what was waited for did not come."""
    outcome = "" if node.timer else fold.TIMED_OUT
    book.end(step, outcome=outcome)
    act.note("flow.step_over", codes=_codes(step) | {"outcome": outcome or "timer"})


def _forget(pk: int) -> bool:
    """The step is not one that time moves (any more)."""
    Step.objects.filter(pk=pk).update(due_at=None)
    return False


def _put_off(pk: int) -> None:
    Step.objects.filter(pk=pk, standing=S.OPEN).update(due_at=Now() + PUT_OFF)


# -- what the verbs of steps have in common


def _take(act: CaseAct, step: Step, *, ahead: bool = False) -> tuple[FlowBook, Step, Node]:
    """The step as it is under the lock, with its node. One that is ``ahead`` counts if it holds up a verb already."""
    book = FlowBook(act)
    here = (phase_of(act.case), visit_of(act.case))
    place = (step.phase, step.visit, step.key, step.round)
    found = book.steps.get(place)
    node = book.tree.keyed.get(step.key) if book.tree else None
    is_open = found is not None and found.standing == S.OPEN
    if not is_open and ahead and _is_gate(act.case, step):
        found = book.add(Step(case=act.case, phase=step.phase, visit=step.visit, key=step.key, round=step.round, opened_at=act.at))
        is_open = True
    require([] if node is not None and is_open and here == (step.phase, step.visit) else [NO_SUCH_STEP])
    return book, found, node


def _is_gate(case: Case, step: Step) -> bool:
    marking = marking_of(case)
    return marking is not None and any((gate.key, gate.round) == (step.key, step.round) for gate in marking.gates)


def _end(act: CaseAct, book: FlowBook, step: Step, *, standing: str = S.DONE, outcome: str = "", reason: str = "") -> None:
    book.end(step, standing, outcome=outcome, reason=reason)
    kind = {S.SKIPPED: "flow.step_skipped"}.get(standing, "flow.step_chosen" if outcome else "flow.step_finished")
    act.note(kind, codes=_codes(step) | ({"outcome": outcome} if outcome else {}), payload={"reason": reason} if reason else None)
    book.settle()
    book.write()
    act.finish()


def _codes(step: Step) -> dict[str, Any]:
    return {"case": step.case_id, "phase": step.phase, "visit": step.visit, "step": step.key, "round": step.round}


def against_roles(case: Case, roles: frozenset[str], wanted: Collection[str]) -> list[Reason]:
    """Who may, on a complaint that may still be written on."""
    acting = roles.union(*(INCLUDES.get(role, ()) for role in roles))
    if acting & set(wanted):
        return against_touching(case.complaint)
    names = ",".join(sorted(role for role in wanted if role))
    return [Forbidden("not_your_role", _only(names))]


def _say_only(names: str) -> str:
    return gettext("Only these may do this: %(roles)s.") % {"roles": ", ".join(str(Role(name).label) for name in names.split(","))}


_only = lazy(_say_only, str)


def _against_reason(text: str) -> list[Reason]:
    if 0 < len(text.strip()) <= LONGEST_REASON:
        return []
    return [Reason("reason_missing", _("Say in at most 200 characters why."))]


def _against_skipping(case: Case, node: Node) -> list[Reason]:
    """Checks, notices and decisions are no gates of people; and what policy or law wants signed is signed."""
    if isinstance(node, Auto | Notify | Choice | Loop):
        return [Reason("flow.not_skippable", _("A step of the system cannot be skipped."))]
    if isinstance(node, Approve) and _is_demanded(case):
        return [Reason("flow.approval_demanded", _("Policy or law demands this approval."), _("Ask for the signatures."))]
    return []


def _is_demanded(case: Case) -> bool:
    chain = Approval.objects.filter(case=case, resolution__isnull=False, state__in=["pending", "expired"])
    return bool(case.policy.approvers) or case.is_out_of_window or case.policy.type == "advance_payout" or chain.exists()
