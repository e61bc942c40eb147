"""Mappings: those that are shipped, and what is wrong with others."""

import pytest
from django.core.management import CommandError, call_command

from analytics.imports.mapping import SHIPPED, MappingError, load_mapping, parse_mapping
from analytics.imports.records import LogError
from analytics.imports.run import find_format
from analytics.imports.suggesting import suggest_mapping
from analytics.models import ImportedLog
from complaints.models import Complaint
from tests.analytics.imports.builders import FIXTURES, MONDAY, write_csv, write_xes, xes_event, xes_trace

OWN = {"case": "id", "activity": "what", "time": "when"}


@pytest.mark.parametrize("name", sorted(path.stem for path in SHIPPED.glob("*.json")))
def test_a_shipped_mapping_speaks_of_kinds_channels_and_priorities_that_there_are(name):
    mapping = load_mapping(name)

    assert set(mapping.words.get("channel", {}).values()) <= set(Complaint.Channel.values)
    assert mapping.text["about"]
    assert mapping.activities or mapping.moments


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"activities": {"a": "solved"}}, "solved"),
        ({"time_zone": "Europe/Nowhere"}, "Nowhere"),
        ({"colour": "red"}, "unknown keys: colour"),
        ({"words": {"priority": {"high": "very"}}}, "'very' is no priority"),
        ({"words": {"channel": {"mail": 3}}}, "3 is no channel"),
        ({"words": {"team": {}}}, "no words for 'team'"),
        ({"moments": {"Closed at": {"minutes_after": "Created at"}}}, "kind"),
        ({"activities": ["a"]}, "items"),
    ],
)
def test_a_wrong_mapping_says_where(changes, words):
    with pytest.raises(MappingError, match=words):
        parse_mapping("own", {**OWN, **changes})


def test_a_mapping_that_is_not_there_names_those_that_are():
    with pytest.raises(MappingError, match=r"help-desk.*zendesk"):
        load_mapping("helpdesk")


def test_activities_are_compared_without_case_and_spaces():
    mapping = parse_mapping("own", {**OWN, "activities": {"Resolve  Ticket": "resolved"}})

    assert [mapping.kind_of(name) for name in ("resolve ticket", "RESOLVE TICKET ", "resolve")] == ["resolved", "resolved", "other"]


def test_a_word_for_which_there_is_none_stays_but_for_priorities():
    mapping = parse_mapping("own", {**OWN, "words": {"priority": {"P1": 3}, "category": {"Delivery": "logistics"}}})

    assert [mapping.word("priority", value) for value in ("p1", "P9", "2")] == [3, 1, 2]
    assert [mapping.word("category", value) for value in ("delivery", "x" * 70)] == ["logistics", "x" * 60]


def test_two_mappings_of_the_same_text_are_the_same():
    text = {**OWN, "activities": {"a": "filed", "b": "closed"}}
    turned = {"activities": {"b": "closed", "a": "filed"}, **OWN}

    assert parse_mapping("one", text).digest == parse_mapping("two", turned).digest


@pytest.mark.parametrize(("name", "found"), [("a.xes", "xes"), ("a.XES.gz", "xes"), ("a.csv", "csv"), ("a.tsv", "csv"), ("a.xml", "xes")])
def test_the_name_of_a_file_tells_its_format(tmp_path, name, found):
    assert find_format(tmp_path / name) == found


def test_a_file_of_no_known_name_asks_for_its_format(tmp_path):
    with pytest.raises(LogError, match="--format"):
        find_format(tmp_path / "log")


def test_a_mapping_is_suggested_by_the_words_of_activities(tmp_path):
    names = ["Ticket opened", "Reassigned to 2nd line", "Wait - user", "Re-opened", "Problem solved", "Customer reply", "已转派", "???"]
    path = write_xes(tmp_path / "a.xes", [xes_trace("1", [xes_event(name, MONDAY) for name in [*names, "???"]])])

    suggestion, counted = suggest_mapping(path, mapping=load_mapping("generic"))

    kinds = ["filed", "team_changed", "waiting_customer", "reopened", "resolved", "customer_message", "team_changed", "other"]
    assert suggestion["activities"] == dict(zip(names, kinds, strict=True))
    assert counted["???"] == 2
    assert parse_mapping("own", suggestion).kind_of("Problem solved") == "resolved"


@pytest.mark.django_db
def test_the_command_prints_statistics_findings_and_writes_a_report(capsys, tmp_path):
    report = tmp_path / "report.csv"

    call_command("import_event_log", FIXTURES / "desk.xes", "--name", "Old desk", "--report", report)

    printed = capsys.readouterr().out
    assert "cases: 2\n" in printed
    assert "median_rank_s: 1,800.000 s = 0.021 days" in printed
    assert "        1  other              Strange thing\n" in printed
    assert ImportedLog.objects.get().name == "Old desk"
    assert [line.split(",")[:4] for line in report.read_text("utf-8-sig").splitlines()[1:]] == [
        ["desk.xes", "37", "odd", "unnamed_case"],
        ["desk.xes", "45", "rejected", "no_time"],
    ]


@pytest.mark.django_db
@pytest.mark.parametrize("option", ["--dry-run", "--suggest"])
def test_the_command_says_why_nothing_of_a_file_can_be_read(tmp_path, option):
    path = write_csv(tmp_path / "a.csv", "Case ID,Activity,Complete Timestamp", "1,a,1970-01-01 09:00", "1,b,1970-01-02 09:00", "1,,")

    with pytest.raises(CommandError, match=r"no event that can be read: bad_time \(2\), no_activity \(1\)\."):
        call_command("import_event_log", path, option)


@pytest.mark.django_db
def test_the_command_names_the_columns_that_a_file_lacks(tmp_path):
    path = write_csv(tmp_path / "a.csv", "Case ID,When", "1,2026-03-02")

    with pytest.raises(CommandError, match="The file has: Case ID, When"):
        call_command("import_event_log", path)
    assert not ImportedLog.objects.exists()
