"""What differs between two versions, in words; what of it touches money and what customers feel; text with its lines; the tree as drawn."""

from copy import deepcopy
from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.workflows.flows.builders import task
from tests.workflows.flows.test_random_flows import with_keys
from workflows.flows.conditions import TYPES
from workflows.flows.defaults import default_body
from workflows.flows.desk.drawing import draw
from workflows.flows.parsing import DefinitionError, parse_definition
from workflows.flows.text import digest_of, line_of, lines_of, read_text, write_text
from workflows.flows.weight import adverse_changes, touches_money
from workflows.flows.words import say_difference, say_duration

DEAR = ["amount", ">", 50_000]
SENIOR = {"approve": ["lead", "finance"], "key": "senior", "distinct": True, "sla": "PT4H"}
LOOK = task("look", sla="PT4H", done_by=["approve", "reject"])
NEWS = {"notify": "arrived", "key": "news"}
BY_RULE = {"auto": "auto_approve", "key": "rule", "when": ["amount", "<=", 5_000]}


def definition(*parts, phase="review"):
    return parse_definition({"schema": 1, "phases": {phase: {"seq": list(parts)}}})


def said(before, after):
    return [change.words for change in say_difference(definition(*before), definition(*after))]


DIFFERENCES = {
    "nothing": ([LOOK], [LOOK], []),
    "a block around it that changes nothing": ([LOOK, SENIOR], [{"seq": [LOOK, SENIOR]}], []),
    "new": ([LOOK], [LOOK, NEWS], ["review: “news” is new: notice, text: arrived, to: customer."]),
    "gone": ([LOOK, NEWS], [LOOK], ["review: “news” (notice) is gone."]),
    "time": ([LOOK], [LOOK | {"sla": "P1DT12H"}], ["review: “look”, within: 4 hours → 1 day 12 hours."]),
    "role": ([LOOK], [LOOK | {"role": "lead"}], ["review: “look”, done by: agent → lead."]),
    "signers": ([SENIOR], [SENIOR | {"approve": ["lead"]}], ["review: “senior”, signed by: lead, finance → lead."]),
    "gate": ([LOOK], [LOOK | {"before": ["approve_senior"]}], ["review: “look”, holds up: – → Approve as last signer."]),
    "condition": (
        [SENIOR | {"when": DEAR}],
        [SENIOR | {"when": ["amount", ">", 40_000]}],
        ["review: “senior”, if: amount > 50000 → amount > 40000."],
    ),
    "condition new": (
        [SENIOR],
        [SENIOR | {"when": DEAR}],
        ["review: “senior” only if amount > 50000.", "review: “senior” stands at another place."],
    ),
    "condition gone": (
        [SENIOR | {"when": DEAR}],
        [SENIOR],
        ["review: “senior” is asked for in every case now.", "review: “senior” stands at another place."],
    ),
    "kind": ([NEWS], [task("news")], ["review: “news” was a notice and is a task."]),
    "order": ([LOOK, NEWS], [NEWS, LOOK], ["review: the order of the nodes is another one."]),
    "place": (
        [LOOK, NEWS],
        [{"parallel": [LOOK, NEWS]}],
        ["review: “look” stands at another place.", "review: “news” stands at another place."],
    ),
}


@pytest.mark.parametrize(("before", "after", "words"), DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_difference_is_said_in_words(before, after, words):
    assert said(before, after) == words


def test_a_phase_that_comes_or_goes_is_said_by_its_nodes():
    before, after = definition(LOOK), definition(LOOK, phase="exception")

    assert [(change.phase, change.key) for change in say_difference(before, after)] == [("review", "look"), ("exception", "look")]


MONEY = {
    "time alone": ([LOOK, SENIOR], [LOOK | {"sla": "PT9H"}, SENIOR | {"sla": "PT9H"}], False),
    "a notice": ([LOOK], [LOOK, NEWS], False),
    "another place in the text": ([LOOK, SENIOR], [NEWS, LOOK, SENIOR], False),
    "an approval": ([LOOK], [LOOK, SENIOR], True),
    "an approval less": ([LOOK, SENIOR], [LOOK], True),
    "signers": ([SENIOR], [SENIOR | {"approve": ["lead"]}], True),
    "one person for all": ([SENIOR], [SENIOR | {"distinct": False}], True),
    "when it is asked": ([SENIOR | {"when": DEAR}], [SENIOR | {"when": ["amount", ">", 60_000]}], True),
    "what a task holds up": ([LOOK], [LOOK | {"before": ["approve_senior"]}], True),
}


@pytest.mark.parametrize(("before", "after", "expected"), MONEY.values(), ids=MONEY)
def test_what_touches_money_or_approvals(before, after, expected):
    assert touches_money(definition(*before), definition(*after)) is expected


@pytest.mark.parametrize(("limit", "expected"), [(5_000, False), (9_000, True)])
def test_the_limit_of_approval_by_rule_is_money(limit, expected):
    before = definition(BY_RULE, phase="intake")

    assert touches_money(before, definition(BY_RULE | {"when": ["amount", "<=", limit]}, phase="intake")) is expected


def test_a_first_version_is_money_and_announced_to_nobody():
    assert touches_money(None, definition(LOOK)) is True
    assert adverse_changes(None, definition(LOOK, SENIOR)) == []


ADVERSE = {
    "shorter": ([LOOK], [LOOK | {"sla": "PT1H"}], []),
    "longer": ([LOOK], [LOOK | {"sla": "PT5H"}], ["look"]),
    "an approval": ([LOOK], [LOOK, SENIOR], ["senior"]),
    "an approval less": ([LOOK, SENIOR], [LOOK], []),
    "more signers": ([SENIOR], [SENIOR | {"approve": ["lead", "finance", "manager"]}], ["senior"]),
    "asked otherwise": ([SENIOR | {"when": DEAR}], [SENIOR | {"when": ["amount", ">", 40_000]}], ["senior"]),
    "a notice more": ([LOOK], [LOOK, NEWS], []),
    "a notice less": ([LOOK, NEWS], [LOOK], ["news"]),
    "a notice to staff less": ([LOOK, NEWS | {"audience": "lead"}], [LOOK], []),
    "a task that holds nothing up": ([LOOK], [LOOK, task("more")], []),
    "a longer pause": ([{"wait": "P1D", "key": "w"}], [{"wait": "P2D", "key": "w"}], ["w"]),
}


@pytest.mark.parametrize(("before", "after", "keys"), ADVERSE.values(), ids=ADVERSE)
def test_what_customers_may_feel(before, after, keys):
    assert [change.key for change in adverse_changes(definition(*before), definition(*after))] == keys


def test_customers_feel_when_nothing_is_approved_by_rule_any_more():
    before, after = definition(BY_RULE, NEWS, phase="intake"), definition(NEWS, phase="intake")

    assert [change.key for change in adverse_changes(before, after)] == ["rule"]


@pytest.mark.parametrize(("minutes", "words"), [(90, "1 hour 30 minutes"), (1440, "1 day"), (2885, "2 days 5 minutes"), (60, "1 hour")])
def test_a_duration_is_said_in_its_parts(minutes, words):
    assert say_duration(timedelta(minutes=minutes)) == words


# -- text


@pytest.mark.parametrize("case_type", TYPES)
def test_a_definition_written_and_read_is_the_same(case_type):
    text = write_text(default_body(case_type))

    assert read_text(text) == default_body(case_type)
    assert max(map(len, text.splitlines())) <= 140
    assert digest_of(read_text(text)) == digest_of(default_body(case_type))


NAMES = st.text(min_size=1, max_size=5)
VALUES = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
JSON = st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(NAMES, inner), max_leaves=12)


@settings(max_examples=80, deadline=None, derandomize=True)
@given(st.dictionaries(NAMES, JSON))
def test_any_json_survives_writing_and_each_path_has_its_line(body):
    text = write_text(body)
    lines = lines_of(text)

    assert read_text(text) == body
    assert lines[""] == 1
    assert all(1 <= line <= text.count("\n") + 1 for line in lines.values())
    assert set(body) <= lines.keys()


def test_a_path_has_the_line_of_its_name_and_a_missing_one_that_of_what_is_around():
    text = '{\n "schema": 1,\n "phases": {\n  "review": {"seq": [\n   {"task": "a",\n    "key": "b"},\n   {"task": "c"}]}}}'
    lines = lines_of(text)
    paths = ["schema", "phases", "phases.review", "phases.review.seq[0].key", "phases.review.seq[1].task"]

    assert [line_of(path, lines) for path in paths] == [2, 3, 4, 6, 7]
    assert line_of("phases.review.seq[1].key", lines) == 7
    assert line_of("phases.return", lines) == 3
    assert line_of("nothing", lines) == 1
    assert line_of("@9", {}) == 9


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"a": 1,\n "a": 2}', "a: “a” stands twice in one place."),
        ('{"a": 1\n "b": 2}', "@2: Line 2, column 2: this is not JSON here."),
        ("", "@1: Line 1, column 1: this is not JSON here."),
        ("[" * 100_000, "This is nested too deeply."),
        (" " * 200_001, "At most 200000 characters."),
    ],
)
def test_what_is_no_json_says_where(text, words):
    with pytest.raises(DefinitionError) as refused:
        read_text(text)

    assert words in str(refused.value)


# -- drawing


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("case_type", TYPES)
def test_every_node_of_the_shipped_definitions_is_drawn_once(case_type, language):
    parsed = parse_definition(default_body(case_type))

    with translation.override(language):
        phases = draw(parsed)

    drawn = [key for phase in phases if phase.root for key in keys_of(phase.root)]
    assert sorted(drawn) == sorted(key for phase in parsed.phases.values() for key in phase.keyed if not key.endswith(".when"))
    assert [phase.name for phase in phases] == ["intake", "review", "return", "exception", "settle", "after"]


def keys_of(node):
    own = [node.key] if node.key else []
    return own + [key for inner in node.inside for key in keys_of(inner)]


def test_a_branch_is_drawn_with_what_leads_to_it():
    raw = {"choice": [{"when": DEAR, "do": SENIOR}], "else": LOOK | {"when": ["risk", "=", "high"]}, "key": "how"}

    (phase,) = [phase for phase in draw(definition(raw)) if phase.root]
    (choice,) = phase.root.inside

    assert [(node.label, node.key, node.is_gate) for node in choice.inside] == [
        ("if amount > 50000", "senior", True),
        ("otherwise · only if risk = high", "look", False),
    ]


def test_drawing_changes_nothing():
    raw = with_keys({"seq": [{"auto": "risk"}, {"notify": "n"}]})
    before = deepcopy(raw)

    draw(parse_definition({"schema": 1, "phases": {"review": raw}}))

    assert raw == before
