"""Definitions: what the JSON becomes, and how each mistake is named."""

from datetime import timedelta

import pytest

from tests.workflows.flows.builders import make_definition, make_phase, task
from workflows.flows.conditions import Row
from workflows.flows.parsing import DefinitionError, parse_definition, parse_duration
from workflows.flows.tree import Approve, Auto, Branch, Choice, Loop, Notify, Parallel, Seq, Signature, Task, Timeout, Wait

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
AUTO = {"auto": "risk", "key": "risk"}
DEAR = ["amount", ">", 50000]


def errors_of(root, phase="review"):
    with pytest.raises(DefinitionError) as caught:
        make_definition(root, phase)
    return [(error.path, error.key, str(error.reason)) for error in caught.value.errors]


def test_a_task_keeps_everything_that_is_written():
    raw = {"task": "review", "key": "look", "role": "agent", "fallback": "lead", "sla": "PT4H", "done_by": ["approve"], "form": "note"}

    root = make_phase(raw).root

    assert root == Task("phases.review", "look", (), ("approve",), "review", "agent", "", "lead", 4 * HOUR, "note", False)


def test_an_approval_keeps_its_signatures_in_order():
    raw = {"approve": ["lead", {"role": "finance", "rank": 2}], "key": "senior", "distinct": True, "sla": "P1D", "before": ["approve"]}

    root = make_phase(raw).root

    signatures = (Signature("lead"), Signature("finance", 2))
    assert root == Approve("phases.review", "senior", ("approve",), (), signatures, True, DAY)


def test_a_wait_is_for_an_event_or_a_time():
    raw = {"wait": "scan_in", "key": "w", "remind": ["P3D"], "timeout": ["P10D", AUTO], "notice": "arrived"}
    event, timer = make_phase(raw, "return").root, make_phase({"wait": "P2D", "key": "w"}, "return").root

    timeout = Timeout(10 * DAY, Auto("phases.return.timeout[1]", "risk", check="risk"))
    assert event == Wait("phases.return", "w", event="scan_in", timeout=timeout, remind=(3 * DAY,), notice="arrived")
    assert timer == Wait("phases.return", "w", timer=2 * DAY)


def test_blocks_hold_their_nodes_in_order():
    inner = {"parallel": [AUTO, {"notify": "arrived", "key": "tell", "audience": "warehouse"}], "join": 1}
    raw = {"seq": [inner, {"loop": {"auto": "stock", "key": "stock"}, "key": "again", "until": DEAR, "max": 3}]}

    root = make_phase(raw, "intake").root

    path = "phases.intake.seq"
    tell = Notify(f"{path}[0].parallel[1]", "tell", template="arrived", audience="warehouse")
    parallel = Parallel(f"{path}[0]", (Auto(f"{path}[0].parallel[0]", "risk", check="risk"), tell), 1)
    loop = Loop(f"{path}[1]", "again", Auto(f"{path}[1].loop", "stock", check="stock"), Row("amount", ">", 50000), 3)
    assert root == Seq("phases.intake", (parallel, loop))


def test_a_choice_says_whether_it_has_an_else():
    raw = {"choice": [{"when": DEAR, "do": None}], "key": "c"}

    without, with_null = make_phase(raw).root, make_phase(raw | {"else": None}).root

    assert without == Choice("phases.review", "c", (Branch(Row("amount", ">", 50000), None),), None, has_else=False)
    assert with_null.has_else


def test_when_on_a_leaf_is_short_for_a_choice_with_nothing_else():
    root = make_phase(AUTO | {"when": DEAR}).root

    leaf = Auto("phases.review", "risk", check="risk")
    assert root == Choice("phases.review", "risk.when", (Branch(Row("amount", ">", 50000), leaf),), None, has_else=True)


@pytest.mark.parametrize(
    ("phase", "forward"),
    [
        ("intake", ("auto_approve",)),
        ("review", ("approve", "approve_senior")),
        ("return", ("begin_inspection", "pass_inspection")),
        ("exception", ("resolve_exception", "resend_goods")),
        ("settle", ()),
        ("after", ()),
    ],
)
def test_approvals_and_blocking_tasks_hold_back_the_forward_verbs_of_their_phase(phase, forward):
    approve = {"approve": ["lead"], "key": "a"}

    assert make_phase(approve, phase).root.before == forward
    assert make_phase(task("t", blocking=True), phase).root.before == forward
    assert make_phase(task("t"), phase).root.before == ()
    assert make_phase(approve | {"before": []}, phase).root.before == ()
    assert make_phase(task("t", blocking=True, before=["reject"]), phase).root.before == ("reject",)


def test_a_leaf_holds_back_only_gateable_verbs_and_never_its_own():
    raw = task("t", before=["approve", "withdraw", "reject", "provide_info"], done_by=["reject", "escalate"])

    assert make_phase(raw).root.gated == {"approve"}


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("PT4H", 4 * HOUR),
        ("PT30M", HOUR / 2),
        ("P10D", 10 * DAY),
        ("P1DT12H30M", 36.5 * HOUR),
        ("P2W", 14 * DAY),
        ("P366D", 366 * DAY),
        ("P367D", None),
        ("PT0H", None),
        ("P", None),
        ("PT", None),
        ("P1DT", None),
        ("P1M", None),
        ("P1Y", None),
        ("PT4S", None),
        ("P-1D", None),
        ("4H", None),
        ("P99999999999999999999D", None),
        ("P1W1D", None),
        (4, None),
        (None, None),
    ],
)
def test_durations_are_iso_8601(text, length):
    assert parse_duration(text) == length


@pytest.mark.parametrize(
    ("root", "path", "key", "reason"),
    [
        (None, "phases.review", "", "exactly one of"),
        ({}, "phases.review", "", "exactly one of"),
        ({"key": "x", "jump": "x"}, "phases.review", "x", "exactly one of"),
        (AUTO | {"task": "x"}, "phases.review", "risk", "exactly one of"),
        ({"seq": []}, "phases.review.seq", "", "at least one node"),
        ({"seq": AUTO}, "phases.review.seq", "", "at least one node"),
        ({"seq": [AUTO, 7]}, "phases.review.seq[1]", "", "exactly one of"),
        ({"seq": [AUTO], "key": "s"}, "phases.review.key", "s", "no such attribute"),
        ({"seq": [AUTO], "when": DEAR}, "phases.review.when", "", "no such attribute"),
        ({"parallel": [AUTO], "join": "most"}, "phases.review.join", "", "how many branches"),
        ({"parallel": [AUTO], "join": 0}, "phases.review.join", "", "how many branches"),
        ({"parallel": [AUTO], "join": True}, "phases.review.join", "", "how many branches"),
        ({"loop": AUTO, "key": "l", "max": 6}, "phases.review.max", "l", "1 to 5 times"),
        ({"loop": AUTO, "key": "l", "max": 0}, "phases.review.max", "l", "1 to 5 times"),
        ({"loop": AUTO, "max": 2}, "phases.review.key", "", "Give the node a key"),
        ({"loop": 1, "key": "l"}, "phases.review.loop", "", "exactly one of"),
        ({"loop": AUTO, "key": "l", "until": ["amount"]}, "phases.review.until", "l", "three parts"),
        ({"choice": [], "key": "c"}, "phases.review.choice", "c", "at least one branch"),
        ({"choice": [{"do": AUTO}], "key": "c"}, "phases.review.choice[0]", "c", "A branch is"),
        ({"choice": [{"when": DEAR, "do": 1}], "key": "c"}, "phases.review.choice[0].do", "", "exactly one of"),
        ({"choice": [{"when": ["x", "=", 1], "do": AUTO}], "key": "c"}, "phases.review.choice[0].when", "c", "x: There is no such field"),
        ({"choice": [{"when": DEAR, "do": None}], "key": "c", "else": 1}, "phases.review.else", "", "exactly one of"),
        ({"auto": "risk"}, "phases.review.key", "", "Give the node a key"),
        ({"auto": "risk", "key": "Risk"}, "phases.review.key", "Risk", "Give the node a key"),
        ({"auto": "risk", "key": "risk.when"}, "phases.review.key", "risk.when", "Give the node a key"),
        ({"auto": "risk", "key": 7}, "phases.review.key", "", "Give the node a key"),
        ({"auto": 7, "key": "a"}, "phases.review.auto", "a", "Give a word"),
        (AUTO | {"sla": "PT4H"}, "phases.review.sla", "risk", "no such attribute"),
        (AUTO | {"when": ["risk", "=", "odd"]}, "phases.review.when", "risk", "risk: “odd” is not a value"),
        (AUTO | {"before": "approve"}, "phases.review.before", "risk", "Give a list"),
        (task("t", sla="4 hours"), "phases.review.sla", "t", "Give a duration"),
        (task("t", blocking="yes"), "phases.review.blocking", "t", "true or false"),
        (task("t", skill="gold"), "phases.review.skill", "t", "not both"),
        (task("t", done_by=["approve", 1]), "phases.review.done_by[1]", "t", "Give a word"),
        (task("t", role=""), "phases.review.role", "t", "Give a word"),
        (task("t", script="x"), "phases.review.script", "t", "no such attribute"),
        ({"approve": [], "key": "a"}, "phases.review.approve", "a", "who signs"),
        ({"approve": [{"rank": 1}], "key": "a"}, "phases.review.approve[0]", "a", "A signature is"),
        ({"approve": [{"role": "lead", "rank": -1}], "key": "a"}, "phases.review.approve[0].rank", "a", "from 0"),
        ({"approve": [{"role": 1}], "key": "a"}, "phases.review.approve[0]", "a", "Give a word"),
        ({"wait": 7, "key": "w"}, "phases.review.wait", "w", "Give a word"),
        ({"wait": "x", "key": "w", "timeout": "P1D"}, "phases.review.timeout", "w", "[duration, node or null]"),
        ({"wait": "x", "key": "w", "timeout": ["1", None]}, "phases.review.timeout[0]", "w", "Give a duration"),
        ({"wait": "x", "key": "w", "timeout": ["P1D", 1]}, "phases.review.timeout[1]", "", "exactly one of"),
        ({"wait": "x", "key": "w", "remind": ["P1D", "1"]}, "phases.review.remind[1]", "w", "Give a duration"),
        ({"notify": "Hello!", "key": "n"}, "phases.review.notify", "n", "Give a word"),
    ],
)
def test_each_mistake_is_named_with_path_and_key(root, path, key, reason):
    ((found_path, found_key, found_reason),) = errors_of(root)

    assert (found_path, found_key) == (path, key)
    assert reason in found_reason


@pytest.mark.parametrize("raw", [None, [], {}, {"schema": 2, "phases": {"review": AUTO}}, {"schema": 1}, {"schema": 1, "phases": {}}])
def test_what_is_no_definition_is_refused_whole(raw):
    with pytest.raises(DefinitionError, match="at least one phase"):
        parse_definition(raw)


def test_unknown_phases_and_words_beside_them_are_refused():
    with pytest.raises(DefinitionError) as caught:
        parse_definition({"schema": 1, "title": "x", "phases": {"review": AUTO, "party": AUTO}})

    assert [error.path for error in caught.value.errors] == ["title", "phases.party"]


def test_every_mistake_is_found_in_one_reading():
    found = errors_of({"seq": [task("a", sla="x"), {"parallel": [{"auto": "risk"}, 7]}, {"jump": 1}]})

    paths = ["phases.review.seq[0].sla", "phases.review.seq[1].parallel[0].key", "phases.review.seq[1].parallel[1]", "phases.review.seq[2]"]
    assert [path for path, _key, _reason in found] == paths


def test_a_key_stands_once_in_a_phase_and_again_in_another():
    twice = {"seq": [task("a"), task("a")]}

    assert errors_of(twice)[0][:2] == ("phases.review.seq[1].key", "a")
    assert set(parse_definition({"schema": 1, "phases": {"review": task("a"), "settle": task("a")}}).phases) == {"review", "settle"}


def test_a_definition_is_neither_too_large_nor_too_deep():
    deep = AUTO
    for _level in range(30):
        deep = {"seq": [deep]}

    assert "At most 200 nodes" in errors_of({"seq": [task(f"t{number}") for number in range(250)]})[0][2]
    assert "20 deep" in errors_of(deep)[0][2]
