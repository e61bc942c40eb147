"""Past cases under a definition that they never had: which routes, approvals and missed times would have been others.

A case is gone through phase by phase with the facts that are known of it now. Every step is taken to end by itself; waits end as the real
one did, and where the facts leave a choice open it counts as asked of a person.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from accounts.working_time import Hours
from complaints.models import Event
from workflows.flows import fold
from workflows.flows.conditions import Facts
from workflows.flows.facts import facts_of_many
from workflows.flows.lint.house import WARNING, Finding
from workflows.flows.standing import definition_of
from workflows.flows.tree import PHASES, Approve, Choice, Definition, Loop, Phase, Task, Wait
from workflows.flows.words import NEVER_USED
from workflows.machines.spine import SPINE
from workflows.models import Case, Step
from workflows.services.tasks import working_hours

BATCH = 200
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Route:
    """The keys of one phase that came up, in the order of the text; ``asked`` are choices that only a person could make."""

    keys: tuple[str, ...] = ()
    approvals: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()


@dataclass(frozen=True)
class Replayed:
    """One past case: its routes by phase as they were and as they would be, and the tasks that were or would be late."""

    number: str
    before: Mapping[str, Route]
    after: Mapping[str, Route]
    late_before: frozenset[str]
    late_after: frozenset[str]

    @property
    def has_changed(self) -> bool:
        return self.before != self.after or self.late_before != self.late_after

    @property
    def more_approvals(self) -> tuple[str, ...]:
        return _more(self.before, self.after)

    @property
    def fewer_approvals(self) -> tuple[str, ...]:
        return _more(self.after, self.before)

    @property
    def changed_phases(self) -> tuple[str, ...]:
        return tuple(name for name in PHASES if self.before.get(name) != self.after.get(name))


@dataclass(frozen=True)
class Past:
    """What is known of one case that is over or under way."""

    case: Case
    facts: Facts
    phases: tuple[str, ...]
    steps: tuple[Step, ...]


def replay(definition: Definition, case_type: str, *, last: int, progress: Progress = lambda done, total: None) -> list[Replayed]:
    """The last cases of a type under another definition, the newest first. Reads them in batches, five queries each."""
    ids = list(Case.objects.filter(policy__type=case_type, submitted_at__isnull=False).order_by("-pk").values_list("pk", flat=True)[:last])
    found: list[Replayed] = []
    for start in range(0, len(ids), BATCH):
        found += [replay_case(past, definition) for past in read_past(ids[start : start + BATCH])]
        progress(len(found), len(ids))
    return found


def read_past(ids: Sequence[int]) -> Iterator[Past]:
    """These cases with everything that a replay asks of them, in the order given."""
    cases = {case.pk: case for case in Case.objects.filter(pk__in=ids).select_related("policy")}
    facts, phases, steps = facts_of_many(ids), _phases_of(cases.values()), _steps_of(ids)
    for pk in ids:
        if pk in cases:
            yield Past(cases[pk], facts[pk], phases.get(pk, ()), tuple(steps.get(pk, ())))


def replay_case(past: Past, definition: Definition) -> Replayed:
    """One case under its own definition and under another one."""
    own, hours = definition_of(past.case), working_hours()
    return Replayed(
        number=past.case.number,
        before=_routes(own, past),
        after=_routes(definition, past),
        late_before=_late(own, past.steps, hours),
        late_after=_late(definition, past.steps, hours),
    )


def unused_nodes(definition: Definition, replayed: Iterable[Replayed]) -> list[Finding]:
    """L15: the nodes that none of these cases ever comes to. A warning: tomorrow's cases may."""
    rows = list(replayed)
    used = {(phase, key) for row in rows for phase, route in row.after.items() for key in route.keys}
    return [
        Finding("L15", phase.name, node.path, key, NEVER_USED, WARNING)
        for phase in definition.phases.values()
        for key, node in phase.keyed.items()
        if rows and (phase.name, key) not in used
    ]


def route_of(tree: Phase, facts: Facts, *, timed_out: frozenset[str] = frozenset()) -> Route:
    """Go through a phase with these facts: what comes up."""
    steps: dict[fold.Place, fold.Step] = {}
    seen, asked = set(), set()
    for _turn in range(tree.places + 1):
        moves = fold.advance(tree, steps.values(), facts)
        for step in moves.create:
            seen.add(step.key)
            steps[step.place] = step
        waiting = [step for step in steps.values() if step.status == fold.OPEN]
        if not waiting:
            break
        for step in waiting:
            node = tree.keyed[step.key]
            if isinstance(node, Choice | Loop):
                asked.add(step.key)
            steps[step.place] = replace(step, status=fold.DONE, outcome=_ending(node, facts, timed_out))
    keys = tuple(key for key in tree.keyed if key in seen)
    approvals = tuple(key for key in keys if isinstance(tree.keyed[key], Approve))
    return Route(keys, approvals, tuple(key for key in keys if key in asked))


def _ending(node: object, facts: Facts, timed_out: frozenset[str]) -> str:
    if isinstance(node, Choice):
        return fold.options(node, facts)[0]
    if isinstance(node, Loop):
        return "end"
    return fold.TIMED_OUT if isinstance(node, Wait) and node.timeout and node.key in timed_out else ""


def _routes(definition: Definition, past: Past) -> dict[str, Route]:
    late = frozenset(step.key for step in past.steps if step.outcome == fold.TIMED_OUT)
    trees = (definition.phases.get(name) for name in past.phases)
    return {tree.name: route_of(tree, past.facts, timed_out=late) for tree in trees if tree is not None}


def _late(definition: Definition, steps: Iterable[Step], hours: Hours) -> frozenset[str]:
    """The tasks and approvals that really took longer than this definition gives them."""
    found = set()
    for step in steps:
        tree = definition.phases.get(step.phase)
        node = tree.keyed.get(step.key) if tree else None
        if isinstance(node, Task | Approve) and node.sla and step.standing == Step.Standing.DONE:
            signatures = len(node.steps) if isinstance(node, Approve) else 1
            if timedelta(seconds=hours.between(step.opened_at, step.ended_at)) > node.sla * signatures:
                found.add(f"{step.phase}.{step.key}")
    return frozenset(found)


def _phases_of(cases: Iterable[Case]) -> dict[int, tuple[str, ...]]:
    """The phases that each case has been in, by the events of its verbs."""
    rows = {case.pk: case for case in cases}
    events = Event.objects.filter(complaint__in={case.complaint_id for case in rows.values()}, kind__startswith="case.")
    seen: dict[int, set[str]] = {pk: {_phase(case.state), case.phase} for pk, case in rows.items()}
    for codes in events.values_list("codes", flat=True):
        if codes.get("case") in seen:
            seen[codes["case"]].add(_phase(codes.get("to", "")))
    return {pk: tuple(name for name in PHASES if name in found) for pk, found in seen.items()}


def _phase(state: str) -> str:
    return next((str(each.phase) for each in SPINE.states if each.name == state), "")


def _steps_of(ids: Sequence[int]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for step in Step.objects.filter(case__in=ids).order_by("pk"):
        found.setdefault(step.case_id, []).append(step)
    return found


def _more(less: Mapping[str, Route], more: Mapping[str, Route]) -> tuple[str, ...]:
    return tuple(f"{name}.{key}" for name, route in more.items() for key in route.approvals if key not in less.get(name, Route()).approvals)
