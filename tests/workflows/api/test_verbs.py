"""What a machine does with cases: it opens them and works in the warehouse; every cell that is closed is really asked."""

from uuid import uuid4

import pytest

from complaints.models import Attachment, Event
from orders.models import ApiToken
from tests.workflows.services.steps import arrived, lines_of, on_its_way, opened, photo_by, record_bad, record_good
from workflows.api.verb_views import VERBS
from workflows.machines.spine import SPINE
from workflows.models import Case, InspectionLine, Refund, Resolution

pytestmark = pytest.mark.django_db
Scope = ApiToken.Scope
OF_OTHERS = [verb.name for verb in SPINE.verbs if verb.name not in VERBS]
BEFORE = {
    "scan_in": on_its_way,
    "begin_inspection": arrived,
    "record_results": opened,
    "pass_inspection": opened,
    "fail_inspection": opened,
    "split": lambda house: opened(house, pieces=2),
}


def wish(house, **changes):
    """A case for one cup."""
    line = house.line.external_id
    asked = {"complaint": house.complaint.number, "type": "return_quality", "reason": "broken", "request": "客服电话 3 月 2 日"}
    return asked | {"lines": [{"line": line, "quantity": 1}]} | changes


def body_for(verb: str, case: Case, machine) -> dict:
    """What the verb needs to succeed."""
    units = [line.claim.unit_id for line in lines_of(case)]
    bodies = {
        "record_results": {"results": [{"unit": unit, "graded": "a"} for unit in units]},
        "pass_inspection": {"results": [{"unit": unit, "graded": "a"} for unit in units]},
        "fail_inspection": {"results": [{"unit": unit, "graded": "c", "fault": "used", "photos": [photo(machine)]} for unit in units]},
        "split": {"units": units[:1], "kind": "short"},
    }
    return bodies.get(verb, {}) | {"expected_version": case.version}


def photo(machine) -> str:
    file = photo_by(machine.token.actor)
    Attachment.objects.filter(pk=file.pk).update(key=uuid4().hex)
    file.refresh_from_db()
    return file.key


def marks() -> tuple:
    """What a refused verb must not change."""
    cases = list(Case.objects.order_by("pk").values_list("pk", "state", "version"))
    return (
        cases,
        Event.objects.count(),
        Refund.objects.count(),
        Resolution.objects.count(),
        list(InspectionLine.objects.values_list("state")),
    )


def test_a_shop_opens_a_case_for_its_customer(house, machine):
    shop = machine(Scope.CASES_CREATE)

    answer = shop.post("cases/", wish(house))

    case = Case.objects.get()
    assert (answer.status_code, answer.json()["number"], case.state) == (201, case.number, "submitted")
    event = Event.objects.get(kind="case.submit")
    assert (event.actor_id, event.payload["request"]) == (shop.token.actor_id, "客服电话 3 月 2 日")
    assert [claim.unit.reserved_by_id for claim in case.units.select_related("unit")] == [case.pk]


def test_a_repeated_request_opens_one_case(house, machine):
    shop = machine(Scope.CASES_CREATE)

    first, second = (shop.post("cases/", wish(house), key="k1") for _time in range(2))
    changed = shop.post("cases/", wish(house, reason="regret"), key="k1")

    assert (first.json()["number"], Case.objects.count()) == (second.json()["number"], 1)
    assert changed.status_code == 409


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"type": "return_no_reason"}, 409, "type_unknown"),
        ({"reason": "no such"}, 409, "type_unknown"),
        ({"lines": [{"line": "1", "quantity": 99}]}, 409, "no_quantity"),
        ({"lines": [{"line": "no such", "quantity": 1}]}, 400, "invalid"),
        ({"lines": []}, 400, "invalid"),
        ({"lines": [{"line": "1", "quantity": 1}, {"line": "1", "quantity": 1}]}, 400, "invalid"),
        ({"request": ""}, 400, "invalid"),
        ({"state": "settling"}, 400, "invalid"),
        ({"complaint": "BH00000000"}, 404, "not_found"),
    ],
)
def test_a_wish_that_cannot_be_is_refused_and_leaves_nothing(house, machine, changes, status, code):
    house.order.lines.update(external_id="1")
    house.line.refresh_from_db()

    answer = machine(Scope.CASES_CREATE).post("cases/", wish(house, **changes))

    assert (answer.status_code, answer.json()["code"], Case.objects.count()) == (status, code, 0)


def test_nobody_else_opens_cases(house, machine):
    others = machine(*(scope for scope in Scope if scope != Scope.CASES_CREATE))

    assert others.post("cases/", wish(house)).status_code == 403
    assert machine(*Scope.values, shop="other").post("cases/", wish(house)).status_code == 404
    assert Case.objects.count() == 0


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_of_the_warehouse_is_done_and_written_down_under_the_machines_name(house, machine, verb):
    wms = machine(Scope.WMS)
    case = BEFORE[verb](house)
    seen = Event.objects.count()

    answer = wms.post(f"cases/{case.number}/{verb}/", body_for(verb, case, wms))

    assert answer.status_code == 200, answer.content
    assert answer.json()["number"] == case.number
    written = Event.objects.order_by("pk")[seen:]
    assert {event.actor_id for event in written if event.kind == f"case.{verb}"} <= {wms.token.actor_id}
    assert written


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_of_the_warehouse_needs_its_scope(house, machine, verb):
    others = machine(*(scope for scope in Scope if scope != Scope.WMS))
    case = BEFORE[verb](house)
    before = marks()

    answer = others.post(f"cases/{case.number}/{verb}/", body_for(verb, case, others))

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")
    assert marks() == before


@pytest.mark.parametrize("verb", VERBS)
def test_no_machine_reaches_the_case_of_another_shop(house, machine, verb):
    stranger = machine(*Scope.values, shop="other")
    case = BEFORE[verb](house)
    before = marks()

    assert stranger.post(f"cases/{case.number}/{verb}/", body_for(verb, case, stranger)).status_code == 404
    assert marks() == before


@pytest.mark.parametrize("verb", VERBS)
def test_whoever_read_an_older_version_is_told_so(house, machine, verb):
    wms = machine(Scope.WMS)
    case = BEFORE[verb](house)
    before = marks()

    answer = wms.post(f"cases/{case.number}/{verb}/", body_for(verb, case, wms) | {"expected_version": case.version + 1})

    assert (answer.status_code, answer.json().get("code"), answer.json().get("current_version")) == (409, "version_conflict", case.version)
    assert marks() == before


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "scan_in"])
def test_a_verb_out_of_its_state_is_refused_with_reasons(house, machine, verb):
    wms = machine(Scope.WMS)
    case = on_its_way(house)
    before = marks()
    body = {"results": [{"unit": 1, "graded": "a"}]} if verb == "record_results" else {}
    body |= {"units": [1], "kind": "short"} if verb == "split" else {}

    answer = wms.post(f"cases/{case.number}/{verb}/", body | {"expected_version": case.version})

    problem = answer.json()
    assert (answer.status_code, answer.headers["Content-Type"]) == (409, "application/problem+json")
    assert [sorted(reason) for reason in problem["reasons"]] == [["code", "cure", "text"]] * len(problem["reasons"])
    assert problem["reasons"][0]["code"] == ("piece_unknown" if verb == "record_results" else "state")
    assert marks() == before


@pytest.mark.parametrize("stage", [on_its_way, opened])
@pytest.mark.parametrize("verb", OF_OTHERS)
def test_verdicts_money_and_the_systems_own_verbs_are_refused_to_every_machine(house, machine, verb, stage):
    everything = machine(*Scope.values)
    case = stage(house)
    before = marks()

    answer = everything.post(f"cases/{case.number}/{verb}/", {"expected_version": case.version})

    # A machine may submit a case, but this one was sent long ago.
    expected = (409, "state") if verb == "submit" else (403, "not_your_role")
    assert (answer.status_code, answer.json()["code"]) == expected
    assert marks() == before


def test_what_is_no_verb_has_no_address(house, machine):
    case = opened(house)

    assert machine(*Scope.values).post(f"cases/{case.number}/explode/", {"expected_version": 1}).status_code == 404


def test_a_result_without_its_photo_takes_the_whole_request_back(house, machine):
    wms = machine(Scope.WMS)
    case = opened(house, pieces=2)
    good, bad = (line.claim.unit_id for line in lines_of(case))
    results = [{"unit": good, "graded": "a"}, {"unit": bad, "graded": "c", "fault": "damaged"}]
    before = marks()

    answer = wms.post(f"cases/{case.number}/fail_inspection/", {"expected_version": case.version, "results": results})

    assert (answer.status_code, answer.json()["code"]) == (409, "photos_missing")
    assert marks() == before


def test_the_photo_of_somebody_else_is_not_taken(house, machine):
    wms, other = machine(Scope.WMS), machine(Scope.WMS)
    case = opened(house)

    answer = wms.post(f"cases/{case.number}/fail_inspection/", body_for("fail_inspection", case, other))

    assert (answer.status_code, Case.objects.get(pk=case.pk).state) == (409, "inspecting")


def test_a_repeated_scan_is_one_scan(house, machine):
    wms, case = machine(Scope.WMS), on_its_way(house)
    body = {"expected_version": case.version, "waybill": case.parcels.get().waybill}

    first, second = (wms.post(f"cases/{case.number}/scan_in/", body, key="scan-1") for _time in range(2))

    assert (first.status_code, second.status_code, second.json()["state"]) == (200, 200, "received")
    assert Event.objects.filter(kind="case.scan_in").count() == 1


def test_a_failed_piece_is_split_off_and_the_rest_passes(house, machine):
    wms = machine(Scope.WMS)
    case = opened(house, pieces=2)
    good, bad = lines_of(case)
    record_good(good, house)
    record_bad(bad, house)

    split = wms.post(
        f"cases/{case.number}/split/", {"expected_version": case.version, "units": [bad.claim.unit_id], "kind": "failed"}
    ).json()
    passed = wms.post(f"cases/{case.number}/pass_inspection/", {"expected_version": split["version"]})

    assert (passed.status_code, passed.json()["state"]) == (200, "settling")
    child = Case.objects.get(parent=case)
    assert (child.state, wms.get(f"cases/{child.number}/").json()["parent"]) == ("exception", case.number)


def test_upload_is_open_to_the_warehouse(house, machine):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from tests.foundation.pictures import picture

    file = SimpleUploadedFile("a.jpg", picture("JPEG"), content_type="image/jpeg")

    assert machine(Scope.WMS).upload(file).status_code == 201
