"""The shipped policies and legal deadlines. Loading adds what is missing and leaves alone what somebody has published."""

from django.db import transaction

from accounts.models import Calendar
from accounts.services import load_calendars
from complaints.intake.defaults import read_defaults
from complaints.models import LegalRule, SlaPolicy


@transaction.atomic
def load_sla_defaults() -> dict[str, int]:
    """Add missing policies and legal deadlines, with the calendars they count by; returns how many of each were added.

    The legal ones wait to be confirmed.
    """
    load_calendars()
    calendars = {calendar.code: calendar for calendar in Calendar.objects.all()}
    policies = [row | {"calendar": calendars[row["calendar"]]} for row in _missing(SlaPolicy, "sla_policies")]
    rules = _missing(LegalRule, "legal_rules")
    SlaPolicy.objects.bulk_create([SlaPolicy(**row) for row in policies])
    LegalRule.objects.bulk_create([LegalRule(**row) for row in rules])
    return {"promise policies": len(policies), "legal deadlines": len(rules)}


def _missing(model: type, name: str) -> list[dict]:
    known = set(model.objects.values_list("code", flat=True))
    return [row for row in read_defaults(name) if row["code"] not in known]
