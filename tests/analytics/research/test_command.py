"""``manage.py export_research``: the same door as the page, for whoever sits at the machine."""

import json

import pytest
from django.core.management import CommandError, call_command

from accounts.models import AccessLog
from analytics.models import ResearchExport
from analytics.research.months import days_of
from tests.analytics.research.builders import make_arrivals

pytestmark = pytest.mark.django_db


def run(folder, **options):
    call_command("export_research", **({"first": "2026-01", "last": "2026-01", "reason": "thesis", "out": folder} | options))


def test_it_writes_rows_dictionary_and_a_page_in_each_language(tmp_path, capsys):
    make_arrivals(50)

    run(tmp_path / "new")

    assert sorted(file.name for file in (tmp_path / "new").iterdir()) == ["README.en.md", "README.zh.md", "dictionary.json", "rows.csv"]
    assert len((tmp_path / "new" / "rows.csv").read_text("utf-8").splitlines()) == 51
    assert json.loads((tmp_path / "new" / "dictionary.json").read_text("utf-8"))["rows"] == 50
    written = capsys.readouterr()
    assert ("50 rows, 0 left out" in written.out, "1/1" in written.err) == (True, True)


def test_it_is_written_down_without_a_name(tmp_path):
    make_arrivals(50)

    run(tmp_path)

    assert (ResearchExport.objects.get().asked_by, AccessLog.objects.get().reason) == (None, "thesis")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"columns": "outcome,phone"}, "no column phone"),
        ({"first": "January"}, "January is no month"),
        ({"at_least": ["province=street"]}, "names no level"),
        ({"merchant": ["nobody"]}, "No shop has the code nobody"),
        ({"k": 2}, "k is at least 3"),
        ({"at_least": ["province=province"]}, "coarser"),
    ],
)
def test_what_cannot_be_is_said_in_words(tmp_path, settings, options, words):
    settings.LANGUAGE_CODE = "en"
    make_arrivals(40, province="广东省")
    make_arrivals(4, province="北京市")

    with pytest.raises(CommandError) as refused:
        run(tmp_path, **options)

    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("text", "days"),
    [("2026-02", ("2026-02-01", "2026-02-28")), ("2026-Q4", ("2026-10-01", "2026-12-31")), ("2025", ("2025-01-01", "2025-12-31"))],
)
def test_periods_are_read_as_people_write_them(text, days):
    assert tuple(day.isoformat() for day in days_of(text)) == days


@pytest.mark.parametrize("text", ["2026-13", "2026-Q5", "26-01", "", "2026-01-01", "0000"])
def test_nothing_else_is_a_period(text):
    with pytest.raises(ValueError):
        days_of(text)
