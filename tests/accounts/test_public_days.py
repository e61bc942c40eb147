"""The file of public days: read in both forms, with every fault at its line, and written back."""

import json
from datetime import date, timedelta

import pytest

from accounts.public_days import PublicDaysError, read_periods, write_periods
from accounts.services.calendars import shipped_periods

HEAD = "from,to,kind,name_zh,name_en,notice,year\n"
NEW_YEAR = "2027-01-01,2027-01-03,holiday,元旦,New Year's Day,国办发明电〔2026〕0号,2027\n"
MAKE_UP = "2027-01-10,,上班,元旦调休,Make-up day,国办发明电〔2026〕0号,2027\n"


def faults_of(text: str) -> list[str]:
    with pytest.raises(PublicDaysError) as refused:
        read_periods(text)
    return refused.value.faults


def test_a_csv_file_is_read_line_by_line():
    first, second = read_periods("\ufeff" + HEAD + NEW_YEAR + "\n,,,,,,\n" + MAKE_UP)

    assert (first.start, first.end, first.kind, first.name_zh, first.year) == (date(2027, 1, 1), date(2027, 1, 3), "holiday", "元旦", 2027)
    assert (second.start, second.end, second.kind) == (date(2027, 1, 10), date(2027, 1, 10), "make_up")
    assert [row.date.day for row in first.rows()] == [1, 2, 3]


def test_a_json_file_says_the_same():
    names = HEAD.strip().split(",")
    rows = [dict(zip(names, line.strip().split(","), strict=True)) for line in (NEW_YEAR, MAKE_UP)]

    assert read_periods(json.dumps(rows)) == read_periods(HEAD + NEW_YEAR + MAKE_UP)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (NEW_YEAR.replace("2027-01-01", "1.1."), "1.1."),
        (NEW_YEAR.replace("2027-01-03", "2026-12-31"), ""),
        (NEW_YEAR.replace("2027-01-03", "2027-03-03"), ""),
        (NEW_YEAR.replace("holiday", "party"), "party"),
        (NEW_YEAR.replace("元旦", ""), "name_zh"),
        (NEW_YEAR.replace("New Year's Day", "N" * 61), "name_en"),
        (NEW_YEAR.replace(",2027\n", ",2029\n"), "2029"),
        (NEW_YEAR.replace(",2027\n", ",soon\n"), "soon"),
        (MAKE_UP.replace("2027-01-10", "2027-01-02"), "2027-01-02"),
    ],
)
def test_every_fault_is_said_with_its_line(line, said):
    good = "2027-02-05,2027-02-12,holiday,春节,Spring Festival,国办发明电〔2026〕0号,2027\n"
    other = NEW_YEAR if line.startswith("2027-01-02") else ""

    faults = faults_of(HEAD + good + other + line)

    assert len(faults) == 1
    assert faults[0].startswith(f"第 {4 if other else 3} 行") and said in faults[0]


def test_all_faults_are_said_at_once():
    assert len(faults_of(HEAD + NEW_YEAR.replace("holiday", "x") + MAKE_UP.replace("上班", "y"))) == 2


@pytest.mark.parametrize("text", ["[{", '{"a": 1}', "[1]", "[" * 100_000, "from,to\n", "", "[]", HEAD, HEAD + MAKE_UP * 501])
def test_what_is_no_such_file_is_refused(text):
    assert len(faults_of(text)) == 1


def test_shipped_days_are_written_as_the_file_they_are_read_from():
    periods = shipped_periods()
    rows = [row for period in periods for row in period.rows()]

    assert read_periods(write_periods(reversed(rows))) == sorted(periods, key=lambda period: period.start)


def test_days_of_one_name_that_are_apart_stay_apart():
    rows = [row for period in read_periods(HEAD + NEW_YEAR) for row in period.rows()]
    rows[2].date += timedelta(days=5)

    assert write_periods(rows).count("元旦") == 2
