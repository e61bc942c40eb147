import csv
import io
import zipfile
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.factories import make_complaint, make_merchant, make_order
from tests.workflows.builders import make_case
from tests.workflows.reconciling.builders import line, make_finance, make_paid, take
from tests.workflows.reconciling.files import DAY, demo_file
from workflows.models import Anomaly, PaymentBalance, Recovery, Statement, StatementPull
from workflows.services.anomalies import explain_anomaly

pytestmark = pytest.mark.django_db
LIST = "/admin/refunds/reconcile/"
PAGE = f"{LIST}day/demo/{DAY}/"
ANOMALIES = f"{LIST}anomalies/"


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def finance():
    return make_finance()


@pytest.fixture
def client(finance) -> Client:
    return client_of(finance)


def upload(client: Client, text: str | bytes, name: str = "bill.csv", **fields):
    raw = text.encode() if isinstance(text, str) else text
    return client.post(f"{LIST}upload/", {"gateway": "demo", "day": str(DAY), "file": SimpleUploadedFile(name, raw), **fields})


def seen(client: Client, **more) -> dict:
    return {"expected_version": Statement.objects.get().version, "request_id": "r1", **more}


def text_of(answer) -> str:
    return answer.content.decode()


def test_a_file_is_taken_in_and_its_day_is_shown(client):
    refund = make_paid()

    answer = upload(client, demo_file((refund.out_refund_no, "50.00", "paid")))

    assert (answer.status_code, urlsplit(answer["Location"]).path) == (303, PAGE)
    assert "¥50.00" in text_of(client.get(PAGE))


def test_a_name_of_a_file_is_only_words(client):
    upload(client, demo_file(("RF1", "50.00", "paid")), name="../../\u202ex<script>.csv")

    assert Statement.objects.get().name == "x<script>.csv"
    assert "<script>.csv" not in text_of(client.get(PAGE))


def test_what_cannot_be_read_stands_in_the_summary_with_its_line(client):
    text = demo_file(("RF1", "50.00", "paid"), ("RF2", "1.00", "paid")).replace("50.00,CNY", "5o.00,CNY")

    answer = upload(client, text)

    page = text_of(answer)
    assert (answer.status_code, Statement.objects.count()) == (422, 0)
    assert 'id="error-summary"' in page
    assert "5o.00" in page
    assert f'value="{DAY}"' in page


@pytest.mark.parametrize("fields", [{"gateway": "nobody"}, {"day": "soon"}, {"day": str(timezone.localdate())}])
def test_a_form_that_is_not_whole(client, fields):
    assert upload(client, demo_file(("RF1", "50.00", "paid")), **fields).status_code == 422


def test_no_file(client):
    assert client.post(f"{LIST}upload/", {"gateway": "demo", "day": str(DAY)}).status_code == 422


def test_the_same_file_twice_is_said_so(client, finance):
    text = demo_file(("RF1", "50.00", "paid"))
    upload(client, text)

    answer = upload(client, text)

    assert (answer.status_code, Statement.objects.get().version) == (409, 1)
    assert str(finance) in text_of(answer)


def test_an_open_and_an_empty_house(client):
    assert client.get(LIST).status_code == 200
    assert client.get(ANOMALIES).status_code == 200
    assert client.get(f"{LIST}recoveries/").status_code == 200
    assert client.get(PAGE).status_code == 404
    assert client.get(f"{LIST}day/demo/never/").status_code == 404


def test_closing_and_opening_by_two_people(client):
    take(line(make_paid()))
    second = client_of(make_finance())

    closed = client.post(f"{PAGE}close/", seen(client))
    own = client.post(f"{PAGE}reopen/", seen(client, reason="错了", request_id="r2"))
    silent = second.post(f"{PAGE}reopen/", seen(client, request_id="r3"))
    other = second.post(f"{PAGE}reopen/", seen(client, reason="错了", request_id="r4"))

    assert [answer.status_code for answer in (closed, own, silent, other)] == [303, 403, 422, 303]
    assert not Statement.objects.get().is_closed


def test_a_day_with_a_difference_says_why_it_cannot_be_closed(client):
    take(line("RFSTRANGE"))

    answer = client.post(f"{PAGE}close/", seen(client))

    assert answer.status_code == 409
    assert 'aria-describedby="against"' in text_of(client.get(PAGE))


def test_a_page_that_is_out_of_date_closes_nothing(client):
    take()
    before = seen(client)
    take(line("RFSTRANGE"))

    assert client.post(f"{PAGE}close/", before).status_code == 409
    assert client.post(f"{PAGE}close/", {"expected_version": "x"}).status_code == 404


def test_matching_again(client):
    take()

    assert client.post(f"{PAGE}match/", seen(client)).status_code == 303
    assert Statement.objects.get().version == 2


def test_asking_the_provider(client):
    day = timezone.localdate() - timedelta(days=1)

    first = client.post(f"{LIST}pull/", {"pull-gateway": "demo", "pull-day": str(day)})
    again = client.post(f"{LIST}pull/", {"pull-gateway": "demo", "pull-day": str(day)})
    never = client.post(f"{LIST}pull/", {"pull-gateway": "demo", "pull-day": ""})

    assert [answer.status_code for answer in (first, again, never)] == [303, 409, 422]
    assert 'hx-trigger="every 3s"' in text_of(client.get(f"{LIST}pulls/"))


def test_a_fetched_statement_is_no_longer_asked_after(client):
    StatementPull.objects.create(gateway="demo", day=DAY, state="failed", why="unreachable", ended_at=timezone.now())

    page = text_of(client.get(f"{LIST}pulls/"))

    assert "hx-trigger" not in page


def test_explaining_lifting_and_looking_again(client, finance):
    refund = make_paid(at=timezone.now() - timedelta(days=200))
    take(line(refund))
    anomaly = Anomaly.objects.get()
    second = client_of(make_finance())

    silent = client.post(f"{ANOMALIES}{anomaly.pk}/explain/", {"reason": ""})
    explained = client.post(f"{ANOMALIES}{anomaly.pk}/explain/", {"reason": "银行重复入账"})
    own = client.post(f"{ANOMALIES}{anomaly.pk}/confirm/", {})
    looked = second.post(f"{ANOMALIES}{anomaly.pk}/confirm/", {})
    lifted = client.post(f"{ANOMALIES}{anomaly.pk}/lift/", {"reason": "已收回", "shown": "explained"})

    assert [answer.status_code for answer in (silent, explained, own, looked, lifted)] == [422, 303, 403, 303, 303]
    assert PaymentBalance.objects.filter(frozen_at=None).count() == 1
    assert "银行重复入账" in text_of(client.get(f"{ANOMALIES}?shown=explained"))


def test_sending_an_explanation_back(client):
    take(line("RFSTRANGE"))
    explain_anomaly(Anomaly.objects.get(), reason="不清楚", by=make_finance())

    answer = client.post(f"{ANOMALIES}{Anomaly.objects.get().pk}/return/", {"reason": "请再查", "shown": "explained"})

    assert (answer.status_code, Anomaly.objects.get().closed_at) == (303, None)


def test_money_of_another_shop_is_not_there(client):
    case = make_case(complaint=make_complaint(order=make_order(merchant=make_merchant("other"))))
    take(line(make_paid(case=case)), make_stranger_free := line(make_paid()))
    hidden, shown = Statement.objects.get().lines.get(refund__case=case), make_stranger_free.out_refund_no

    page, file = text_of(client.get(PAGE)), b"".join(client.get(f"{PAGE}export/csv/").streaming_content).decode()

    assert hidden.out_refund_no not in page + file
    assert shown in page
    assert shown in file
    assert text_of(client.get(PAGE)).count("¥100.00") == 0


def test_a_day_of_another_shop_only_is_not_found():
    take(line(make_paid()))
    stranger = client_of(make_finance(shop=make_merchant("other")))

    assert [stranger.get(place).status_code for place in (PAGE, f"{PAGE}export/csv/", f"{PAGE}print/")] == [404, 404, 404]
    assert str(DAY) not in text_of(stranger.get(LIST))


def test_a_manager_reads_sums_and_no_lines():
    refund = make_paid()
    take(line(refund))
    manager = client_of(make_finance(role="manager"))

    page = text_of(manager.get(PAGE))

    assert "¥50.00" in page
    assert refund.out_refund_no not in page
    assert "<form" not in page.split("<main")[1].split("</main>")[0]
    assert manager.get(LIST).status_code == 200
    places = (f"{PAGE}export/csv/", f"{PAGE}print/", ANOMALIES, f"{LIST}pulls/")
    assert [manager.get(place).status_code for place in places] == [403] * 4
    assert manager.post(f"{PAGE}close/", {"expected_version": 1}).status_code == 403


@pytest.mark.parametrize("role", ["agent", "lead", "warehouse", "admin"])
def test_nobody_else_comes_in(role):
    assert client_of(make_finance(role=role)).get(LIST).status_code == 403


def test_recoveries_by_debtor_and_one_by_one(client):
    case = make_case()
    for amount in (1000, 2500):
        Recovery.objects.create(case=case, debtor="carrier", amount_fen=amount, currency="CNY", reason="lost", proof="签收单")

    page = text_of(client.get(f"{LIST}recoveries/"))

    assert "¥35.00" in page
    assert (page.count(f"{case.number}</a>"), page.count("签收单")) == (2, 2)
    manager = text_of(client_of(make_finance(role="manager")).get(f"{LIST}recoveries/"))
    assert ("¥35.00" in manager, case.number in manager) == (True, False)


FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\uff1d1"]


def test_the_csv_has_the_sums_of_the_screen_and_runs_no_formula(client):
    take(line(make_paid()), *(line(key, 100) for key in FORMULAS))

    rows = list(csv.reader(io.StringIO(b"".join(client.get(f"{PAGE}export/csv/").streaming_content).decode("utf-8-sig"))))

    keys = [row[1] for row in rows[2:8]]
    assert sorted(keys[:5]) == sorted(f"'{key}" for key in FORMULAS)
    assert rows[-1][4:8] == ["CNY", "55.00", "50.00", "5.00"]
    assert "¥55.00" in text_of(client.get(PAGE))


def test_the_workbook_types_text_as_text_and_money_as_numbers(client):
    take(line(make_paid()), *(line(key, 100) for key in FORMULAS))

    book = zipfile.ZipFile(io.BytesIO(client.get(f"{PAGE}export/xlsx/").content))

    sheet, texts = (book.read(name).decode() for name in ("xl/worksheets/sheet1.xml", "xl/sharedStrings.xml"))
    assert "<f>" not in sheet
    assert all(f"<t>{key}</t>" in texts for key in FORMULAS)
    assert [f"<v>{amount}</v>" in sheet for amount in ("55.00", "50.00", "5.00")] == [True] * 3


def test_the_sheet_of_paper_carries_its_sums(client):
    take(*(line(f"RF{number:03}", 100) for number in range(30)))

    page = text_of(client.get(f"{PAGE}print/"))

    assert [page.count(f"¥{amount}") > 0 for amount in ("26.00", "4.00", "30.00")] == [True] * 3
    assert page.count("recon__sheet") == 2


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_number_of_queries(client, rows, django_assert_num_queries):
    for number in range(rows):
        take(line(make_paid()), day=DAY + timedelta(days=2 * number))

    with django_assert_num_queries(9):
        client.get(LIST)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_day_takes_the_same_number_of_queries(client, rows, django_assert_num_queries):
    take(*(line(f"RF{number}") for number in range(rows)), *(line(make_paid()) for _ in range(rows)))

    with django_assert_num_queries(14):
        client.get(PAGE)
