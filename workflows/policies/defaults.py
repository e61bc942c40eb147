"""The shipped rules of every type of after-sale. Loading adds what is missing and leaves alone what somebody has published."""

import json
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone

from workflows.models import CasePolicy

FILE = Path(__file__).resolve().parent / "defaults.json"


def read_default_policies() -> list[dict[str, Any]]:
    """The columns of version 1 of every type."""
    return json.loads(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def load_default_policies() -> int:
    """Add version 1 of each type that has no rules for all shops; returns how many.

    They are in force at once, so that customers can apply; nobody has signed them, so they grant nothing by themselves.
    """
    now = timezone.now()
    known = set(CasePolicy.objects.filter(merchant__isnull=True).values_list("type", flat=True))
    missing = [row for row in read_default_policies() if row["type"] not in known]
    rows = [CasePolicy(**row, version=1, published_at=now, effective_from=now) for row in missing]
    return len(CasePolicy.objects.bulk_create(rows, ignore_conflicts=True))
