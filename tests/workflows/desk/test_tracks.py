"""Who comes to the rows of a case, what they are offered there, and what is refused and writes nothing."""

import pytest
from django.urls import reverse

from complaints.models import Event
from tests.factories import make_user
from tests.workflows.desk.tracking import act_url, browse, do, lost, page_of, to_repair, to_send
from tests.workflows.flows.builders import task
from tests.workflows.flows.test_steps import step_of, visible_case
from tests.workflows.flows.test_steps import team as team  # noqa: PLC0414 - a fixture
from tests.workflows.house import in_review, make_house, second
from tests.workflows.services.steps import lines_of, on_its_way, opened, parcel_of, record_bad
from workflows.models import Case, Outbound, Recovery, Repair, Step

pytestmark = pytest.mark.django_db


def test_an_act_that_is_refused_now_says_why():
    house, case, row = to_send()

    page = page_of(house.lead, case)

    assert act_url(case, "outbound", row, "cancel") not in page
    assert "The resolution still owes this item." in page


def test_each_is_offered_their_own():
    house, case, row = to_send()

    assert act_url(case, "outbound", row, "pick") in page_of(house.packer, case, "case-tracks")
    assert act_url(case, "outbound", row, "pick") not in page_of(house.agent, case)


def test_a_workshop_finds_its_repairs():
    house, case, _row = to_repair()

    page = browse(house.packer).get(reverse("admin:scan-tasks")).content.decode()

    assert reverse("admin:case-tracks", args=[case.number]) in page


def test_a_warehouse_finds_pieces_that_are_decided_about_and_still_lie_there():
    house = make_house()
    case = opened(house)
    record_bad(lines_of(case)[0], house)
    url, client = reverse("admin:case-tracks", args=[case.number]), browse(house.packer)
    before = client.get(reverse("admin:scan-tasks")).content.decode()

    Case.objects.filter(pk=case.pk).update(state="settling")

    assert (url in before, url in client.get(reverse("admin:scan-tasks")).content.decode()) == (False, True)


def test_finance_finds_the_case_of_a_recovery():
    house, case, _row = lost()

    page = browse(house.finance).get(reverse("admin:reconcile-recoveries")).content.decode()

    assert reverse("admin:case-tracks", args=[case.number]) in page


def test_a_warehouse_sees_no_money_and_no_procedure():
    house, case, row = lost()

    assert "Recoveries" in page_of(house.finance, case, "case-tracks")
    assert act_url(case, "recovery", row, "claim") in page_of(house.finance, case, "case-tracks")
    assert "Recoveries" not in page_of(house.packer, case, "case-tracks")


@pytest.mark.parametrize("who", ["agent", "lead", "manager", "packer"])
def test_only_finance_follows_what_others_owe(who):
    house, case, row = lost()

    answer = do(getattr(house, who), case, "recovery", row, "claim", proof="x")

    assert answer.status_code == 403
    assert Recovery.objects.get(pk=row.pk).state == "open"


@pytest.mark.parametrize(("who", "kind", "name"), [("finance", "outbound", "pick"), ("agent", "outbound", "reserve_again")])
def test_who_has_another_role_changes_nothing(who, kind, name):
    house, case, row = to_send()
    before = Event.objects.count()

    answer = do(getattr(house, who), case, kind, row, name, sku="X")

    assert answer.status_code == 403
    assert (Outbound.objects.get(pk=row.pk).state, Event.objects.count()) == ("released", before)


def test_an_agent_redirects_no_parcel():
    house = make_house()
    case = on_its_way(house)

    answer = do(house.agent, case, "parcel", parcel_of(case), "redirect", warehouse=house.warehouse.pk)

    assert answer.status_code == 403
    assert parcel_of(case).warehouse == house.warehouse


def test_a_row_of_another_case_is_not_found():
    house, case, row = to_send()
    other = in_review(house)

    assert browse(house.lead).get(act_url(case, "outbound", row, "cancel")).status_code == 200
    assert browse(house.lead).get(act_url(other, "outbound", row, "cancel")).status_code == 404
    assert do(house.packer, other, "outbound", row, "pick").status_code == 404


@pytest.mark.parametrize(("kind", "name"), [("outbound", "deliver"), ("refund", "query"), ("outbound", "diagnose")])
def test_there_is_no_such_act(kind, name):
    house, case, row = to_send()

    assert browse(house.packer).get(act_url(case, kind, row, name)).status_code == 404


def test_a_stranger_finds_no_case():
    _house, case, row = to_send()

    for stranger in (make_user("agent", teams=[]), make_user("warehouse"), make_user("finance")):
        assert do(stranger, case, "outbound", row, "pick").status_code == 404
    assert do(make_user("admin"), case, "outbound", row, "pick").status_code == 403


def test_what_was_typed_is_kept_when_something_is_missing():
    house, case, row = to_repair(in_warranty=False)
    do(house.packer, case, "repair", row, "diagnose")

    answer = do(house.agent, case, "repair", row, "send_quote", amount_fen="三十", finding="主板坏了")

    assert answer.status_code == 422
    assert "主板坏了" in answer.content.decode()
    assert Repair.objects.get(pk=row.pk).state == "diagnosing"


def test_a_refusal_of_the_service_keeps_the_form():
    house, case, row = lost()

    do(house.finance, case, "recovery", row, "claim", proof="x")
    do(house.finance, case, "recovery", row, "accept", answer="x")
    answer = do(house.finance, case, "recovery", row, "collect", amount_fen="99999.00")

    assert answer.status_code == 409
    assert "99999.00" in answer.content.decode()
    assert Recovery.objects.get(pk=row.pk).collected_fen == 0


def test_a_stale_form_shows_that_somebody_was_faster():
    house, case, row = to_repair()
    url, answers = act_url(case, "repair", row, "diagnose"), {"expected_version": row.version + 3, "request_id": "r"}

    answer = browse(house.packer).post(url, answers)

    assert answer.status_code == 409
    assert b"Keep mine" in answer.content
    assert Repair.objects.get(pk=row.pk).state == "intake"


def test_sending_twice_is_one_act():
    house, case, row = to_send()
    url, answers = act_url(case, "outbound", row, "pick"), {"expected_version": row.version, "request_id": "r"}
    client = browse(house.packer)

    first, again = client.post(url, answers), client.post(url, answers)

    assert (first.status_code, again.status_code) == (303, 303)
    assert first.url == reverse("admin:case-tracks", args=[case.number])
    assert Event.objects.filter(kind="outbound.pick").count() == 1


def test_nobody_approves_their_own_write_off():
    house, case, row = lost()
    do(house.finance, case, "recovery", row, "claim", proof="x")
    do(house.finance, case, "recovery", row, "dispute", answer="x")

    own = do(house.finance, case, "recovery", row, "write_off", reason="x", approved_by=house.finance.pk)
    strange = do(house.finance, case, "recovery", row, "write_off", reason="x", approved_by=make_user("finance").pk)
    other = do(house.finance, case, "recovery", row, "write_off", reason="x", approved_by=second(house, "finance").pk)

    assert (own.status_code, strange.status_code, other.status_code) == (422, 422, 303)


def test_an_agent_skips_no_step(team):
    case = visible_case(team, {"review": task("first")})
    step = step_of(case, "first")

    assert do(make_user("agent", teams=[team]), case, "step", step, "skip", reason="x").status_code == 403
    assert do(make_user("lead", teams=[team]), case, "step", step, "skip", reason="").status_code == 422
    assert Step.objects.get(pk=step.pk).standing == "open"


def test_the_dialog_leaves_for_the_page_that_changed():
    house, case, row = to_send()
    answers = {"expected_version": row.version, "request_id": "r"}

    answer = browse(house.packer).post(act_url(case, "outbound", row, "pick"), answers, headers={"HX-Request": "true"})

    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, reverse("admin:case-tracks", args=[case.number]))
