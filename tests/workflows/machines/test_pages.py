"""The documents of the machines are the ones that the tables give, and the command says when they are not."""

import csv
import io
import re

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import translation

from workflows.machines.pages import DESCRIBED, FOLDER, describe_machine, list_permissions, write_documents
from workflows.machines.refund import REFUND
from workflows.machines.spine import SPINE, CaseState
from workflows.machines.table import Role

EACH = pytest.mark.parametrize("machine", DESCRIBED, ids=lambda machine: machine.name)
CJK = re.compile("[\u4e00-\u9fff]")


@pytest.fixture
def folder(tmp_path):
    """A copy of the documents that a test may spoil."""
    for name, text in write_documents().items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_committed_documents_are_fresh():
    call_command("workflow_docs", check=True, folder=settings.BASE_DIR / FOLDER, stdout=io.StringIO())


def test_check_finds_a_changed_a_missing_and_a_left_over_file(folder):
    (folder / "case.en.md").write_text("# Case", encoding="utf-8")
    (folder / "refund.zh.svg").unlink()
    (folder / "ticket.en.md").write_text("", encoding="utf-8")

    with pytest.raises(CommandError, match=r"^stale: case\.en\.md, refund\.zh\.svg, ticket\.en\.md;"):
        call_command("workflow_docs", check=True, folder=folder)

    assert (folder / "case.en.md").read_text(encoding="utf-8") == "# Case"


def test_the_command_writes_what_is_missing_and_removes_what_is_left_over(tmp_path):
    folder = tmp_path / "machines"
    folder.mkdir()
    (folder / "gone.en.md").write_text("", encoding="utf-8")

    call_command("workflow_docs", folder=folder, stdout=io.StringIO())

    assert {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()} == write_documents()


def test_there_is_a_page_and_a_picture_for_every_machine_and_language():
    names = {f"{machine.name}.{suffix}.{kind}" for machine in DESCRIBED for suffix in ("zh", "en") for kind in ("md", "svg")}

    assert set(write_documents()) == names | {"permissions.csv", "README.md"}


@EACH
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_page_names_every_state_verb_reason_and_rule(machine, language):
    with translation.override(language):
        page = describe_machine(machine, "en")
        words = [f"| `{state.name}` | {state.label} |" for state in machine.states]
        words += [f"| {verb.id} | `{verb.name}` | {verb.label} |" for verb in machine.verbs]
        words += [f"| {verb.id} | `{clause.code}` | {clause.text} | {clause.cure} |" for verb in machine.verbs for clause in verb.guards]
        words += [str(text) for verb in machine.verbs for text in (*verb.effects, *verb.after, verb.help)]
        words += [f"- {rule}\n" for rule in machine.rules]

    assert [word for word in words if word not in page] == []


@EACH
def test_the_headings_of_the_chinese_page_are_chinese(machine):
    with translation.override("zh-hans"):
        lines = describe_machine(machine, "zh").splitlines()
    heads = [line for line, below in zip(lines, lines[1:], strict=False) if below.startswith("| --")]
    cells = [cell.strip() for head in heads for cell in head.strip("| ").split("|")]

    assert [cell for cell in cells if not CJK.search(cell) and cell != "English"] == []
    assert [line for line in lines if line.startswith("#") and not CJK.search(line)] == []


def test_the_permissions_hold_a_cell_for_every_state_and_role():
    rows = list(csv.DictReader(io.StringIO(list_permissions())))

    cells = [(row["state"], row["role"]) for row in rows if row["machine"] == "case"]
    assert cells == [(str(state), str(role)) for state in CaseState for role in Role]


def test_a_cell_holds_the_verbs_of_the_role_and_of_the_roles_it_includes():
    rows = {(row["machine"], row["state"], row["role"]): row["verbs"] for row in csv.DictReader(io.StringIO(list_permissions()))}

    assert rows["case", "cancelled", "customer"] == "C25"
    assert rows["case", "in_review", "manager"] == "C4 C7 C8 C11 C12"
    assert rows["refund", "-", "lead"] == "R1"
    assert rows["refund", "bounced", "finance"] == "R14 R15"


def test_what_the_customer_reads_stands_in_both_languages_on_both_pages():
    line = "| `unknown` | 退款已提交，正在向支付机构核实 | Refund sent, confirming with the payment provider |"

    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert line in describe_machine(REFUND, "en")


def test_a_clock_is_described_with_all_its_conditions():
    with translation.override("en"):
        page = describe_machine(SPINE, "en")

    assert "| review | agent | 4 hours of working time; important customers 1 hour |" in page
    assert "| return | customer | 7 days; reminder after 3 days, 6 days | the case is withdrawn and can be resumed (C14) |" in page
