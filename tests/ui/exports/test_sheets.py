"""Files read back as what was written into them, and nothing in them runs."""

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone, translation
from openpyxl import load_workbook

from ui.exports.cells import guard_cell, unguard_cell
from ui.exports.csv_file import write_csv
from ui.exports.responses import sheet_response
from ui.exports.sheets import Column, Kind, Sheet
from ui.exports.workbook import stream_xlsx, write_xlsx

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "＝1+1", '=HYPERLINK("http://x")']
COLUMNS = (
    Column("承运商"), Column("件数", Kind.INT), Column("得分", Kind.DECIMAL), Column("达标率", Kind.PERCENT), Column("时长", Kind.DURATION),
    Column("赔付", Kind.MONEY), Column("日期", Kind.DATE), Column("截至", Kind.DATETIME),
)  # fmt: skip
AT = datetime(2025, 11, 14, 4, 3, 2, tzinfo=UTC)
ROWS = [
    ["顺丰，“快”\n第二行", 12, 4.25, 0.765, 90061, 129000, date(2025, 11, 14), AT],
    [None] * 8,
    ["中通", -3, -0.5, 13 / 17, 0, -1, date(2024, 2, 29), AT],
]


def make_sheet(rows=ROWS, columns=COLUMNS, notes=(("筛选", "全部渠道"), ("版本", "=frt@2"))):
    return Sheet("首次响应", columns, rows, notes, zone=ZoneInfo("Asia/Shanghai"))


def read_csv(sheet) -> list[list[str]]:
    text = "".join(write_csv(sheet))
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def read_xlsx(sheet):
    return load_workbook(io.BytesIO(b"".join(stream_xlsx(sheet))))


@pytest.mark.parametrize("text", FORMULAS)
def test_a_cell_that_would_run_is_guarded_and_can_be_read_back(text):
    assert guard_cell(text) == f"'{text}"
    assert unguard_cell(guard_cell(text)) == text


@pytest.mark.parametrize("text", ["", "a=1", "顺丰", "'quoted", "1-2"])
def test_a_harmless_cell_stays_as_it_is(text):
    assert guard_cell(text) == text
    assert unguard_cell(text) == text


def test_csv_reads_back_equal():
    head, *rows = read_csv(make_sheet())

    assert head == ["承运商", "件数", "得分", "达标率（%）", "时长（秒）", "赔付（CNY）", "日期", "截至"]
    assert rows[0] == ["顺丰，“快”\n第二行", "12", "4.25", "76.5", "90061", "1290.00", "2025-11-14", "2025-11-14 12:03:02"]
    assert rows[1] == [""] * 8
    assert rows[2] == ["中通", "-3", "-0.5", "76.470588", "0", "-0.01", "2024-02-29", "2025-11-14 12:03:02"]
    assert [row[:2] for row in rows[3:]] == [["", ""], ["筛选", "全部渠道"], ["版本", "'=frt@2"]]


def test_every_record_of_a_csv_has_as_many_fields():
    for columns in (COLUMNS, COLUMNS[:1]):
        rows = [row[: len(columns)] for row in ROWS]

        assert len({len(record) for record in read_csv(make_sheet(rows, columns))}) == 1


def test_lines_of_a_csv_end_as_the_standard_says():
    assert "".join(write_csv(make_sheet([["a"]], COLUMNS[:1], ()))) == "\ufeff承运商,\r\na,\r\n"


@pytest.mark.parametrize("text", FORMULAS)
def test_no_text_of_a_csv_runs_in_a_cell_a_title_or_a_note(text):
    records = read_csv(make_sheet([[text]], (Column(text),), ((text, text),)))

    assert records[0][0] == f"'{text}"
    assert records[1][0] == f"'{text}"
    assert records[3] == [f"'{text}", f"'{text}"]


def test_a_workbook_reads_back_equal_and_typed():
    book = read_xlsx(make_sheet())
    head, *rows = [[cell.value for cell in row] for row in book["数据"].iter_rows()]

    assert head == [column.title for column in COLUMNS]
    assert rows[0][:4] == ["顺丰，“快”\n第二行", 12, 4.25, 0.765]
    assert rows[0][4].total_seconds() == 90061
    assert rows[0][5:] == [1290, datetime(2025, 11, 14), datetime(2025, 11, 14, 12, 3, 2)]
    assert rows[1] == [None] * 8
    assert rows[2][1:4] == [-3, -0.5, 13 / 17]
    assert rows[2][5] == -0.01
    assert [cell.number_format for cell in book["数据"][2]][3:6] == ["0.0%", "[h]:mm:ss", "#,##0.00"]


def test_a_workbook_says_what_its_numbers_mean_on_its_second_sheet():
    page = read_xlsx(make_sheet())["口径与说明"]

    assert [[cell.value for cell in row] for row in page.iter_rows()] == [["首次响应", None], ["筛选", "全部渠道"], ["版本", "=frt@2"]]


@pytest.mark.parametrize("text", [*FORMULAS, "http://evil.example/", "007"])
def test_text_of_a_workbook_stays_text(text):
    book = read_xlsx(make_sheet([[text]], (Column("x"),), ((text, text),)))

    cells = [book["数据"]["A2"], book["口径与说明"]["A2"], book["口径与说明"]["B2"]]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {cell.value.replace("_x000D_", "\r") for cell in cells} == {text}
    assert {cell.hyperlink for cell in cells} == {None}


def test_rows_past_the_end_of_a_worksheet_go_on_in_the_next():
    file = io.BytesIO()

    write_xlsx(make_sheet([[str(number)] for number in range(6)], COLUMNS[:1]), file, {"numbers": "n", "about": "a"}, most=3)

    book = load_workbook(file)
    assert book.sheetnames == ["n", "n 2", "a"]
    assert [cell.value for cell in book["n 2"]["A"]] == ["承运商", "3", "4", "5"]


def test_no_rows_are_a_sheet_with_a_head():
    assert [[cell.value for cell in row] for row in read_xlsx(make_sheet([]))["数据"].iter_rows()] == [[each.title for each in COLUMNS]]


@pytest.mark.parametrize("write", [write_csv, stream_xlsx], ids=["csv", "xlsx"])
def test_a_hundred_thousand_rows_take_no_more_memory_than_a_thousand(write):
    def peak(count):
        rows = (["顺丰速运", number] for number in range(count))
        tracemalloc.start()
        size = sum(len(piece) for piece in write(make_sheet(rows, COLUMNS[:2])))
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return size, highest

    few, many = peak(1_000), peak(100_000)

    assert many[0] > 50 * few[0]
    assert many[1] < few[1] + 2_000_000


def test_a_file_keeps_the_language_and_zone_of_whoever_asked():
    with translation.override("en"), timezone.override("UTC"):
        sheet = Sheet("t", COLUMNS[-4:-2] + COLUMNS[-1:], [[1, 1, AT]], ())
        lines = write_csv(sheet)
        pieces = stream_xlsx(Sheet("t", COLUMNS[-1:], [[AT]]))

    assert [line.strip() for line in lines][1] == "1,0.01,2025-11-14 04:03:02"
    assert load_workbook(io.BytesIO(b"".join(pieces))).sheetnames == ["Numbers", "About these numbers"]


@pytest.mark.parametrize(("extension", "start"), [("csv", "\ufeff承运商".encode()), ("xlsx", b"PK")])
def test_an_answer_names_its_file_and_is_kept_nowhere(extension, start):
    response = sheet_response(make_sheet(), name="首次响应-20251114", extension=extension)

    assert b"".join(response.streaming_content).startswith(start)
    assert response["Content-Disposition"].endswith(f"-20251114.{extension}")
    assert response["Cache-Control"] == "no-store, private"
