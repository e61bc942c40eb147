"""After an erasure nothing that somebody wrote about the person is in their cases; amounts, codes and the chain stay."""

from uuid import uuid4

import pytest
from django.apps import apps
from django.core.management import call_command
from django.utils import timezone

from complaints.models import Complaint, PrivacyRequest
from complaints.privacy.erasure import carry_out
from complaints.privacy.requests import ask_privacy
from complaints.services import withdraw_complaint
from tests.factories import make_complaint, make_order
from tests.privacy.dump import rows_as_stored
from tests.workflows.builders import make_approval, make_case, make_claim, make_parcel, make_refund, make_resolution
from tests.workflows.house import make_house
from workflows.models import (
    Appeal,
    ApprovalStep,
    Case,
    InspectionLine,
    Parcel,
    Refund,
    Repair,
    Resolution,
    Task,
    UnclaimedParcel,
    WarehouseScan,
)

pytestmark = pytest.mark.django_db
CANARIES = (
    "CANARY-APPEAL", "CANARY-GROUNDS", "CANARY-NOTE", "CANARY-PIECE", "CANARY-SERIAL", "CANARY-EXTRA", "CANARY-STREET", "CANARY-TAIL",
    "CANARY-LABEL", "CANARY-REPAIR", "CANARY-TASK", "CANARY-OVERRIDE", "CANARY-FOUND", "CANARY-INDEX", "CANARY-GUN", "CANARY-SCAN",
)  # fmt: skip


@pytest.fixture
def house(settings, tmp_path):
    settings.DATA_DIR, settings.MEDIA_ROOT = tmp_path, tmp_path / "media"
    return make_house()


def written_about(house, complaint: Complaint) -> Case:
    """An ended case in which everybody has written something that names its customer."""
    case = make_case(order=complaint.order, complaint=complaint, policy=house.policy, state="completed", ended_at=timezone.now())
    parcel = make_parcel(case, phone_tail="CANARY-TAIL", return_address="CANARY-STREET", label={"to": "CANARY-LABEL"}, state="scanned")
    claim = make_claim(case)
    Appeal.objects.create(case=case, words="CANARY-APPEAL", grounds="CANARY-GROUNDS", state="denied")
    approval = make_approval(case, resolution=make_resolution(case, basis={"override": "CANARY-OVERRIDE", "reason": "late"}))
    ApprovalStep.objects.create(approval=approval, number=1, role="lead", note="CANARY-NOTE")
    found = {"note": "CANARY-PIECE", "serial": "CANARY-SERIAL", "accessories": ["CANARY-EXTRA"]}
    InspectionLine.objects.create(claim=claim, parcel=parcel, state="disposed", **found)
    Repair.objects.create(claim=claim, finding="CANARY-REPAIR", state="repaired")
    Task.objects.create(case=case, kind="call", role="agent", done_at=timezone.now(), outcome="skipped", reason="CANARY-TASK")
    lost = {"scan": "CANARY-SCAN", "note": "CANARY-FOUND", "phone_index": "CANARY-INDEX", "parcel": parcel, "scanned_by": house.packer}
    UnclaimedParcel.objects.create(warehouse=parcel.warehouse, scanned_at=timezone.now(), **lost)
    told = {"mode": "receive", "code": "CANARY-GUN", "scanned_at": timezone.now(), "parcel": parcel, "by": house.packer}
    WarehouseScan.objects.create(client_id=uuid4(), warehouse=parcel.warehouse, **told)
    make_refund(case, state="succeeded")
    return case


def kept() -> set[str]:
    """The canaries that stand in a row as it is read, or as a dump would hold it."""
    models = apps.get_app_config("workflows").get_models(include_auto_created=True)
    read = "\n".join(str(row) for model in models for row in model._base_manager.values_list())
    text = read + rows_as_stored()
    return {canary for canary in CANARIES if canary in text}


def approved(complaint: Complaint, house) -> PrivacyRequest:
    """The complaint has ended and a manager agreed that its customer is forgotten."""
    withdraw_complaint(complaint, as_customer=True)
    wish = ask_privacy(complaint, "erasure", by=None)
    decided = {"status": PrivacyRequest.Status.APPROVED, "decided_by": house.manager, "decided_at": timezone.now()}
    PrivacyRequest.objects.filter(pk=wish.pk).update(**decided)
    wish.refresh_from_db()
    return wish


def test_nothing_that_was_written_about_the_person_is_left_in_their_cases(house):
    written_about(house, house.complaint)
    assert kept() == set(CANARIES)

    carry_out(approved(house.complaint, house), by=None)

    assert kept() == set()


def test_amounts_codes_and_the_chain_stay(house):
    case = written_about(house, house.complaint)

    carry_out(approved(house.complaint, house), by=None)

    assert Refund.objects.get(case=case).amount_fen == 5000
    assert Resolution.objects.get(case=case).basis == {"reason": "late"}
    assert (Case.objects.get(pk=case.pk).state, Parcel.objects.get(links__case=case).state) == ("completed", "scanned")
    assert (Appeal.objects.get(case=case).state, WarehouseScan.objects.count()) == ("denied", 1)
    call_command("verify_events", verbosity=0)


def test_the_cases_of_others_keep_every_word(house):
    others = make_complaint(order=make_order(), contact_phone="13911112222", contact_email="other@mail.example")
    written_about(house, others)

    carry_out(approved(house.complaint, house), by=None)

    assert kept() == set(CANARIES)
