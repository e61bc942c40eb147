"""The steps of a case while a verb is carried out: read once, followed to the point where nothing more follows, written at the end."""

from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.models import User
from complaints.services.notices import NODES
from workflows.flows import fold
from workflows.flows.conditions import Facts, rows_of
from workflows.flows.facts import facts_of
from workflows.flows.gates import SIGNED_BY
from workflows.flows.standing import as_read, definition_of
from workflows.flows.tree import DECIDER, Approve, Auto, Choice, Leaf, Loop, Node, Notify, Phase, Wait
from workflows.flows.tree import Task as Work
from workflows.machines.table import INCLUDES, Role
from workflows.models import CheckResult, Step, Task

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

S = Step.Standing
USUAL = timedelta(hours=24)
TO_CHOOSE = "choose"
CHOICE_SLA = timedelta(hours=8)
REMINDER = "case_reminder"
ENDINGS = {S.DONE: Task.Outcome.DONE, S.SKIPPED: Task.Outcome.SKIPPED, S.CANCELLED: Task.Outcome.CANCELLED}
Place = tuple[str, int, str, int]


class FlowBook:
    """Steps by phase, visit, key and round. Only what is open and what belongs to the present visit is read.

    An approval has no task of its own: its signatures are part of the chain of the case, which asks for them.
    """

    def __init__(self, act: "CaseAct") -> None:
        self.act, self.case = act, act.case
        here = Q(standing=S.OPEN) | Q(phase=self.case.phase, visit=self.case.visit)
        self.steps = {_place(step): step for step in Step.objects.filter(here, case=self.case).order_by("pk")}
        self._touched: dict[Place, Step] = {}

    @property
    def tree(self) -> Phase | None:
        return definition_of(self.case).phases.get(self.case.phase)

    @cached_property
    def facts(self) -> Facts:
        return facts_of(self.case)

    @cached_property
    def answered(self) -> frozenset[str]:
        """The checks of this visit that gave an answer."""
        rows = CheckResult.objects.filter(case=self.case, visit=self.case.visit)
        return frozenset(rows.values_list("check_code", flat=True))

    def catch_up(self) -> None:
        """Checks that were answered since the last verb are made, and what they led to has come up."""
        if self._end_answered():
            self.settle()

    def close(self, verb: str) -> None:
        """End the open steps of the phase that the case was in when the verb was carried out."""
        for step, node in self._open_here():
            if _is_ended_by(node, verb):
                self.end(step)

    def enter(self, phase: str) -> None:
        """A phase that is entered from another one begins a new visit; what was open in the old one is not needed any more."""
        if phase == self.case.phase:
            return
        visit = self.case.visit + 1 if self.case.phase else self.case.visit
        self.act.set(phase=phase, visit=visit)
        for name in ("facts", "answered"):
            self.__dict__.pop(name, None)

    def settle(self) -> None:
        """Open and cancel steps until nothing more follows. Checks that were answered already do not wait."""
        tree = self.tree
        if tree is None:
            for step in [step for step in self.steps.values() if step.standing == S.OPEN]:
                self.end(step, S.CANCELLED)
            return
        for _pass in range(tree.places + 1):
            moves = fold.advance(tree, map(as_read, self.steps.values()), self.facts, visit=self.case.visit)
            for each in moves.cancel:
                self.end(self.steps[(each.phase, each.visit, each.key, each.round)], S.CANCELLED)
            for each in moves.create:
                self._begin(each, tree.keyed[each.key])
            if not self._end_answered():
                break

    def end(self, step: Step, standing: str = S.DONE, *, outcome: str = "", reason: str = "") -> None:
        """End a step and the task that stands for it."""
        step.standing, step.ended_at = standing, self.act.at
        if outcome:
            step.outcome = outcome
        self._touched[_place(step)] = step
        self.act.tasks.close(keys=(step.key,), outcome=ENDINGS[standing], reason=reason)

    def touch(self, step: Step) -> None:
        self._touched[_place(step)] = step

    def add(self, step: Step) -> Step:
        """A step that was not reached yet and is ended ahead."""
        return self.steps.setdefault(_place(step), step)

    def write(self) -> None:
        """Save what was opened, changed and ended."""
        fresh = [step for step in self._touched.values() if step.pk is None]
        Step.objects.bulk_create(fresh)
        known = [step for step in self._touched.values() if step not in fresh]
        Step.objects.bulk_update(known, ["standing", "outcome", "codes", "due_at", "opened_at", "ended_at"])

    # -- opening

    def _begin(self, each: fold.Step, node: Node) -> None:
        place = (each.phase, each.visit, each.key, each.round)
        step = self.steps.get(place)
        if step is None:
            step = self.steps[place] = Step(case=self.case, phase=each.phase, visit=each.visit, key=each.key, round=each.round)
        step.standing, step.outcome, step.opened_at = each.status, each.outcome, self.act.at
        step.ended_at = self.act.at if each.is_finished else None
        step.codes, step.due_at = self._codes(each, node), None
        self._touched[place] = step
        self._open(step, node)

    def _codes(self, each: fold.Step, node: Node) -> dict:
        """The facts that a decision was made by."""
        conditions = [branch.when for branch in node.branches] if isinstance(node, Choice) else []
        conditions += [node.until] if isinstance(node, Loop) and node.until else []
        asked = {row.field for condition in conditions for row in rows_of(condition)}
        return {"facts": {name: _plain(self.facts[name]) for name in sorted(asked & self.facts.keys())}} if asked else {}

    def _open(self, step: Step, node: Node) -> None:
        if isinstance(node, Notify):
            self.tell(node.template, node.audience, step)
        elif isinstance(node, Wait):
            step.due_at = next_moment(node, step)
            if node.notice:
                self.tell(node.notice, "customer", step)
        elif step.standing == S.OPEN and isinstance(node, Work):
            self._open_task(node)
        elif step.standing == S.OPEN and isinstance(node, Choice | Loop):
            role = DECIDER if has_staff(DECIDER) else Role.MANAGER
            self.act.open_task(TO_CHOOSE, role=role, due=CHOICE_SLA, key=step.key)

    def _open_task(self, node: Work) -> None:
        role, codes = str(Role.AGENT if node.skill else node.role), {}
        if node.skill and has_skill(node.skill):
            codes = {"skill": node.skill}
        elif node.fallback and (node.skill or not has_staff(role)):
            role, codes = node.fallback, {"instead_of": node.holder}
        owner = self.case.assignee_id if role == Role.AGENT else None
        self.act.open_task(node.name[:30], role=role, due=node.sla or USUAL, key=node.key, owner_id=owner, codes=codes)

    def tell(self, template: str, audience: str, step: Step) -> None:
        """A notice: to the customer by mail, to a role as something on its list."""
        if audience != "customer":
            self.act.open_task(template[:30], role=audience, key=step.key)
        elif template in NODES:
            self.act.tell(template)

    # -- ending

    def _end_answered(self) -> bool:
        """End the checks that are open and answered; tells whether there were any."""
        waiting = [(step, node) for step, node in self._open_here() if isinstance(node, Auto)]
        found = [step for step, node in waiting if node.check in self.answered]
        for step in found:
            self.end(step)
        return bool(found)

    def _open_here(self) -> list[tuple[Step, Node]]:
        tree = self.tree
        here = [step for step in self.steps.values() if step.standing == S.OPEN and self._is_here(step)]
        return [(step, tree.keyed[step.key]) for step in here if tree is not None and step.key in tree.keyed]

    def _is_here(self, step: Step) -> bool:
        return (step.phase, step.visit) == (self.case.phase, self.case.visit)


def next_moment(wait: Wait, step: Step) -> datetime | None:
    """When something happens in a wait: its next reminder, or its end. ``codes`` count the reminders that were sent."""
    sent = step.codes.get("reminded", 0)
    if sent < len(wait.remind):
        return step.opened_at + sorted(wait.remind)[sent]
    length = wait.timer or (wait.timeout.after if wait.timeout else None)
    return step.opened_at + length if length else None


def has_staff(role: str) -> bool:
    """Whether somebody active holds the role, or one that includes it."""
    acting = {role, *(each for each, included in INCLUDES.items() if role in included)}
    return User.objects.filter(is_active=True, groups__name__in=acting).exists()


def has_skill(code: str) -> bool:
    return User.objects.filter(is_active=True, skills__skill__code=code).exists()


def _is_ended_by(node: Node, verb: str) -> bool:
    if isinstance(node, Approve):
        return verb == SIGNED_BY
    if isinstance(node, Auto):
        return node.check == verb
    return (isinstance(node, Leaf) and verb in node.done_by) or (isinstance(node, Wait) and node.event == verb)


def _place(step: Step) -> Place:
    return (step.phase, step.visit, step.key, step.round)


def _plain(fact: object) -> object:
    return fact if isinstance(fact, bool | int | str) else str(fact)
