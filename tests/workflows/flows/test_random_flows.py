"""Random definitions and random steps: the fold is pure, what is done stays done, joins fire once, and nothing is held back for ever."""

from collections import Counter
from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.flows.builders import make_phase
from workflows.flows.fold import DONE, OPEN, SKIPPED, STATUSES, Place, Step, advance, fold, options
from workflows.flows.tree import GATEABLE, Choice, Leaf, Loop, Wait
from workflows.machines.spine import SPINE
from workflows.machines.table import Role

BOUNDED = settings(max_examples=80, deadline=None, derandomize=True)
VERBS = [*sorted(GATEABLE), "withdraw", "provide_info", "info_timeout", "parcel_problem", "escalate", "settle_done"]
CONDITIONS = st.sampled_from(
    [
        ["amount", ">", 100],
        ["risk", "=", "low"],
        {"any": [["amount", "<", 10], ["risk", "=", "high"]]},
        {"all": [["amount", ">", 5], ["risk", "!=", "low"]]},
    ]
)
FACTS = st.fixed_dictionaries({"amount": st.sampled_from([None, 1, 50, 500]), "risk": st.sampled_from([None, "low", "high"])})
VERB_LISTS = st.lists(st.sampled_from(VERBS), max_size=3)


def optional(**attributes):
    return st.fixed_dictionaries({}, optional=attributes)


def merged(*parts):
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


TASKS = merged(st.just({"task": "t"}), optional(before=VERB_LISTS, done_by=VERB_LISTS, blocking=st.booleans(), when=CONDITIONS))
APPROVALS = merged(st.just({"approve": ["lead"]}), optional(before=VERB_LISTS, when=CONDITIONS))
OTHERS = st.sampled_from([{"notify": "n"}, {"auto": "risk"}, {"wait": "scan_in"}, {"wait": "P1D"}])


def blocks(inner):
    parts = st.lists(inner, min_size=1, max_size=3)
    branches = st.lists(st.fixed_dictionaries({"when": CONDITIONS, "do": st.none() | inner}), min_size=1, max_size=2)
    return st.one_of(
        st.fixed_dictionaries({"seq": parts}),
        parts.flatmap(
            lambda found: st.fixed_dictionaries({"parallel": st.just(found), "join": st.sampled_from(["all", "any", len(found)])})
        ),
        st.fixed_dictionaries({"loop": inner, "until": CONDITIONS, "max": st.integers(1, 3)}),
        st.fixed_dictionaries({"choice": branches, "else": st.none() | inner}),
        st.fixed_dictionaries({"wait": st.just("scan_in"), "timeout": st.tuples(st.just("P1D"), st.none() | inner).map(list)}),
    )


def with_keys(raw, numbers=None):
    """The same tree with a key of its own for every node that needs one."""
    numbers = numbers or count(1)
    if isinstance(raw, list):
        return [with_keys(part, numbers) for part in raw]
    if not isinstance(raw, dict):
        return raw
    named = {"key": f"k{next(numbers)}"} if raw.keys() & {"task", "approve", "notify", "auto", "wait", "loop", "choice"} else {}
    return named | {name: value if name in ("when", "until") else with_keys(value, numbers) for name, value in raw.items()}


TREES = st.recursive(TASKS | APPROVALS | OTHERS, blocks, max_leaves=9).map(lambda raw: make_phase(with_keys(raw)))


@st.composite
def trees_with_steps(draw):
    """A tree and steps of any status, some of nodes that are not reached, some of other visits or of no node at all."""
    tree = draw(TREES)
    keys = st.sampled_from([*tree.keyed, "gone"])
    outcomes = st.sampled_from(["", "0", "1", "else", "again", "end", "timeout"])
    phases = st.sampled_from(["review", "review", "review", "return"])
    visits = st.sampled_from([1, 1, 1, 2])
    steps = st.builds(Step, phases, visits, keys, st.integers(1, 4), st.sampled_from(STATUSES), outcomes)
    return tree, draw(st.lists(steps, max_size=14))


@BOUNDED
@given(trees_with_steps(), FACTS, st.randoms(use_true_random=False))
def test_the_order_of_the_steps_does_not_matter_and_nothing_is_changed(case, facts, chance):
    tree, steps = case
    before, shuffled = (list(steps), dict(facts)), list(steps)
    chance.shuffle(shuffled)

    marking = fold(tree, steps, facts)

    assert (steps, facts) == before
    assert fold(tree, shuffled, facts) == marking
    assert fold(tree, iter(steps), facts) == marking
    assert advance(tree, shuffled, facts).create == advance(tree, steps, facts).create
    assert Counter(advance(tree, shuffled, facts).cancel) == Counter(advance(tree, steps, facts).cancel)


@BOUNDED
@given(trees_with_steps(), FACTS, FACTS, st.data())
def test_what_is_done_is_never_undone(case, facts, later, data):
    tree, steps = case
    marking = fold(tree, steps, facts)
    ended = data.draw(st.sampled_from(marking.open)) if marking.open else None
    more = [finished(tree, ended, facts, data)] if ended else []

    after = fold(tree, [*steps, *more], later)

    assert set(marking.done) | {step.place for step in more} == set(after.done)
    assert not set(after.done) & set(after.open)


@BOUNDED
@given(trees_with_steps(), FACTS)
def test_gates_name_gateable_verbs_of_unfinished_leaves_and_nothing_else(case, facts):
    tree, steps = case
    marking = fold(tree, steps, facts)
    done = set(marking.done)

    for gate in marking.gates:
        leaf = tree.keyed[gate.key]
        assert gate.verb in GATEABLE
        assert gate.verb in leaf.before
        assert gate.verb not in leaf.done_by
        assert Place(gate.key, gate.round) not in done
    held = {(place.key, verb) for place in marking.open if isinstance(tree.keyed[place.key], Leaf) for verb in tree.keyed[place.key].gated}
    assert held <= {(gate.key, gate.verb) for gate in marking.gates}


@BOUNDED
@given(trees_with_steps(), FACTS, st.sampled_from(SPINE.states), st.sampled_from(Role.values))
def test_a_definition_takes_only_gateable_verbs_away_and_writes_only_its_own_steps(case, facts, state, role):
    tree, steps = case
    allowed = {verb.name for verb in SPINE.allowed(state.name, role)}

    taken = allowed & fold(tree, steps, facts).gated_verbs

    assert all(SPINE.verb(name).gateable for name in taken)
    assert not taken & {"withdraw", "provide_info", "return_timeout", "parcel_problem", "settle_done", "reopen", "archive"}
    assert {(step.phase, step.visit) for step in advance(tree, steps, facts).create} <= {("review", 1)}
    assert {step.key for step in advance(tree, steps, facts).create} <= tree.keyed.keys()


@BOUNDED
@given(trees_with_steps(), FACTS)
def test_advance_reaches_a_point_where_nothing_follows(case, facts):
    tree, steps = case
    moves = advance(tree, steps, facts)

    after = applied(steps, moves)

    again = advance(tree, after, facts)
    assert (again.create, again.cancel) == ((), ())
    open_now = {step.place for step in after if step.phase == tree.name and step.visit == 1 and step.status == OPEN}
    assert set(fold(tree, after, facts).open) == open_now


def applied(steps, moves):
    """The stored steps after a move, one row for each phase, visit, key and round as the table keeps them."""
    rows = {}
    for step in sorted(steps, key=lambda one: (STATUSES.index(one.status), one.outcome)):
        rows[identity(step)] = step
    rows |= {identity(step): replace(step, status="cancelled") for step in moves.cancel if rows[identity(step)].status == OPEN}
    return list((rows | {identity(step): step for step in moves.create}).values())


def identity(step):
    return (step.phase, step.visit, step.key, step.round)


def finished(tree, place, facts, data):
    """The step of an open place, ended in one of the ways that it can end."""
    node = tree.keyed[place.key]
    outcomes = {Choice: lambda: options(node, facts), Loop: lambda: node.outcomes, Wait: lambda: ("", "timeout")}
    outcome = data.draw(st.sampled_from(outcomes.get(type(node), lambda: ("",))()))
    status = data.draw(st.sampled_from([DONE, SKIPPED])) if isinstance(node, Leaf) else DONE
    return Step(tree.name, 1, place.key, place.round, status, outcome)


@BOUNDED
@given(TREES, FACTS, st.data())
def test_a_whole_life_ends_creates_each_step_once_and_holds_back_less_and_less(tree, facts, data):
    rows, created, held = {}, Counter(), set(GATEABLE)
    for _turn in range(tree.places + 1):
        moves = advance(tree, rows.values(), facts)
        created.update(step.place for step in moves.create)
        rows |= {step.place: step for step in moves.create} | {step.place: replace(step, status="cancelled") for step in moves.cancel}
        marking = fold(tree, rows.values(), facts)
        assert marking.gated_verbs <= held
        held = marking.gated_verbs
        if not marking.open:
            break
        step = finished(tree, data.draw(st.sampled_from(marking.open)), facts, data)
        rows[step.place] = step

    assert (marking.open, marking.gates, marking.is_finished) == ((), (), True)
    assert set(created.values()) <= {1}
    assert fold(tree, reversed(rows.values()), facts) == marking


@BOUNDED
@given(TREES, FACTS, st.data())
def test_replaying_the_steps_of_a_life_gives_every_marking_again(tree, facts, data):
    rows, seen = {}, []
    for _turn in range(6):
        moves = advance(tree, rows.values(), facts)
        rows |= {step.place: step for step in moves.create} | {step.place: replace(step, status="cancelled") for step in moves.cancel}
        marking = fold(tree, rows.values(), facts)
        seen.append((tuple(rows.values()), marking))
        if not marking.open:
            break
        step = finished(tree, marking.open[0], facts, data)
        rows[step.place] = step

    assert [fold(tree, steps, facts) for steps, _marking in seen] == [marking for _steps, marking in seen]
