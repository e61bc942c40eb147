import pytest
from django.urls import reverse

from orders.models import Warehouse, WarehouseMember
from tests.factories import make_user
from tests.workflows.house import make_house
from tests.workflows.scan.builders import WAYBILL, expected, packer_of, parcel_of, scan, send
from workflows.models import Case, Task, UnclaimedParcel, WarehouseScan

pytestmark = pytest.mark.django_db


def test_the_screen_opens_for_the_warehouse_alone():
    house = make_house()
    client = packer_of(house)

    assert client.get(reverse("admin:scan")).status_code == 200
    client.force_login(house.agent)
    assert client.get(reverse("admin:scan")).status_code == 403


def test_a_batch_is_answered_in_its_order():
    house = make_house()
    case = expected(house)

    answer = send(packer_of(house), scan("NOBODY1234"), scan(), scan())

    assert [row["outcome"] for row in answer.json()] == ["unclaimed", "received", "repeat"]
    assert [row["tone"] for row in answer.json()] == ["warn", "good", "warn"]
    assert Case.objects.get(pk=case.pk).state == "received"
    assert parcel_of(case).scanned_by == house.packer


def test_a_scan_that_comes_twice_is_one_scan():
    house = make_house()
    expected(house)
    once = scan()
    client = packer_of(house)
    first = send(client, once).json()[0]

    second = send(client, once).json()[0]

    assert (first["outcome"], first["is_new"]) == ("received", True)
    assert (second["outcome"], second["is_new"]) == ("received", False)
    assert WarehouseScan.objects.count() == 1


@pytest.mark.parametrize("body", ["", "{}", "[]", "[1]", '[{"code": "x"}]', '[{"client_id": "x", "code": "x"}]'])
def test_what_is_no_batch_is_refused(body):
    answer = packer_of(make_house()).post(reverse("admin:scan-take"), body, content_type="application/json")

    assert answer.status_code == 400


def test_more_than_a_hundred_at_once_are_refused():
    answer = send(packer_of(make_house()), *[scan(f"W{number:010}") for number in range(101)])

    assert answer.status_code == 400
    assert WarehouseScan.objects.count() == 0


def test_a_scan_that_can_never_be_taken_does_not_hold_up_the_next():
    house = make_house()
    other = Warehouse.objects.create(merchant=house.order.merchant, code="far", name="远仓")

    answer = send(packer_of(house), scan("\x00 \x07"), scan("W1234567890", warehouse=other.pk), scan("W1234567891"))

    assert [row["outcome"] for row in answer.json()] == ["refused", "refused", "unclaimed"]


def test_a_scan_belongs_to_the_warehouse_in_which_it_was_made():
    house = make_house()
    second = Warehouse.objects.create(merchant=house.order.merchant, code="second", name="二仓")
    WarehouseMember.objects.create(warehouse=second, user=house.packer)

    send(packer_of(house), scan("W1234567890", warehouse=second.pk))

    assert WarehouseScan.objects.get().warehouse == second


def test_a_clock_that_runs_ahead_is_not_believed():
    house = make_house()

    send(packer_of(house), scan("W1234567890", scanned_at="2999-01-01T00:00:00+00:00"))

    kept = WarehouseScan.objects.get()
    assert kept.scanned_at <= kept.recorded_at


def test_the_hour_of_a_late_scan_is_kept():
    house = make_house()

    send(packer_of(house), scan("W1234567890", scanned_at="2026-01-02T03:04:05+00:00"))

    assert WarehouseScan.objects.get().scanned_at.isoformat() == "2026-01-02T03:04:05+00:00"


def test_a_form_without_scripts_leads_to_the_answer():
    house = make_house()
    expected(house)
    client, told = packer_of(house), scan()

    answer = client.post(reverse("admin:scan-take"), told | {"warehouse": house.warehouse.pk})

    assert answer.status_code == 303
    page = client.get(answer.url).content.decode()
    assert 'data-tone="good"' in page
    assert WAYBILL in page


def test_an_empty_form_is_told_so():
    house = make_house()

    answer = packer_of(house).post(reverse("admin:scan-take"), scan("") | {"warehouse": house.warehouse.pk})

    assert answer.status_code == 422


def test_the_answer_to_a_scan_of_another_warehouse_is_nobodys():
    house = make_house()
    told = scan()
    send(packer_of(house), told)
    stranger = make_user("warehouse")
    WarehouseMember.objects.create(
        warehouse=Warehouse.objects.create(merchant=house.order.merchant, code="far", name="远仓"), user=stranger
    )
    client = packer_of(house)
    client.force_login(stranger)

    page = client.get(f"{reverse('admin:scan')}?scan={told['client_id']}").content.decode()

    assert WAYBILL not in page
    assert client.post(reverse("admin:scan-undo"), {"client_id": told["client_id"]}).status_code == 404


def test_undo_asks_a_lead_once_and_takes_nothing_back():
    house = make_house()
    case = expected(house)
    client, told = packer_of(house), scan()
    send(client, told)

    for _time in range(2):
        answer = client.post(reverse("admin:scan-undo"), {"client_id": told["client_id"]})

    assert answer.status_code == 200
    assert Task.objects.filter(case=case, kind="scan_doubted", role="lead").count() == 1
    assert Case.objects.get(pk=case.pk).state == "received"


def test_undo_of_a_parcel_without_a_case_is_a_note_on_it():
    house = make_house()
    client, told = packer_of(house), scan("NOBODY1234")
    send(client, told)

    client.post(reverse("admin:scan-undo"), {"client_id": told["client_id"]})

    assert str(house.packer) in UnclaimedParcel.objects.get().note


def test_somebody_without_a_warehouse_is_told_whom_to_ask():
    house = make_house()
    client = packer_of(house)
    client.force_login(make_user("warehouse"))

    for name in ("scan", "scan-tasks", "scan-send", "scan-unclaimed"):
        answer = client.get(reverse(f"admin:{name}"))
        assert answer.status_code == 200
        assert "scan-box" not in answer.content.decode().replace("scan-box.js", "")


def test_the_chosen_warehouse_stays_chosen():
    house = make_house()
    second = Warehouse.objects.create(merchant=house.order.merchant, code="second", name="二仓")
    WarehouseMember.objects.create(warehouse=second, user=house.packer)
    client = packer_of(house)

    client.post(reverse("admin:scan-place"), {"warehouse": second.pk})

    assert f'data-warehouse="{second.pk}"' in client.get(reverse("admin:scan")).content.decode()


def test_a_warehouse_that_is_not_theirs_cannot_be_chosen():
    house = make_house()
    other = Warehouse.objects.create(merchant=house.order.merchant, code="far", name="远仓")
    client = packer_of(house)

    client.post(reverse("admin:scan-place"), {"warehouse": other.pk})

    assert f'data-warehouse="{house.warehouse.pk}"' in client.get(reverse("admin:scan")).content.decode()


def test_only_the_screen_may_use_the_camera_and_compiled_code():
    house = make_house()
    client = packer_of(house)

    screen, tasks = client.get(reverse("admin:scan")), client.get(reverse("admin:scan-tasks"))

    assert "script-src 'self' 'wasm-unsafe-eval';" in screen["Content-Security-Policy"]
    assert screen["Permissions-Policy"].startswith("camera=(self), microphone=()")
    assert "unsafe" not in tasks["Content-Security-Policy"]
    assert tasks["Permissions-Policy"].startswith("camera=()")


def test_the_worker_may_serve_the_screen_and_nothing_above():
    answer = packer_of(make_house()).get(reverse("admin:scan-worker"))

    assert answer["Content-Type"].startswith("text/javascript")
    assert "Service-Worker-Allowed" not in answer
    assert reverse("admin:scan-worker").startswith(reverse("admin:scan"))


def test_the_list_costs_the_same_with_one_scan_and_with_many(django_assert_max_num_queries):
    house = make_house()
    client = packer_of(house)
    client.get(reverse("admin:scan"))
    send(client, scan("W1234567890"))
    with django_assert_max_num_queries(40) as one:
        client.get(reverse("admin:scan"))
        queries = len(one)
    send(client, *[scan(f"W12345678{number}") for number in range(10, 20)])

    assert queries
    with django_assert_max_num_queries(queries):
        client.get(reverse("admin:scan"))


def test_the_warehouse_lands_on_its_screen():
    answer = packer_of(make_house()).get(reverse("admin:index"))

    assert answer.url == reverse("admin:scan")
