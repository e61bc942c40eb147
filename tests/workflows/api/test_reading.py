"""Cases as a machine reads them: those of its own shop, and what it may do with each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orders.models import ApiToken, OrderLine
from tests.factories import make_complaint
from tests.workflows.builders import make_case, make_claim, make_parcel
from tests.workflows.services.steps import arrived, opened
from workflows.models import Case

pytestmark = pytest.mark.django_db
Scope = ApiToken.Scope
READERS = [Scope.CASES_CREATE, Scope.WMS]
NO_READERS = [scope for scope in Scope if scope not in READERS]
PATHS = ["cases/", "cases/{number}/", "cases/{number}/verbs/"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("scope", READERS)
def test_whoever_opens_cases_or_works_on_goods_reads_them(house, machine, scope, path):
    case = arrived(house)

    assert machine(scope).get(path.format(number=case.number)).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_no_other_scope_reads_cases(house, machine, path):
    case = arrived(house)

    answer = machine(*NO_READERS).get(path.format(number=case.number))

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("path", PATHS[1:])
def test_the_case_of_another_shop_does_not_exist(house, machine, path):
    case = arrived(house)

    assert machine(*Scope.values, shop="other").get(path.format(number=case.number)).status_code == 404
    assert machine(*Scope.values, shop="other").get("cases/").json()["results"] == []


def test_a_draft_is_still_the_customers_own(house, machine):
    draft = make_case(order=house.order, complaint=house.complaint)

    assert machine(Scope.WMS).get("cases/").json()["results"] == []
    assert machine(Scope.WMS).get(f"cases/{draft.number}/").status_code == 404


def test_a_case_answers_its_pieces_results_and_parcels(house, machine):
    case = opened(house)
    OrderLine.objects.update(external_id="L7", sku="CUP")

    shown = machine(Scope.WMS).get(f"cases/{case.number}/").json()

    assert (shown["number"], shown["state"], shown["type"]) == (case.number, "inspecting", "return_quality")
    assert (shown["complaint"], shown["order"], shown["warehouse"]) == (
        house.complaint.number,
        house.order.external_id,
        house.warehouse.code,
    )
    assert [(piece["line"], piece["sku"], piece["is_approved"]) for piece in shown["pieces"]] == [("L7", "CUP", True)]
    assert [result["state"] for result in shown["pieces"][0]["results"]] == ["pending"]
    assert [(parcel["waybill"], parcel["state"]) for parcel in shown["parcels"]] == [(case.parcels.get().waybill, "scanned")]


def test_nothing_personal_is_in_a_case(house, machine):
    case = arrived(house)
    house.order.customer.name, house.order.receiver_phone = "张小雨", "13900002222"
    house.order.customer.save()
    house.order.save()

    text = machine(*Scope.values).get(f"cases/{case.number}/").content.decode()

    assert [word for word in ("张小雨", "13900002222", "退货组", "余杭区") if word in text] == []


def test_a_list_takes_as_many_queries_for_many_cases_as_for_one(house, machine):
    wms = machine(Scope.WMS)
    make_parcel(make_case(order=house.order, complaint=house.complaint, state="in_review"))
    wms.get("cases/")
    few = _count(wms)
    for _number in range(5):
        case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="in_review", warehouse=house.warehouse)
        make_claim(case)

    assert _count(wms) == few


def _count(machine) -> int:
    with CaptureQueriesContext(connection) as queries:
        machine.get("cases/")
    return len(queries)


def test_pages_follow_each_other_and_leave_nothing_out(house, machine):
    cases = [make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="in_review") for _number in range(5)]
    wms, found, cursor = machine(Scope.WMS), [], ""
    for _page in range(3):
        page = wms.get("cases/", limit=2, **({"cursor": cursor} if cursor else {})).json()
        found += [row["number"] for row in page["results"]]
        cursor = page["next"]

    assert (found, cursor) == ([case.number for case in reversed(cases)], "")


def test_filters_narrow_and_never_widen(house, machine):
    case = arrived(house)
    other = make_case(order=house.order, complaint=make_complaint(order=house.order), policy=house.policy, state="in_review")
    wms = machine(Scope.WMS)

    def numbers(**query):
        return [row["number"] for row in wms.get("cases/", **query).json()["results"]]

    assert numbers(state="received") == [case.number]
    assert numbers(complaint=house.complaint.number) == [case.number]
    assert numbers(warehouse=house.warehouse.code) == [case.number]
    assert numbers(order=house.order.external_id) == [other.number, case.number]
    assert numbers(state="nonsense") == numbers(order="nobody's") == []


def test_the_warehouse_reads_what_it_may_do_and_why_not(house, machine):
    case = opened(house)

    rows = {row["verb"]: row for row in machine(Scope.WMS).get(f"cases/{case.number}/verbs/").json()}

    assert set(rows) == {"submit", "scan_in", "begin_inspection", "pass_inspection", "fail_inspection", "split"}
    assert [row["code"] for row in rows["pass_inspection"]["reasons"]] == ["unit_unrecorded"]
    assert rows["pass_inspection"]["reasons"][0]["cure"]
    assert (rows["begin_inspection"]["allowed"], rows["begin_inspection"]["in_state"]) == (False, False)
    assert rows["split"]["needs"] == ["units", "kind"]


def test_without_the_scope_of_the_warehouse_its_verbs_are_closed(house, machine):
    case = arrived(house)

    def reasons(*scopes):
        rows = machine(*scopes).get(f"cases/{case.number}/verbs/").json()
        return next(([each["code"] for each in row["reasons"]] for row in rows if row["verb"] == "begin_inspection"), None)

    assert reasons(Scope.WMS) == []
    assert reasons(Scope.CASES_CREATE) == ["scope_missing"]
    assert Case.objects.get(pk=case.pk).state == "received"
