"""The interpreter, case by case: what is open, what is done, and which verbs wait."""

import pytest

from tests.workflows.flows.builders import make_phase, step, task
from workflows.flows.fold import CANCELLED, DONE, OPEN, SKIPPED, Gate, Place, advance, closed_by, fold, options

DEAR = ["amount", ">", 100]
SENIOR = {"approve": ["lead"], "key": "senior", "before": ["approve"]}


def open_keys(tree, steps=(), facts=None, visit=1):
    return [(place.key, place.round) for place in fold(tree, steps, facts or {}, visit=visit).open]


def seq(*parts):
    return {"seq": list(parts)}


def parallel(join, *parts):
    return {"parallel": list(parts), "join": join}


def choice(key, *branches, other=None):
    return {"choice": [{"when": when, "do": do} for when, do in branches], "else": other, "key": key}


def test_a_sequence_opens_one_after_another():
    tree = make_phase(seq(task("a"), task("b")))

    assert open_keys(tree) == [("a", 1)]
    assert open_keys(tree, [step("a")]) == [("b", 1)]
    assert open_keys(tree, [step("a"), step("b")]) == []
    assert [fold(tree, steps, {}).is_finished for steps in ([], [step("a")], [step("a"), step("b")])] == [False, False, True]


def test_a_skipped_step_is_finished_and_an_open_or_cancelled_one_is_not():
    tree = make_phase(seq(task("a"), task("b")))

    assert open_keys(tree, [step("a", status=SKIPPED)]) == [("b", 1)]
    assert open_keys(tree, [step("a", status=OPEN)]) == [("a", 1)]
    assert open_keys(tree, [step("a", status=CANCELLED)]) == [("a", 1)]


def test_steps_of_other_phases_visits_and_keys_do_not_count():
    tree = make_phase(seq(task("a"), task("b")))
    foreign = [step("a", phase="return"), step("a", visit=2), step("z"), step("a", number=2)]

    assert open_keys(tree, foreign) == [("a", 1)]
    assert open_keys(tree, foreign, visit=2) == [("b", 1)]


@pytest.mark.parametrize(
    ("join", "done", "expected"),
    [
        ("all", [], ["a", "b", "c"]),
        ("all", ["a", "b"], ["c"]),
        ("all", ["a", "b", "c"], ["after"]),
        ("any", [], ["a", "b", "c"]),
        ("any", ["b"], ["after"]),
        (2, ["b"], ["a", "c"]),
        (2, ["b", "c"], ["after"]),
    ],
)
def test_a_join_fires_when_enough_branches_are_finished(join, done, expected):
    tree = make_phase(seq(parallel(join, task("a"), task("b"), task("c")), task("after")))

    assert [key for key, _round in open_keys(tree, map(step, done))] == expected


def test_a_join_that_has_fired_cancels_the_open_steps_of_the_others():
    tree = make_phase(seq(parallel("any", task("a"), seq(task("b"), task("c"))), task("after")))
    steps = [step("a"), step("b", status=OPEN)]

    moves = advance(tree, steps, {})

    assert fold(tree, steps, {}).cancelled == (Place("b"),)
    assert moves.cancel == (step("b", status=OPEN),)
    assert moves.create == (step("after", status=OPEN),)


def test_a_branch_that_was_beaten_and_ends_late_changes_nothing_more():
    tree = make_phase(seq(parallel("any", task("a"), task("b")), task("after")))

    assert open_keys(tree, [step("a"), step("b"), step("after", status=OPEN)]) == [("after", 1)]


def test_a_choice_takes_the_first_true_branch():
    tree = make_phase(choice("c", (DEAR, task("dear")), (["amount", ">", 50], task("middle")), other=task("cheap")))

    assert [open_keys(tree, facts={"amount": amount}) for amount in (101, 100, 50)] == [[("dear", 1)], [("middle", 1)], [("cheap", 1)]]


def test_a_choice_that_is_made_is_stored_and_stays_when_the_facts_move():
    tree = make_phase(choice("c", (DEAR, task("dear")), other=task("cheap")))

    moves = advance(tree, [], {"amount": 500})

    assert moves.create == (step("c", outcome="0"), step("dear", status=OPEN))
    assert open_keys(tree, moves.create, {"amount": 5}) == [("dear", 1)]
    assert open_keys(tree, moves.create, {}) == [("dear", 1)]


def test_a_choice_of_the_unknown_asks_a_person():
    tree = make_phase(choice("c", (DEAR, task("dear")), other=task("cheap")))

    moves = advance(tree, [], {})

    assert moves.create == (step("c", status=OPEN),)
    assert open_keys(tree, moves.create, {"amount": 5}) == [("c", 1)]
    assert open_keys(tree, [step("c", outcome="0")], {}) == [("dear", 1)]
    assert open_keys(tree, [step("c", outcome="else")], {}) == [("cheap", 1)]


@pytest.mark.parametrize("outcome", ["", "1", "9", "nothing"])
def test_a_decision_that_the_choice_does_not_have_counts_as_none(outcome):
    tree = make_phase(choice("c", (DEAR, task("dear")), other=task("cheap")))
    marking = fold(tree, [step("c", outcome=outcome)], {})

    assert marking.open == (Place("c"),)
    assert marking.done == ()


def test_the_options_of_a_person_leave_out_what_the_facts_exclude():
    tree = make_phase(choice("c", (DEAR, None), (["risk", "=", "high"], None), (["amount", "<=", 100], None), other=None))

    assert options(tree.root, {}) == ("0", "1", "2", "else")
    assert options(tree.root, {"amount": 5}) == ("1", "2")
    assert options(tree.root, {"amount": 5, "risk": "high"}) == ("1",)
    assert options(tree.root, {"amount": 500}) == ("0",)
    assert options(tree.root, {"risk": "low"}) == ("0", "2", "else")


def test_a_loop_goes_round_until_its_condition_holds():
    tree = make_phase(seq({"loop": task("a"), "key": "l", "until": DEAR, "max": 3}, task("after")))
    first = [step("a")]

    assert advance(tree, first, {"amount": 5}).create == (step("a", number=2, status=OPEN), step("l", outcome="again"))
    assert advance(tree, first, {"amount": 500}).create == (step("after", status=OPEN), step("l", outcome="end"))
    assert advance(tree, first, {}).create == (step("l", status=OPEN),)
    assert open_keys(tree, [*first, step("l", outcome="end")], {"amount": 5}) == [("after", 1)]


def test_a_loop_ends_after_its_last_round_whatever_the_condition_says():
    tree = make_phase(seq({"loop": task("a"), "key": "l", "until": DEAR, "max": 2}, task("after")))

    assert open_keys(tree, [step("a"), step("l", outcome="again"), step("a", number=2)], {"amount": 5}) == [("after", 1)]


def test_a_loop_inside_a_loop_counts_its_rounds_on():
    inner = {"loop": task("a"), "key": "inner", "until": DEAR, "max": 3}
    tree = make_phase({"loop": inner, "key": "outer", "until": DEAR, "max": 2})
    steps = [step("a"), step("inner", outcome="end"), step("outer", outcome="again")]

    assert open_keys(tree, steps, {"amount": 5}) == [("a", 4)]


def test_a_wait_that_times_out_goes_through_its_timeout_path():
    wait = {"wait": "scan_in", "key": "w", "remind": ["P1D"], "timeout": ["P3D", task("chase")]}
    tree = make_phase(seq(wait, task("after")), "return")
    late = step("w", phase="return", outcome="timeout")

    assert open_keys(tree) == [("w", 1)]
    assert open_keys(tree, [step("w", phase="return")]) == [("after", 1)]
    assert open_keys(tree, [late]) == [("chase", 1)]
    assert open_keys(tree, [late, step("chase", phase="return")]) == [("after", 1)]


def test_a_notice_is_made_done_so_that_the_flow_goes_on_at_once():
    tree = make_phase(seq({"notify": "arrived", "key": "n"}, {"notify": "arrived", "key": "m"}, task("a")))

    moves = advance(tree, [], {})

    assert moves.create == (step("a", status=OPEN), step("m"), step("n"))


def test_advance_creates_nothing_that_it_would_cancel_at_once():
    tree = make_phase(seq(parallel("any", task("a"), {"notify": "arrived", "key": "n"}), task("after")))

    moves = advance(tree, [], {})

    assert moves.create == (step("after", status=OPEN), step("n"))
    assert moves.cancel == ()


def test_leaving_a_phase_cancels_what_was_open_in_it():
    tree = make_phase(task("a"))
    steps = [step("x", phase="return", status=OPEN), step("a", status=OPEN), step("y", phase="return"), step("a", visit=2, status=OPEN)]

    assert advance(tree, steps, {}, visit=2).cancel == (steps[0], steps[1])


def test_a_step_whose_node_is_gone_is_cancelled():
    assert advance(make_phase(task("a")), [step("z", status=OPEN)], {}).cancel == (step("z", status=OPEN),)


def test_a_cancelled_step_that_is_needed_comes_back():
    assert advance(make_phase(task("a")), [step("a", status=CANCELLED)], {}).create == (step("a", status=OPEN),)


def gates_of(root, steps=(), facts=None, phase="review"):
    return fold(make_phase(root, phase), steps, facts or {}).gates


def test_a_gate_holds_from_the_first_moment_until_its_leaf_is_finished():
    root = seq(task("a"), SENIOR, task("b"))
    gate = (Gate("approve", "senior"),)

    assert gates_of(root) == gate
    assert gates_of(root, [step("a")]) == gate
    assert gates_of(root, [step("a"), step("senior", status=OPEN)]) == gate
    assert gates_of(root, [step("a"), step("senior", status=SKIPPED)]) == ()
    assert gates_of(root, [step("a"), step("senior")]) == ()


def test_a_leaf_does_not_hold_back_the_verbs_that_finish_it():
    root = task("a", before=["approve", "reject"], done_by=["approve"])

    assert gates_of(root) == (Gate("reject", "a"),)


def test_a_definition_holds_back_no_verb_that_is_not_gateable():
    free = [
        "withdraw",
        "provide_info",
        "info_timeout",
        "return_timeout",
        "parcel_problem",
        "register_parcel",
        "scan_in",
        "reopen",
        "archive",
    ]

    assert gates_of(task("a", before=[*free, "escalate", "settle_done", "track_failed"])) == ()


@pytest.mark.parametrize(("facts", "held"), [({"amount": 500}, True), ({"amount": 5}, False), ({}, True)])
def test_a_choice_ahead_is_seen_with_the_facts_of_now_and_the_unknown_holds_back(facts, held):
    root = seq(task("a"), choice("c", (DEAR, SENIOR)))

    assert bool(gates_of(root, [], facts)) is held
    assert bool(gates_of(root, [step("a")], facts)) is held


def test_what_is_done_or_decided_ahead_holds_nothing_back():
    assert gates_of(seq(task("a"), SENIOR), [step("senior")]) == ()
    assert gates_of(seq(task("a"), choice("c", (DEAR, SENIOR))), [step("c", outcome="else")]) == ()


def test_while_a_person_chooses_every_branch_left_holds_back():
    other = SENIOR | {"key": "other", "before": ["reject"]}
    root = choice("c", (DEAR, SENIOR), (["risk", "=", "high"], other))

    assert gates_of(root) == (Gate("approve", "senior"), Gate("reject", "other"))
    assert gates_of(root, facts={"risk": "low"}) == (Gate("approve", "senior"),)
    assert gates_of(root, [step("c", outcome="1")]) == (Gate("reject", "other"),)


def test_a_beaten_branch_holds_nothing_back():
    root = seq(parallel("any", task("a"), SENIOR))

    assert gates_of(root) == (Gate("approve", "senior"),)
    assert gates_of(root, [step("a")]) == ()


def test_a_timeout_path_may_still_come_until_the_event_does():
    root = {"wait": "scan_in", "key": "w", "timeout": ["P3D", task("chase", before=["pass_inspection"])]}
    gate = (Gate("pass_inspection", "chase"),)

    assert gates_of(root, phase="return") == gate
    assert gates_of(root, [step("w", phase="return", outcome="timeout")], phase="return") == gate
    assert gates_of(root, [step("w", phase="return")], phase="return") == ()
    assert gates_of(seq(task("a"), root), [step("w", phase="return")], phase="return") == ()


def test_the_next_round_of_a_loop_holds_back_while_it_may_come():
    root = {"loop": seq(SENIOR, task("a")), "key": "l", "until": DEAR, "max": 2}
    first = [step("senior")]

    assert gates_of(root, first, {"amount": 5}) == (Gate("approve", "senior", 2),)
    assert gates_of(root, first, {}) == (Gate("approve", "senior", 2),)
    assert gates_of(root, first, {"amount": 500}) == ()
    assert gates_of(root, [*first, step("a")], {}) == (Gate("approve", "senior", 2),)
    assert gates_of(root, [*first, step("a"), step("l", outcome="again"), step("senior", number=2)], {}) == ()


def test_gates_are_asked_by_verb():
    marking = fold(make_phase(seq(SENIOR, SENIOR | {"key": "more", "before": ["approve", "reject"]})), [], {})

    assert marking.gated_verbs == {"approve", "reject"}
    assert marking.gates_on("approve") == (Gate("approve", "more"), Gate("approve", "senior"))


def test_a_verb_closes_the_open_tasks_that_name_it_and_the_waits_for_it():
    wait = {"wait": "scan_in", "key": "w"}
    tree = make_phase(
        parallel("all", task("a", done_by=["scan_in"]), task("b"), wait, seq(task("d"), task("c", done_by=["scan_in"]))), "return"
    )

    assert closed_by(tree, fold(tree, [], {}), "scan_in") == (Place("a"), Place("w"))


def test_of_two_steps_for_one_place_the_further_one_counts():
    tree = make_phase(seq(task("a"), task("b")))

    assert open_keys(tree, [step("a", status=DONE), step("a", status=OPEN)]) == [("b", 1)]
    assert open_keys(tree, [step("a", status=OPEN), step("a", status=DONE)]) == [("b", 1)]
