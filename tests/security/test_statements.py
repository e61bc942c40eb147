"""docs/security.md says nothing that no test backs."""

import re
from pathlib import Path

import pytest

from accounts.roles import HUMAN

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", TEXT)))


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_every_test_that_is_named_exists(path, name):
    file = ROOT / path

    assert file.is_file()
    assert not name or f"def {name}(" in file.read_text(encoding="utf-8")


def test_every_row_of_the_table_of_protections_names_a_test():
    rows = [line for line in section("What is protected, and how").splitlines() if line.startswith("| ") and "--" not in line][1:]

    assert [row for row in rows if "`tests/" not in row] == []
    assert len(rows) > 20


def test_every_attack_and_fault_has_its_row_with_a_test_or_what_it_waits_for():
    rows = [line.strip("| ").split(" | ") for line in section("Attacks and faults, row by row").splitlines() if line.startswith("| ")][1:]

    assert [row[0] for row in rows] == [f"A{number}" for number in range(1, 51)] + [f"F{number}" for number in range(1, 31)]
    assert [row for row in rows if "`tests/" not in row[2] and "not built yet: " not in row[2]] == []


def test_every_file_of_an_attack_or_fault_is_named():
    files = [*(ROOT / "tests" / "security").glob("test_a*.py"), *(ROOT / "tests" / "faults").glob("test_c*.py")]

    assert [file.name for file in files if file.name not in section("Attacks and faults, row by row")] == []


def test_every_role_has_its_column():
    header = next(line for line in section("Roles").splitlines() if line.startswith("| "))

    assert [role for role in HUMAN if role not in header] == []


def section(title: str) -> str:
    return TEXT.split(f"## {title}\n")[1].split("\n## ")[0]
