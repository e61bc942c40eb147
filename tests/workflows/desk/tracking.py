"""Acts on the rows of a case as a browser sends them."""

from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.workflows.house import House, granted, make_house
from tests.workflows.services.steps import lines_of, opened, record_good
from workflows.models import Case, CasePolicy, Outbound, Recovery, Repair
from workflows.services.inspecting import pass_inspection
from workflows.services.outbounds import lose_outbound, pick_outbound, ship_outbound

T = CasePolicy.Type
RESHIP = {"receipt": "none", "release": "none", "release_trusted": "none", "ships": "approved", "ships_trusted": "approved"}
REPAIR = {"release": "none", "release_trusted": "none", "ships": "repaired", "ships_trusted": "repaired"}


def browse(user: User, *, language: str = "en") -> Client:
    user.language = language
    user.save()
    client = Client()
    client.force_login(user)
    return client


def act_url(case: Case, kind: str, row: Any, name: str) -> str:
    return reverse("admin:case-track-act", args=[case.number, kind, row.pk, name])


def version_of(case: Case, row: Any) -> int:
    return row.version if hasattr(row, "version") else Case.objects.get(pk=case.pk).version


def do(user: User, case: Case, kind: str, row: Any, name: str, **answers: Any):
    """Send the form of an act about the row as it is now."""
    fresh = type(row).objects.get(pk=row.pk)
    blank = {"expected_version": version_of(case, fresh), "request_id": f"{kind}-{row.pk}-{name}-{version_of(case, fresh)}"}
    return browse(user).post(act_url(case, kind, row, name), blank | answers)


def done(user: User, case: Case, kind: str, row: Any, name: str, **answers: Any) -> Any:
    """The same where it has to work; the fresh row."""
    answer = do(user, case, kind, row, name, **answers)
    assert answer.status_code == 303, (answer.status_code, answer.content.decode())
    return type(row).objects.get(pk=row.pk)


def page_of(user: User, case: Case, name: str = "case") -> str:
    return browse(user).get(reverse(f"admin:{name}", args=[case.number])).content.decode()


def to_send() -> tuple[House, Case, Outbound]:
    """Goods that the warehouse may pack."""
    house = make_house(T.RESHIP, **RESHIP)
    case = granted(house)
    return house, case, Outbound.objects.get(case=case)


def lost() -> tuple[House, Case, Recovery]:
    """Goods that a carrier has lost, and what it owes for them."""
    house, case, row = to_send()
    row = ship_outbound(pick_outbound(row, by=house.packer), carrier=None, waybill="YT1234567890123", by=house.packer)
    lose_outbound(row, events=[3])
    return house, case, Recovery.objects.get(case=case)


def to_repair(*, in_warranty: bool = True) -> tuple[House, Case, Repair]:
    """A piece that the workshop has taken in."""
    house = make_house(T.REPAIR, **REPAIR)
    case = opened(house)
    for line in lines_of(case):
        record_good(line, house)
    case = pass_inspection(case, by=house.packer)
    Repair.objects.filter(claim__case=case).update(in_warranty=in_warranty)
    return house, case, Repair.objects.get(claim__case=case)
