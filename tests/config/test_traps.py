"""The page of traps names guards and tests that are there, and every field that somebody can set."""

import re
from pathlib import Path

import pytest

from accounts import models as accounts
from complaints import models as complaints

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "traps.md").read_text(encoding="utf-8")
SETTINGS = [
    complaints.SlaPolicy, complaints.LegalRule, complaints.AssignmentRequest, accounts.Calendar, accounts.CalendarDay,
    accounts.CalendarVersion, accounts.PublicDay, accounts.Team, accounts.Membership, accounts.AgentSkill, accounts.Presence,
    accounts.Shift,
]  # fmt: skip
TESTS = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if re.match(r"\| (?!it must|field|variable)", line)
]


@pytest.mark.parametrize(("path", "name"), TESTS, ids=lambda part: part.rpartition("/")[2])
def test_every_test_that_the_page_names_is_there(path, name):
    assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8")


def test_every_row_names_something_that_is_there_and_a_test():
    guards = {path for row in ROWS for path in re.findall(r"`([\w/]+\.(?:py|js|html))`", row[1])}

    assert [row for row in ROWS if not re.search(r"`tests/[\w/]+\.py::\w+`", row[-1])] == []
    assert [path for path in guards if not (ROOT / path).exists()] == []
    assert len(guards) > 10


def test_every_field_of_a_setting_has_its_row():
    named = set(re.findall(r"`([A-Z]\w+\.[a-z_]+)`", PAGE))
    fields = {f"{model.__name__}.{field.name}" for model in SETTINGS for field in model._meta.concrete_fields if field.name != "id"}

    assert named == fields
