"""What is exported of a figure is what its table says."""

import pytest

from tests.ui.charts.builders import DAYS, EVERY, make_columns, make_pareto, make_trend
from ui.charts import figures as f
from ui.charts.sheets import sheet_of
from ui.charts.tables import table_of
from ui.charts.units import YUAN
from ui.exports.sheets import Kind


@pytest.mark.parametrize("make", EVERY)
def test_a_sheet_holds_every_value_of_the_table(make):
    figure = make()
    sheet, table = sheet_of(figure), table_of(figure)

    assert [row[0] for row in sheet.rows] == [row[0].text for row in table.rows]
    assert [value for row in sheet.rows for value in row[1:]] == [cell.value for row in table.rows for cell in row[1:]]


def test_columns_know_what_they_hold():
    kinds = [column.kind for column in sheet_of(make_pareto()).columns]

    assert kinds == [Kind.TEXT, Kind.INT, Kind.PERCENT]
    assert sheet_of(make_trend()).columns[1].kind == Kind.DURATION


def test_money_stays_minor_units_for_the_writer():
    figure = make_columns(unit=YUAN, slots=DAYS[:1], series=(f.Series("Paid", (f.Mark(129000),)),))
    sheet = sheet_of(figure)

    assert (sheet.columns[1].kind, sheet.columns[1].currency, sheet.rows[0][1]) == (Kind.MONEY, "CNY", 129000)


def test_what_is_said_about_a_value_has_a_column_of_its_own():
    mark = f.Mark(750, note="n = 17", low=600, high=900, is_at_least=True, is_provisional=True)
    sheet = sheet_of(make_trend(slots=DAYS[:1], series=(f.Series("WeChat", (mark,)),)))

    assert [column.title for column in sheet.columns] == ["日期", "WeChat", "WeChat：备注"]
    assert sheet.rows == [["2025-11-01", 750, "至少 · 10 分 至 15 分 · n = 17 · 暂定"]]


def test_the_notes_of_a_sheet_are_those_under_the_chart():
    sheet = sheet_of(make_trend(basis="By day of arrival", notes=("n = 5", "frt@2")))

    assert sheet.notes == (("口径", "By day of arrival"), ("备注", "n = 5"), ("备注", "frt@2"))
