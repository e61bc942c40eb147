import csv
import io
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from orders.imports import ImportFailedError, ProfileError, load_profile, run_import
from orders.imports.profile import parse_profile
from orders.models import ImportFinding, ImportRun, Order, OrderEvent, OrderLine, Shipment
from orders.services import Row, add_carriers
from tests.factories import make_merchant

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parent / "fixtures"
ORDER_COLUMNS = "order_id,customer_id,status,total,placed_at,receiver_phone,buyer_note"


@pytest.fixture
def folder(tmp_path):
    """A copy of the plain example, to be spoiled."""
    return Path(shutil.copytree(FIXTURES / "bihuan", tmp_path / "files"))


@pytest.fixture
def carriers():
    add_carriers([Row("sf", {"name_zh": "顺丰速运", "name_en": "SF Express"})])


def do_import(folder, profile="bihuan", **options):
    return run_import(load_profile(profile), folder, merchant=make_merchant(), **options)


def findings(summary):
    return [(each.kind, each.file, each.line, each.code) for each in summary.findings.all]


def write_orders(folder, *rows, header=ORDER_COLUMNS, encoding="utf-8"):
    (folder / "orders.csv").write_bytes("\n".join([header, *rows, ""]).encode(encoding))
    for name in ("lines", "payments", "shipments", "scans"):
        (folder / f"{name}.csv").unlink(missing_ok=True)


def read_report(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def serious(summary):
    """Findings but the ones that an order without goods and payment always has."""
    return [each for each in findings(summary) if each[3] not in ("no_lines", "no_payment")]


def test_the_plain_profile_reads_orders_with_goods_payments_and_scans(folder, carriers):
    summary = do_import(folder)

    order = Order.objects.get(external_id="1001")
    assert findings(summary) == []
    assert dict(summary.counts) == {"created": 2, "changed": 0, "unchanged": 0, "rejected": 0}
    assert (order.number, order.status, order.total_fen, order.customer.phone) == ("QH20261001", "delivered", 19800, "13800001234")
    assert order.placed_at == datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
    assert order.buyer_note == "请放门口，\n不要打电话"
    assert (order.lines.get().quantity, order.payments.get().amount_fen) == (2, 19800)
    shipment = order.shipments.select_related("carrier").get()
    assert (shipment.waybill, shipment.carrier.code, shipment.status, shipment.scans.count()) == ("SF1000000001", "sf", "delivered", 3)
    assert Order.objects.get(external_id="1002").total_fen == 129050


@pytest.mark.parametrize("profile", ["bihuan", "olist"])
def test_a_second_import_changes_nothing(profile, carriers):
    do_import(FIXTURES / profile, profile)
    events = OrderEvent.objects.count()
    before = list(Order.objects.order_by("id").values())

    summary = do_import(FIXTURES / profile, profile)

    assert (summary.counts["created"], summary.counts["changed"]) == (0, 0)
    assert summary.counts["unchanged"] == len(before)
    assert list(Order.objects.order_by("id").values()) == before
    assert OrderEvent.objects.count() == events


def test_the_olist_profile_imports_every_order_it_can_and_names_every_oddity():
    summary = do_import(FIXTURES / "olist", "olist")

    assert findings(summary) == [
        ("odd", "olist_order_reviews_dataset.csv", 4, "second_review"),
        ("odd", "olist_order_reviews_dataset.csv", 5, "repeated_review"),
        ("odd", "olist_orders_dataset.csv", 3, "no_review"),
        ("odd", "olist_orders_dataset.csv", 5, "no_review"),
        ("odd", "olist_order_items_dataset.csv", 4, "not_found"),
        ("odd", "olist_orders_dataset.csv", 2, "shipped_before_paid"),
        ("odd", "olist_order_payments_dataset.csv", 3, "zero_payment"),
        ("odd", "olist_orders_dataset.csv", 3, "cancelled_without_time"),
        ("odd", "olist_orders_dataset.csv", 3, "no_lines"),
        ("odd", "olist_customers_dataset.csv", 4, "customer_differs"),
        ("odd", "olist_orders_dataset.csv", 4, "paid_differs"),
        ("rejected", "olist_orders_dataset.csv", 5, "unknown_customer"),
    ]
    assert dict(summary.counts) == {"created": 3, "changed": 0, "unchanged": 0, "rejected": 1}


def test_the_olist_profile_maps_times_amounts_and_goods():
    do_import(FIXTURES / "olist", "olist")

    order = Order.objects.get(external_id="o1")
    lines = list(order.lines.order_by("external_id").values_list("sku", "title", "quantity", "unit_fen", "paid_fen", "supplier"))
    # Local time of São Paulo; 23:30 came twice that night, the first one counts.
    assert order.placed_at == datetime(2018, 2, 18, 1, 30, tzinfo=UTC)
    assert order.promised_ship_at == datetime(2018, 2, 20, 3, 0, tzinfo=UTC)
    assert (order.currency, order.total_fen, order.freight_fen, order.status) == ("BRL", 3000, 500, "delivered")
    assert lines == [("p1", "Living room furniture", 2, 1000, 2000, "s1"), ("p2", "Goods without a category", 1, 500, 500, "s1")]
    assert (order.payments.get().installments, order.payments.get().paid_at) == (3, order.paid_at)
    assert (order.province, order.city, order.receiver_address) == ("SP", "cidade um", "01001")
    assert Shipment.objects.filter(order=order, status="delivered").exists()


def test_findings_are_kept_with_the_run_and_written_to_a_report(tmp_path):
    report = tmp_path / "report.csv"
    out = io.StringIO()

    call_command("import_orders", FIXTURES / "olist", profile="olist", report=report, stdout=out, stderr=io.StringIO())

    run = ImportRun.objects.get()
    rows = read_report(report)
    assert (run.merchant.code, run.counts["orders"]["created"], run.finished_at is not None) == ("olist", 3, True)
    assert run.findings.count() == len(rows) == 12
    assert "odd shipped_before_paid: 1" in out.getvalue()
    assert "olist_orders_dataset.csv:2" in out.getvalue()


def test_a_dry_run_keeps_nothing(folder, carriers):
    summary = do_import(folder, dry_run=True)

    assert summary.counts["created"] == 2
    assert not Order.objects.exists()
    assert not ImportRun.objects.exists()


def test_the_line_of_a_finding_is_the_true_line_after_quoted_newlines(folder):
    write_orders(folder, 'A,u1,paid,1,2026-03-02 10:00,,"one\ntwo\nthree"', "B,u2,paid,1,yesterday,,")

    summary = do_import(folder)

    assert serious(summary) == [("rejected", "orders.csv", 5, "bad_time")]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("B,u2,paid,1,2026-03-02 10:00,", ("rejected", "wrong_width")),
        ("A,u2,paid,1,2026-03-02 10:00,,", ("rejected", "repeated_id")),
        (",u2,paid,1,2026-03-02 10:00,,", ("rejected", "missing_value")),
        ("B,,paid,1,2026-03-02 10:00,,", ("rejected", "missing_value")),
        ("B,u2,paid,1,,,", ("rejected", "missing_value")),
        ("B,u2,paid,1,0001-01-01,,", ("rejected", "bad_value")),
        ("B,u2,paid,-1,2026-03-02 10:00,,", ("odd", "bad_money")),
        ("B,u2,paid,1e5,2026-03-02 10:00,,", ("odd", "bad_money")),
        ("B,u2,paid,NaN,2026-03-02 10:00,,", ("odd", "bad_money")),
        ("B,u2,paid,1.005,2026-03-02 10:00,,", ("odd", "bad_money")),
        ("B,u2,paid,99999999999999999999,2026-03-02 10:00,,", ("odd", "bad_value")),
        ("B,u2,lost in space,1,2026-03-02 10:00,,", ("odd", "unknown_value")),
        ("B,u2,paid,1,2026-03-02 10:00,,=1+1", ("odd", "formula_cell")),
        ("B,u2,paid,1,2026-03-02 10:00,,＝1+1", ("odd", "formula_cell")),
        ("B,u2,paid,1,2026-03-02 10:00,,@SUM(A1)", ("odd", "formula_cell")),
        ("B,u2,paid,1,2026-03-02 10:00,1.38E+10,", ("odd", "spreadsheet_number")),
        ("B,u2,paid,1,2026-03-02 10:00,,a\x00b", ("odd", "bad_value")),
        ("B,u2,paid,1,2026-03-02 10:00,,a\u202eb", ("odd", "bad_value")),
        ("B,u2,paid,1,2026-03-02 10:00,," + "x" * 501, ("odd", "bad_value")),
        pytest.param("B,u2,paid,1,2026-03-02 10:00,," + "x" * 10_000_000, ("rejected", "too_long"), id="10 MB"),
    ],
)
def test_a_bad_row_is_reported_by_its_line_and_the_next_one_follows(folder, row, expected):
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,,", row, "C,u3,paid,1,2026-03-02 10:00,,")

    summary = do_import(folder)

    kind, code = expected
    assert serious(summary) == [(kind, "orders.csv", 3, code)]
    assert sorted(Order.objects.values_list("external_id", flat=True)) == (["A", "C"] if kind == "rejected" else ["A", "B", "C"])


def test_a_quotation_mark_that_is_never_closed_is_reported(folder):
    rows = [f"{number},u,paid,1,2026-03-02 10:00,," for number in range(1100)]
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,,", 'B,u1,paid,1,2026-03-02 10:00,,"open', *rows)

    summary = do_import(folder)

    assert serious(summary) == [("rejected", "orders.csv", 3, "open_quote")]
    assert Order.objects.count() == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_the_encodings_that_spreadsheets_write_are_read(folder, encoding):
    write_orders(folder, "A,u1,已付款,1,2026-03-02 10:00,+8613800001234,请放门口", encoding=encoding)

    summary = do_import(folder)

    assert serious(summary) == []
    assert (Order.objects.get().buyer_note, Order.objects.get().receiver_phone) == ("请放门口", "13800001234")


def test_bytes_in_no_encoding_cost_only_their_own_row(folder):
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,,", "B,u2,paid,1,2026-03-02 10:00,,x", "C,u3,paid,1,2026-03-02 10:00,,")
    path = folder / "orders.csv"
    path.write_bytes(path.read_bytes().replace(b",x\n", b",\xff\xff\n"))

    summary = do_import(folder)

    assert [each[2:] for each in serious(summary)] == [(0, "bad_encoding"), (3, "bad_encoding")]
    assert Order.objects.count() == 2


def test_a_phone_keeps_its_plus_through_an_export_that_guarded_it(folder):
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,'+44 20 7946 0000,")

    do_import(folder)

    assert Order.objects.get().receiver_phone == "+442079460000"


def test_unknown_and_repeated_columns_are_named(folder):
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,,,x,y", header=ORDER_COLUMNS + ",colour,total")

    summary = do_import(folder)

    assert [each[3] for each in serious(summary)] == ["repeated_column", "unknown_column", "bad_money"]


def test_rows_that_belong_to_nothing_are_rejected(folder, carriers):
    with (folder / "payments.csv").open("a", encoding="utf-8") as stream:
        stream.write("9999,P9,alipay,1.00,\n1001,P1,alipay,1.00,\n")
    with (folder / "scans.csv").open("a", encoding="utf-8") as stream:
        stream.write("S9,2026-03-03 10:00:00,in_transit,,x\n")

    summary = do_import(folder)

    assert findings(summary) == [
        ("rejected", "payments.csv", 4, "unknown_parent"),
        ("rejected", "payments.csv", 5, "repeated_id"),
        ("rejected", "scans.csv", 5, "unknown_parent"),
    ]


def test_an_unknown_carrier_costs_only_its_order(folder):
    summary = do_import(folder)

    assert findings(summary) == [("rejected", "orders.csv", 2, "bad_value")]
    assert list(Order.objects.values_list("external_id", flat=True)) == ["1002"]


@pytest.mark.parametrize("header", ["order_id;customer_id;placed_at", "id,customer,when", ""])
def test_a_file_of_orders_with_a_wrong_header_is_refused(folder, header):
    write_orders(folder, "A,u1", header=header)

    with pytest.raises(ImportFailedError, match="orders.csv"):
        do_import(folder)

    assert ImportFinding.objects.get().code == "missing_column"


def test_a_missing_file_of_orders_is_refused_and_a_missing_file_of_goods_is_not(folder, carriers):
    (folder / "lines.csv").unlink()
    assert do_import(folder).counts["created"] == 2
    assert not OrderLine.objects.exists()

    (folder / "orders.csv").unlink()
    with pytest.raises(ImportFailedError, match="缺少"):
        do_import(folder)


def test_the_command_names_what_it_lacks(tmp_path):
    make_merchant()
    make_merchant("other")
    quiet = {"stdout": io.StringIO(), "stderr": io.StringIO()}

    with pytest.raises(CommandError, match="not a folder"):
        call_command("import_orders", tmp_path / "nowhere", profile="bihuan", **quiet)
    with pytest.raises(CommandError, match="--merchant"):
        call_command("import_orders", FIXTURES / "bihuan", profile="bihuan", **quiet)
    with pytest.raises(CommandError, match="No shop"):
        call_command("import_orders", FIXTURES / "bihuan", profile="bihuan", merchant="nobody", **quiet)
    with pytest.raises(CommandError, match="Shipped: bihuan, olist"):
        call_command("import_orders", FIXTURES / "bihuan", profile="unknown", **quiet)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"time_zone": "Mars/Olympus"}, "Mars/Olympus"),
        ({"orders": {"file": "o.csv", "fields": {"placed_at": {"column": "x", "type": "clock"}}}}, "clock"),
        ({"orders": None}, "Profile own"),
    ],
)
def test_a_wrong_profile_says_what_is_wrong(change, message):
    text = {"time_zone": "UTC", "currency": "CNY", "orders": {"file": "o.csv"}, "customer": {}, **change}

    with pytest.raises(ProfileError, match=message):
        parse_profile("own", text)


def test_no_cell_of_the_report_can_act_as_a_formula(folder, tmp_path):
    write_orders(folder, "A,u1,paid,1,2026-03-02 10:00,,", header=ORDER_COLUMNS.replace("total", "=cmd()"))
    summary = do_import(folder)
    summary.findings.reject("=evil.csv", 1, "x", "@SUM(A1)")
    summary.findings.write_csv(tmp_path / "report.csv")

    cells = [cell for row in read_report(tmp_path / "report.csv") for cell in row.values()]

    assert "'=evil.csv" in cells
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
