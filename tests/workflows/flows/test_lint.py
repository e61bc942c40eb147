"""Each rule of publication with definitions that it stops and one that it lets pass, and the definitions that come with the house."""

import re
from datetime import timedelta

import pytest
from django.utils import translation

from tests.workflows.flows.builders import SEEN, make_definition, make_house, task
from workflows.flows.conditions import TYPES
from workflows.flows.defaults import default_body, default_definition
from workflows.flows.lint import lint
from workflows.flows.parsing import parse_definition

DEAR = ["amount", ">", 50_000]
CHEAP = {"all": [["amount", "<=", 5_000], ["risk", "=", "low"]]}
CHECKS = [{"auto": name, "key": name} for name in ("eligibility", "risk", "evidence")]
BY_RULE = {"auto": "auto_approve", "key": "auto_approve", "when": CHEAP}
REVIEW = task("review", done_by=["approve", "reject", "escalate"])
SENIOR = {"approve": ["lead", "finance"], "key": "senior", "distinct": True, "sla": "PT4H", "before": ["approve"]}
WAIT = {"wait": "scan_in", "key": "w", "remind": ["P3D"], "timeout": ["P10D", None]}
TELL = {"notify": "arrived", "key": "tell"}


def seq(*parts):
    return {"seq": list(parts)}


def parallel(join, *parts):
    return {"parallel": list(parts), "join": join}


def choice(*branches, key="c", **other):
    return {"choice": [{"when": when, "do": do} for when, do in branches], "key": key} | (other or {"else": None})


def found(root, phase="review", **house):
    """Rule and key of everything that is found."""
    return [(finding.rule, finding.key) for finding in lint(make_definition(root, phase), make_house(**house))]


GOOD = {
    "L1 a nested choice that some case reaches": choice((["amount", ">", 100], choice((DEAR, task("a")), key="d"))),
    "L1 the type of this case": task("a", when=["type", "=", "return_quality"]),
    "L2 a join of as many as there are": parallel(2, task("a"), task("b")),
    "L2 a task with another way out": seq(task("a", done_by=["approve", "escalate"], when=["amount", "<", 50_000]), SENIOR),
    "L2 a task that its form finishes too": seq(task("a", done_by=["approve"]), SENIOR),
    "L2 a task beside what holds its verb back": parallel(
        "all",
        {"task": "a", "key": "a", "role": "agent", "fallback": "lead", "done_by": ["reject", "escalate"]},
        task("b", before=["reject"]),
    ),
    "L4 branches that overlap in part": choice((["amount", ">", 100], task("a")), (["amount", ">", 50], task("b")), **{"else": task("d")}),
    "L4 branches that take every case, and nothing else": choice((DEAR, task("a")), (["amount", "<=", 50_000], task("b"))),
    "L5 two loops, one inside the other": {
        "loop": {"loop": task("a"), "key": "inner", "until": DEAR, "max": 2},
        "key": "outer",
        "until": DEAR,
        "max": 2,
    },
    "L6 a skill that somebody has": task("a", role="lead", fallback="agent"),
    "L8 nobody proposes": SENIOR,
    "L8 an approval above the authority": seq(REVIEW, SENIOR | {"when": DEAR}),
    "L8 small amounts alone": choice(
        (["amount", "<=", 50_000], REVIEW), **{"else": seq(task("dear", done_by=["approve", "escalate"]), SENIOR)}
    ),
    "L8 an approval wherever somebody can grant": choice(
        (["risk", "=", "low"], seq(REVIEW, SENIOR)), **{"else": task("hand_on", done_by=["escalate"])}
    ),
    "L9 approvals of others": seq(REVIEW, SENIOR),
    "L9 the proposer signs what others propose": choice(
        (DEAR, seq(REVIEW, SENIOR)),
        (["risk", "=", "high"], seq(task("t", role="lead", fallback="agent", done_by=["escalate"]), {"approve": ["finance"], "key": "f"})),
    ),
    "L10 a rejection by a person": seq(REVIEW, SENIOR),
    "L12 verbs of the phase": seq(task("a", done_by=["request_info"], before=["approve", "approve_senior", "reject"])),
}


@pytest.mark.parametrize("root", GOOD.values(), ids=GOOD)
def test_good_definitions_pass_every_rule(root):
    assert found(root) == []


# rule, key of the node, tree, words of the finding
BAD = [
    ("L1", "a", choice((["amount", ">", 100], task("a", when=["amount", "<", 50]))), "ever comes here"),
    ("L1", "a", task("a", when=["type", "=", "repair"]), "ever comes here"),
    ("L1", "a", choice((["risk", "!=", "low"], None), **{"else": seq(task("a", when=["risk", "=", "high"]))}), "ever comes here"),
    ("L2", "", parallel(3, task("a"), task("b")), "waits for 3 branches and has 2"),
    ("L2", "a", {"task": "a", "key": "a", "role": "agent", "fallback": "lead"}, "Nothing finishes"),
    (
        "L2",
        "a",
        seq(
            {"task": "a", "key": "a", "role": "agent", "fallback": "lead", "done_by": ["reject", "approve"]},
            *(task("x", before=["approve"]), task("y", before=["reject"]), SENIOR),
        ),
        "wait for “x, y, senior”",
    ),
    (
        "L2",
        "a",
        {
            **{"key": "l", "until": DEAR, "max": 2},
            "loop": seq(
                SENIOR | {"before": ["approve_senior"]},
                {"task": "a", "key": "a", "role": "agent", "fallback": "lead", "done_by": ["approve_senior"]},
            ),
        },
        "wait for “senior”",
    ),
    ("L3", "c", {"choice": [{"when": DEAR, "do": None}], "key": "c"}, "no branch is true"),
    ("L4", "c", choice(({"all": [["amount", ">", 9], ["amount", "<", 9]]}, task("a"))), "Branch 1 contradicts itself"),
    ("L4", "c", choice((["amount", ">", 50], None), (["amount", ">", 60], task("a"))), "Branch 2 is never chosen"),
    ("L4", "c", choice((["risk", "in", ["low", "high"]], None), (["risk", "=", "low"], None)), "Branch 2 is never chosen"),
    ("L4", "c", choice((DEAR, None), (["amount", "<=", 50_000], None), **{"else": task("a")}), "“else” is never chosen"),
    ("L5", "l", {"loop": task("a"), "key": "l", "until": DEAR}, "how often"),
    ("L5", "l", {"loop": task("a"), "key": "l", "max": 2}, "when it ends"),
    ("L5", "l", {"loop": task("a"), "key": "l", "max": 2, "until": {"all": [DEAR, ["amount", "<", 5]]}}, "never true"),
    (
        "L5",
        "l3",
        {
            **{"key": "l1", "until": DEAR, "max": 2},
            "loop": {"key": "l2", "until": DEAR, "max": 2, "loop": {"key": "l3", "until": DEAR, "max": 1, "loop": task("a", sla="PT1M")}},
        },
        "At most 2 loops",
    ),
    ("L6", "a", {"task": "a", "key": "a", "fallback": "lead", "form": "note"}, "who does this"),
    ("L6", "a", {"task": "a", "key": "a", "role": "agent", "form": "note"}, "stands in"),
    ("L6", "a", task("a", fallback="agent"), "stands in"),
    ("L6", "a", task("a", role="courier"), "Nobody active is “courier”"),
    ("L6", "a", task("a", fallback="courier"), "Nobody active is “courier”"),
    ("L6", "s", {"approve": ["lead", "auditor"], "key": "s", "distinct": True}, "Nobody active is “auditor”"),
    ("L8", "review", REVIEW, "Above 50000 fen"),
    ("L8", "review", seq(REVIEW, SENIOR | {"when": ["amount", ">", 60_000]}), "Above 50000 fen"),
    ("L8", "review", seq(REVIEW, SENIOR | {"when": {"all": [DEAR, ["amount", "!=", 70_000]]}}), "Above 50000 fen"),
    ("L8", "review", seq(REVIEW, SENIOR | {"when": {"all": [DEAR, ["risk", "=", "high"]]}}), "Above 50000 fen"),
    ("L8", "review", seq(REVIEW, SENIOR | {"before": ["approve_senior"]}), "Above 50000 fen"),
    ("L8", "review", seq(REVIEW, parallel("any", SENIOR, task("b"))), "Above 50000 fen"),
    ("L9", "senior", SENIOR | {"distinct": False}, "One person could sign"),
    ("L9", "s", seq(REVIEW, SENIOR, {"approve": ["agent"], "key": "s"}), "“agent” proposes in “review”"),
    ("L10", "a", task("a", done_by=["reject"]), "only end in a rejection"),
    ("L12", "a", task("a", done_by=["scan_in"]), "“scan_in” is not possible"),
    ("L12", "a", task("a", before=["pass_inspection"]), "“pass_inspection” is not possible"),
    ("L12", "a", task("a", before=["withdraw"]), "“withdraw” can never be held back"),
    ("L12", "w", WAIT, "Nothing called “scan_in”"),
    ("L12", "x", {"auto": "horoscope", "key": "x"}, "no check “horoscope”"),
    ("L14", "n", {"notify": "song", "key": "n"}, "no template “song”"),
]


@pytest.mark.parametrize(("rule", "key", "root", "words"), BAD, ids=[f"{rule} {words}" for rule, _key, _root, words in BAD])
def test_bad_definitions_are_stopped_by_their_rule_and_no_other(rule, key, root, words):
    findings = lint(make_definition(root), make_house(templates={"arrived": frozenset()}))

    assert {(finding.rule, finding.key) for finding in findings} == {(rule, key)}
    assert any(words in str(finding.words) for finding in findings)
    assert {(finding.phase, finding.level) for finding in findings} == {("review", "error")}
    assert all(finding.path.startswith("phases.review") for finding in findings)


def test_a_choice_needs_somebody_who_decides_the_unknown():
    root = {"auto": "risk", "key": "a", "when": DEAR}

    assert found(root) == []
    assert found(root, staffed=frozenset({"agent"})) == [("L6", "a.when")]


def test_a_skill_needs_somebody_who_has_it():
    root = {"task": "a", "key": "a", "skill": "gold", "fallback": "lead", "form": "note"}

    assert found(root, staffed=frozenset({"gold", "lead"})) == []
    assert found(root) == [("L6", "a")]


@pytest.mark.parametrize(
    ("wait", "expected"),
    [
        (WAIT, []),
        ({"wait": "scan_in", "key": "w", "notice": "arrived", "timeout": ["P10D", None]}, []),
        ({"wait": "P3D", "key": "w"}, []),
        ({"wait": "scan_in", "key": "w", "remind": ["P3D"]}, [("L7", "w")]),
        ({"wait": "scan_in", "key": "w", "timeout": ["P10D", None]}, [("L7", "w")]),
        (WAIT | {"remind": ["P3D", "P10D"]}, [("L7", "w")]),
        ({"wait": "P3D", "key": "w", "timeout": ["P10D", None]}, [("L7", "w")]),
    ],
)
def test_a_wait_ends_and_is_told(wait, expected):
    assert found(wait, "return") == expected


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (seq(parallel("all", *CHECKS), BY_RULE), []),
        (seq(*CHECKS, BY_RULE), []),
        (seq(choice((DEAR, seq(*CHECKS)), **{"else": None}), BY_RULE), [("L8", "auto_approve")]),
        (seq(parallel("any", *CHECKS), BY_RULE), [("L8", "auto_approve")]),
        (seq(*CHECKS[:2], BY_RULE), [("L8", "auto_approve")]),
        (seq(BY_RULE, *CHECKS), [("L8", "auto_approve")]),
        (parallel("all", *CHECKS, BY_RULE), [("L8", "auto_approve")]),
        (seq(*CHECKS, {"auto": "auto_approve", "key": "auto_approve"}), [("L8", "auto_approve")]),
        (seq(*CHECKS, BY_RULE | {"when": ["risk", "=", "low"]}), [("L8", "auto_approve")]),
        (seq(*CHECKS, BY_RULE | {"when": ["amount", "<=", 5_001]}), [("L8", "auto_approve")]),
        (seq(*CHECKS, BY_RULE | {"when": {"any": [["amount", "<", 100], ["amount", "=", 9_000]]}}), [("L8", "auto_approve")]),
    ],
)
def test_approval_by_rule_comes_after_its_checks_and_within_the_limit(root, expected):
    assert found(root, "intake") == expected


def test_checks_that_every_branch_makes_are_made():
    rest = [task("t"), *CHECKS]
    again = [{"auto": name, "key": f"{name}_again"} for name in ("eligibility", "risk", "evidence")]

    assert found(seq(choice((DEAR, seq(*rest)), **{"else": seq(*again)}), BY_RULE), "intake") == []


def test_a_role_without_limit_grants_alone_and_an_unknown_one_nothing():
    assert found(REVIEW, authority={"agent": None}) == []
    assert found(REVIEW, authority={}) == [("L8", "review")]


@pytest.mark.parametrize(
    ("root", "expected"),
    [
        (WAIT | {"timeout": ["P10D", task("a", role="lead", fallback="manager", done_by=["resolve_exception", "escalate"])]}, ["L8"]),
        (WAIT | {"timeout": ["P10D", task("a", role="lead", fallback="manager", done_by=["escalate", "reject"])]}, ["L10"]),
        (WAIT | {"timeout": ["P10D", TELL | {"notify": "refused"}]}, ["L10"]),
        (WAIT | {"timeout": ["P10D", TELL]}, []),
        (TELL | {"notify": "refused"}, []),
        ({"auto": "reject", "key": "a"}, ["L10"]),
        (task("a", role="system", fallback="lead", done_by=["reject", "escalate"]), ["L10"]),
    ],
)
def test_no_timer_and_no_machine_says_no_to_a_customer(root, expected):
    house = {"events": frozenset({"scan_in"}), "staffed": frozenset({"agent", "lead", "manager", "system"})}
    checks = frozenset({"reject"})

    assert [rule for rule, _key in found(root, "exception", checks=checks, **house)] == expected


@pytest.mark.parametrize(
    ("root", "phase", "hours"),
    [
        (task("a", sla="PT3H"), "review", 6),
        ({"task": "a", "key": "a", "role": "agent", "fallback": "lead", "form": "note"}, "review", 48),
        (SENIOR, "review", 16),
        (seq(task("a", sla="PT3H"), task("b", sla="PT5H")), "review", 16),
        (parallel("all", task("a", sla="PT3H"), task("b", sla="PT5H")), "review", 10),
        (parallel("any", task("a", sla="PT3H"), task("b", sla="PT5H")), "review", 6),
        (choice((DEAR, task("a", sla="PT3H")), **{"else": task("b", sla="PT5H")}), "review", 10),
        ({"loop": task("a", sla="PT3H"), "key": "l", "until": DEAR, "max": 3}, "review", 18),
        ({"wait": "P2D", "key": "w"}, "return", 48),
        (WAIT | {"timeout": ["P10D", task("a", sla="PT3H")]}, "return", 6),
    ],
)
def test_the_longest_work_fits_the_legal_deadline(root, phase, hours):
    def rules(limit):
        return [rule for rule, _key in found(root, phase, legal_deadline=limit)]

    assert rules(timedelta(hours=hours)) == []
    assert rules(timedelta(hours=hours, seconds=-1)) == ["L11"]
    assert rules(None) == []


def test_the_time_after_the_end_is_the_customers():
    assert found(task("a", sla="PT3H"), "after", legal_deadline=timedelta()) == []


def test_the_deadline_finding_names_the_slowest_node_of_all_phases():
    definition = parse_definition({"schema": 1, "phases": {"review": task("a", sla="PT3H"), "exception": task("b", sla="PT5H")}})

    findings = lint(definition, make_house(legal_deadline=timedelta(hours=15)))

    assert [(finding.rule, finding.phase, finding.key) for finding in findings] == [("L11", "exception", "b")]
    assert "can take 16 h, the law gives 15 h" in str(findings[0].words)


def test_approval_by_rule_is_asked_only_where_it_is_possible():
    root = seq(*CHECKS, BY_RULE)

    assert found(root, "intake") == []
    assert found(root, "settle") == [("L12", "auto_approve")]


def test_an_event_of_the_house_may_be_waited_for():
    assert found(WAIT, events=frozenset({"scan_in"})) == []


@pytest.mark.parametrize(
    ("root", "house", "expected"),
    [
        (task("a"), {}, []),
        (task("a"), {"worded": SEEN - {"in_review"}}, [("L13", "")]),
        (task("a"), {"noticed": SEEN - {"in_review"}}, [("L13", "")]),
        (task("a"), {"worded": SEEN - {"received"}, "noticed": SEEN - {"received"}}, []),
        (seq(task("a"), TELL), {"noticed": frozenset()}, []),
        (seq(task("a"), TELL | {"audience": "warehouse"}), {"noticed": SEEN - {"in_review"}}, [("L13", "")]),
    ],
)
def test_the_customer_is_told_of_every_state(root, house, expected):
    root = root if "seq" in root else seq(root)

    assert found(root, **house) == expected


@pytest.mark.parametrize(
    ("templates", "expected"),
    [
        ({"arrived": frozenset({"number"})}, []),
        ({"arrived": frozenset({"number", "mood"})}, [("L14", "tell")]),
        ({}, [("L14", "tell")]),
    ],
)
def test_templates_and_what_they_name_exist(templates, expected):
    assert found(TELL, templates=templates) == expected


def test_the_template_of_a_reminder_exists_too():
    assert found(WAIT | {"notice": "song"}, "return") == [("L14", "w")]


def test_conditions_that_ask_too_much_to_be_checked_are_a_finding_and_not_a_long_wait():
    rows = [[name, "=", number] for name in ("amount", "days_since_signed") for number in range(0, 400, 4)]
    root = choice(({"any": rows}, task("a")))

    findings = lint(make_definition(root), make_house())

    assert {finding.rule for finding in findings} == {"L1", "L4"}
    assert all("ask too many different things" in str(finding.words) for finding in findings)


def house_of(case_type):
    if case_type == "compensation":
        return make_house(type=case_type, authority={"agent": 5_000, "lead": 50_000})
    return make_house(type=case_type)


@pytest.mark.parametrize("case_type", TYPES)
def test_the_definitions_of_the_house_are_clean(case_type):
    assert [str(finding) for finding in lint(default_definition(case_type), house_of(case_type))] == []


def test_types_with_goods_coming_back_say_how_they_are_received():
    with_return = {case_type for case_type in TYPES if "return" in default_definition(case_type).phases}

    assert with_return == {"return_no_reason", "return_quality", "exchange_quality", "repair", "refused_parcel"}


def test_a_body_can_be_changed_without_changing_the_next_one():
    default_body("repair")["phases"].clear()

    assert default_body("repair")["phases"]
    with pytest.raises(LookupError):
        default_body("../repair")


def test_every_finding_says_what_to_do_in_whole_sentences_of_both_languages():
    findings = [finding for _rule, _key, root, _words in BAD for finding in lint(make_definition(root), make_house())]

    assert [finding for finding in findings if not re.fullmatch(r"[A-Z“].*\.", str(finding.words))] == []
    with translation.override("zh-hans"):
        assert [finding for finding in findings if not re.fullmatch(r".*[\u4e00-\u9fff].*。", str(finding.words))] == []
