"""A log becomes facts: exact, once, in batches, and without the names of people."""

import gzip
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import Sum

from analytics.imports import RefusedLogError, import_log, load_mapping, run
from analytics.imports.mapping import parse_mapping
from analytics.imports.records import LogError
from analytics.models import Arrival, Cycle, ImportedEvent, ImportedFinding, ImportedLog, Round
from tests.analytics.imports.builders import FIXTURES, MONDAY, many_traces, write_csv, write_xes, xes_event, xes_trace

pytestmark = pytest.mark.django_db
HELP_DESK = load_mapping("help-desk")
GENERIC = load_mapping("generic")


def import_fixture(name="desk.csv", mapping=HELP_DESK, **options):
    return import_log(FIXTURES / name, mapping=mapping, **options)


def sums(model, log, *names):
    return tuple(model.objects.filter(source=log.pk).aggregate(**{name: Sum(name) for name in names}).values())


def rows_of(log):
    return [list(model.objects.filter(source=log.pk).order_by("root_id", "ordinal").values()) for model in (Arrival, Cycle, Round)]


def test_the_statistics_of_a_log_are_those_counted_by_hand():
    log = import_fixture().log

    assert log.statistics == {
        "cases": 4,
        "events": 16,
        "variants": 3,
        "first": "2026-03-02T08:00:00+00:00",
        "last": "2026-03-12T08:00:00+00:00",
        "mean_s": 4.25 * 86400,
        "median_s": 3.5 * 86400,
        "median_rank_s": 3.0 * 86400,
        "p90_s": 708_480.0,
        "p90_rank_s": 10.0 * 86400,
        "resolutions": 4,
        "reopens": 1,
        "reopened_cases": 1,
        "resource_changes": 6,
        "group_changes": 2,
        "duplicates": 0,
        "out_of_order": 0,
    }


def test_facts_agree_with_the_statistics_of_their_log(tmp_path):
    log = import_log(write_xes(tmp_path / "many.xes", many_traces(60)), mapping=HELP_DESK).log

    assert sums(Arrival, log, "arrived") == (log.statistics["cases"],)
    assert sums(Cycle, log, "resolved", "reopened") == (log.statistics["resolutions"], log.statistics["reopens"])
    assert log.statistics["reopens"] == 12


def test_a_status_and_its_sub_status_are_one_activity(tmp_path):
    steps = [
        ("Accepted", "In Progress", "Mei", "2nd"), ("Queued", "Awaiting Assignment", "Mei", "3rd"),
        ("Accepted", "Wait - User", "Jun", "3rd"), ("Completed", "Resolved", "Jun", "3rd"),
        ("Accepted", "In Progress", "Mei", "2nd"), ("Completed", "In Call", "Mei", "2nd"), ("Completed", "Closed", "", ""),
    ]  # fmt: skip
    events = (
        xes_event(status, MONDAY + timedelta(hours=hour), who, lifecycle_transition=below, **({"org_group": team} if team else {}))
        for hour, (status, below, who, team) in enumerate(steps)
    )
    plain = write_xes(tmp_path / "incidents.xes", [xes_trace("1", events)])
    packed = tmp_path / "incidents.xes.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))

    log = import_log(packed, mapping=load_mapping("incident-states")).log

    kinds = ["worked", "waiting_us", "waiting_customer", "resolved", "worked", "resolved", "closed"]
    assert list(ImportedEvent.objects.filter(log=log).order_by("position").values_list("kind", flat=True)) == kinds
    assert [log.statistics[name] for name in ("resolutions", "reopens", "resource_changes", "group_changes")] == [2, 1, 2, 2]


def test_a_case_has_its_resolution_times_and_waits():
    log = import_fixture().log

    fact = Cycle.objects.get(source=log.pk, last=1, rt_full_s=10 * 86400)
    assert (fact.number, fact.us_s, fact.customer_s) == (2, 2 * 86400, 8 * 86400)


def test_a_log_without_words_for_messages_says_nothing_of_response_times():
    log = import_fixture().log

    assert sums(Arrival, log, "waits", "by_house", "replied") == (0, 4, 0)


def test_a_log_with_messages_tells_how_long_its_customers_waited():
    log = import_fixture("desk.xes", GENERIC).log

    fact = Arrival.objects.get(source=log.pk, waits=1, answered=1)
    assert (fact.frt_s, fact.channel) == (1800, "mail")


def test_the_facts_of_the_house_are_left_alone():
    import_fixture()

    assert not Arrival.objects.filter(source=0).exists()


def test_activities_without_a_kind_are_kept_and_listed():
    log = import_fixture("desk.xes", GENERIC).log

    assert log.activities[-1] == {"name": "Strange thing", "kind": "other", "count": 1}
    assert ImportedEvent.objects.get(log=log, activity="Strange thing").kind == "other"


def test_a_start_is_paired_with_its_completion_and_answers_nobody():
    log = import_fixture("desk.xes", GENERIC).log

    start, complete = ImportedEvent.objects.filter(log=log, activity="Reply").order_by("position")
    assert (start.kind, complete.kind) == ("other", "human_message")
    assert complete.codes["began"] == start.at.isoformat()


def test_no_name_of_a_person_is_kept():
    log = import_fixture("desk.xes", GENERIC).log

    kept = [ImportedLog.objects.filter(pk=log.pk).values(), log.events.values(), log.findings.values()]
    text = json.dumps([list(rows) for rows in kept], default=str)
    assert ("Anna" in text, "Bert" in text) == (False, False)
    assert list(log.events.order_by("position").values_list("actor", flat=True)) == [1, 2, 2, 2, 0, 0]


def test_broken_records_are_told_by_line_and_the_rest_is_taken(tmp_path):
    path = write_csv(
        tmp_path / "broken.csv",
        "Case ID,Activity,Complete Timestamp",
        "1,Created,2026-03-02 09:00",
        ",Created,2026-03-02 09:00",
        "1,,2026-03-02 09:00",
        "1,Reply,",
        "1,Reply,yesterday",
        "1,Reply,2026-03-02 10:00,extra",
        f"{'x' * 201},Reply,2026-03-02 10:00",
        "1,Reply,2099-03-02 10:00",
        "1,Closed,2026-03-02 11:00",
        "1,Closed,2026-03-02 11:00",
    )

    log = import_log(path, mapping=GENERIC).log

    found = [(each.line, each.code) for each in log.findings.order_by("line")]
    codes = ["no_case", "no_activity", "no_time", "bad_time", "wrong_width", "too_long", "future"]
    assert found == [*enumerate(codes, start=3), (11, "duplicate")]
    assert (log.statistics["events"], log.counts["records"], log.counts["events"]) == (4, 10, 4)
    assert log.counts["findings"] == {code: 1 for _line, code in found}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_a_table_may_come_in_any_usual_writing(tmp_path, encoding, delimiter):
    rows = ["工单号,活动,时间,处理人", "1,创建,2026-03-02 09:00,王", "1,回复,2026-03-02 09:05,李", "1,关闭,2026-03-02 10:00,李"]
    path = write_csv(tmp_path / "desk.csv", *(row.replace(",", delimiter) for row in rows), encoding=encoding)

    log = import_log(path, mapping=GENERIC).log

    assert sums(Arrival, log, "arrived", "replied", "completed") == (1, 1, 1)
    assert Arrival.objects.get(source=log.pk).frt_s == 300


def test_a_table_of_cases_has_its_moments_in_columns(tmp_path):
    path = write_csv(
        tmp_path / "tickets.csv",
        "Id,Assignee,Group,Via,Priority,Created at,Initially assigned at,First reply time in minutes,Assigned at,Solved at",
        "1,Anna,Desk,Mail,High,2026-03-02 09:00,2026-03-02 09:05,30,2026-03-02 09:05,2026-03-03 09:00",
        "2,Bert,Desk,Web form,Low,2026-03-02 10:00,,,,",
    )

    log = import_log(path, mapping=load_mapping("zendesk")).log

    solved, waiting = Arrival.objects.filter(source=log.pk).order_by("root_id")
    assert (solved.frt_s, solved.channel, solved.priority, solved.solved) == (1800, "mail", 2, 1)
    assert (waiting.waiting, waiting.channel, waiting.unresolved) == (1, "web", 1)
    assert log.words == {"team": {"1": "Desk"}}


def test_machines_answer_nobody_and_get_no_credit(tmp_path):
    mapping = parse_mapping("own", {**GENERIC.text, "machines": ["Robot"]})
    events = [xes_event("Created", MONDAY), xes_event("Reply", MONDAY, "Robot"), xes_event("Closed", MONDAY, "robot")]

    log = import_log(write_xes(tmp_path / "a.xes", [xes_trace("1", events)]), mapping=mapping).log

    assert sums(Arrival, log, "replied", "solved") == (0, 1)
    assert Cycle.objects.get(source=log.pk).agent == 0


def test_the_same_file_with_the_same_mapping_is_refused(tmp_path):
    import_fixture()

    with pytest.raises(RefusedLogError, match="imported already"):
        import_fixture(name="desk.csv")
    assert import_fixture(mapping=GENERIC).log.statistics["events"] == 16


def test_a_dry_run_stores_no_fact_even_for_a_while():
    told = []

    import_fixture(dry_run=True, progress=lambda step, done, total: told.append((step, Arrival.objects.count())))

    assert told[-1] == ("folded", 0)


def test_folding_goes_on_after_the_last_case_that_was_stored(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "CASES", 3)
    path = write_xes(tmp_path / "many.xes", many_traces(7))
    told = []

    def stop(step, done, total):
        if step == "folded" and done == 6:
            raise StoppedError

    with pytest.raises(StoppedError):
        import_log(path, mapping=HELP_DESK, progress=stop)
    import_log(path, mapping=HELP_DESK, progress=lambda step, done, total: told.append((step, done, total)))

    assert told == [("folded", 7, 7)]


class StoppedError(Exception):
    """The process was killed."""


@pytest.mark.parametrize(("step", "after"), [("read", 1), ("read", 3), ("folded", 1), ("folded", 4)])
def test_an_import_that_was_stopped_goes_on_to_the_same_facts(tmp_path, monkeypatch, step, after):
    monkeypatch.setattr(run, "BATCH", 7)
    monkeypatch.setattr(run, "CASES", 3)
    path = write_xes(tmp_path / "many.xes", [*many_traces(20), xes_trace("Case 3", ["<event/>", *["<event/>"]])])
    whole = import_log(path, mapping=replace(HELP_DESK, text={**HELP_DESK.text, "about": "another"})).log
    told = []

    def stop(at, done, total):
        told.append(at)
        if told.count(step) == after:
            raise StoppedError

    with pytest.raises(StoppedError):
        import_log(path, mapping=HELP_DESK, progress=stop)
    log = import_log(path, mapping=HELP_DESK).log

    assert (log.statistics, log.counts, log.activities) == (whole.statistics, whole.counts, whole.activities)
    assert log.findings.count() == whole.findings.count() == 2
    without_source = [[{**row, "source": 0} for row in rows] for rows in rows_of(log)]
    assert without_source == [[{**row, "source": 0} for row in rows] for rows in rows_of(whole)]


def test_two_imports_of_one_file_do_not_mix(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 7)
    path = write_xes(tmp_path / "many.xes", many_traces(9))

    others = []

    def overtake(step, done, total):
        if not others:
            others.append(step)
            import_log(path, mapping=HELP_DESK)

    with pytest.raises(RefusedLogError, match="Another process"):
        import_log(path, mapping=HELP_DESK, progress=overtake)
    log = ImportedLog.objects.get()
    assert (log.state, log.events.count()) == ("done", log.statistics["events"])


def test_a_dry_run_finds_everything_and_keeps_nothing():
    summary = import_fixture(dry_run=True)

    assert summary.log.statistics["cases"] == 4
    assert [model.objects.count() for model in (ImportedLog, ImportedEvent, ImportedFinding, Arrival)] == [0, 0, 0, 0]


def test_a_column_of_texts_is_no_column_of_activities(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "BATCH", 400)
    rows = (f"{number},what somebody wrote {number},2026-03-02 09:00" for number in range(1100))
    path = write_csv(tmp_path / "texts.csv", "Case ID,Activity,Complete Timestamp", *rows)

    with pytest.raises(LogError, match="different activities"):
        import_log(path, mapping=GENERIC)
    assert not ImportedLog.objects.exists()


def test_many_findings_are_all_counted_and_some_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "MOST_FINDINGS", 3)
    path = write_csv(tmp_path / "a.csv", "Case ID,Activity,Complete Timestamp", "1,a,2026-03-02 09:00", *["1,a,never"] * 8)

    summary = import_log(path, mapping=GENERIC)

    assert (summary.log.counts["findings"], len(summary.findings), summary.log.findings.count()) == ({"bad_time": 8}, 3, 3)
