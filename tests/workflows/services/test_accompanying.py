"""What happens to the cases of a complaint when the complaint itself is withdrawn, resolved or erased, and what they have against it."""

import pytest
from django.utils import timezone

from complaints.lifecycle import Status
from complaints.models import Complaint, Event, PrivacyRequest
from complaints.privacy.erasure import carry_out
from complaints.privacy.requests import ask_privacy
from complaints.services import explain_verbs, post_reply, resolve_complaint, resume_complaint, withdraw_complaint
from foundation.events import find_break
from foundation.exceptions import RefusedError
from tests.factories import make_complaint, make_order
from tests.journeys import SOLVED
from tests.workflows.builders import make_case, make_refund
from tests.workflows.house import granted, in_review, make_house, submitted
from tests.workflows.services.steps import arrived, on_its_way
from workflows.models import Case, Parcel, Refund, RefundableUnit
from workflows.services.review import withdraw_case

pytestmark = pytest.mark.django_db


@pytest.fixture
def house():
    return make_house()


def refused(act, *arguments, **inputs) -> list[str]:
    """The codes of the reasons with which an act is refused; none when it is done."""
    try:
        act(*arguments, **inputs)
    except RefusedError as error:
        return [reason.code for reason in error.reasons]
    return []


def fresh(complaint: Complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


@pytest.mark.parametrize("stage", [submitted, in_review, granted])
def test_a_case_of_which_nothing_left_is_withdrawn_with_its_complaint(house, stage):
    case = stage(house)

    withdraw_complaint(house.complaint, as_customer=True)

    assert (fresh(house.complaint).status, Case.objects.get(pk=case.pk).state) == (Status.WITHDRAWN, "cancelled")
    assert not RefundableUnit.objects.filter(reserved_by=case).exists()
    assert set(Refund.objects.values_list("state", flat=True)) <= {"voided"}
    assert set(Parcel.objects.values_list("state", flat=True)) <= {"cancelled"}


def test_everything_is_written_once_in_one_unbroken_chain(house):
    granted(house)

    withdraw_complaint(house.complaint, by=house.agent, reason="客户电话里说", expected_version=fresh(house.complaint).version)

    kinds = list(Event.objects.filter(complaint=house.complaint).order_by("seq").values_list("kind", flat=True))
    assert (kinds.count("case.withdraw"), kinds.count("withdrawn")) == (1, 1)
    assert kinds.index("case.withdraw") < kinds.index("withdrawn")
    assert Event.objects.get(kind="case.withdraw").actor_id == house.agent.pk
    assert Event.objects.get(kind="case.withdraw").payload["request"] == "客户电话里说"
    row = fresh(house.complaint)
    assert find_break(row.events.order_by("seq"), head_seq=row.head_seq, head_hash=bytes(row.head_hash)) is None


@pytest.mark.parametrize("stage", [on_its_way, arrived])
def test_a_parcel_under_way_keeps_the_complaint(house, stage):
    case = stage(house)
    before = fresh(house.complaint)

    assert refused(withdraw_complaint, house.complaint, as_customer=True) == ["case_runs"]
    assert (fresh(house.complaint).status, fresh(house.complaint).head_seq) == (before.status, before.head_seq)
    assert Case.objects.get(pk=case.pk).state == case.state


def test_a_refund_that_left_keeps_the_complaint(house):
    case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="awaiting_return")
    make_refund(case, state="submitting")

    assert refused(withdraw_complaint, house.complaint, as_customer=True) == ["case_runs"]
    assert Case.objects.get(pk=case.pk).state == "awaiting_return"


def test_one_case_that_stays_keeps_every_other_one(house):
    first = granted(house)
    second = on_its_way(house)

    assert refused(withdraw_complaint, house.complaint, as_customer=True) == ["case_runs"]
    assert [Case.objects.get(pk=each.pk).state for each in (first, second)] == ["awaiting_return", "in_transit"]


def test_the_reason_names_the_case_and_what_happens_instead(house):
    case = on_its_way(house)

    row = next(row for row in explain_verbs(fresh(house.complaint), None, as_customer=True) if row["verb"] == "withdraw")

    assert not row["allowed"]
    assert case.number in str(row["reasons"][0].text)


def test_a_repeated_request_touches_no_case_that_came_later(house):
    withdraw_complaint(house.complaint, as_customer=True, request_id="w1")
    resume_complaint(house.complaint, as_customer=True)
    later = submitted(house)

    withdraw_complaint(house.complaint, as_customer=True, request_id="w1")

    assert Case.objects.get(pk=later.pk).state == "submitted"


def test_a_complaint_is_resolved_after_its_cases(house):
    post_reply(house.complaint, body="您好，我来跟进。", by=house.agent, expected_version=None)
    case = in_review(house)

    def resolve():
        return refused(resolve_complaint, fresh(house.complaint), by=house.agent, expected_version=None, **SOLVED)

    assert resolve() == ["case_open"]
    withdraw_case(case, as_customer=True)
    assert resolve() == []
    assert fresh(house.complaint).status == Status.RESOLVED


def test_what_was_never_sent_keeps_no_complaint_from_its_result(house):
    post_reply(house.complaint, body="您好，我来跟进。", by=house.agent, expected_version=None)
    make_case(order=house.order, complaint=house.complaint, policy=house.policy)

    assert refused(resolve_complaint, fresh(house.complaint), by=house.agent, expected_version=None, **SOLVED) == []


@pytest.fixture
def forgotten(house, settings, tmp_path):
    """A complaint that ended, whose customer wishes to be forgotten and whose manager agreed."""
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    wish = ask_privacy(house.complaint, "erasure", by=None)
    withdraw_complaint(house.complaint, as_customer=True)
    decided = {"status": PrivacyRequest.Status.APPROVED, "decided_by": house.manager, "decided_at": timezone.now()}
    PrivacyRequest.objects.filter(pk=wish.pk).update(**decided)
    wish.refresh_from_db()
    return wish


UNDER_WAY = ["pending_approval", "armed", "queued", "submitting", "processing", "unknown", "failed", "bounced"]


@pytest.mark.parametrize("state", UNDER_WAY)
def test_nobody_is_erased_while_their_money_is_under_way(house, forgotten, state):
    case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="completed")
    make_refund(case, state=state)

    assert refused(carry_out, forgotten, by=None) == ["money_under_way"]
    assert fresh(house.complaint).erased_at is None


@pytest.mark.parametrize("state", ["succeeded", "voided"])
def test_money_that_arrived_or_was_never_sent_keeps_nobody(house, forgotten, state):
    case = make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="completed")
    make_refund(case, state=state)

    assert refused(carry_out, forgotten, by=None) == []
    assert fresh(house.complaint).erased_at is not None


def test_nobody_is_erased_while_their_goods_are_under_way(house, forgotten):
    make_case(order=house.order, complaint=house.complaint, policy=house.policy, state="in_transit")

    assert refused(carry_out, forgotten, by=None) == ["case_open"]


def test_another_persons_case_keeps_nobody(house, forgotten):
    order = make_order()
    complaint = make_complaint(order=order, contact_phone="13911112222", contact_email="other@mail.example")
    make_refund(make_case(order=order, complaint=complaint, policy=house.policy, state="in_transit"))

    assert refused(carry_out, forgotten, by=None) == []
