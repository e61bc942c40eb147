"""Rules of after-sales for tests: the shipped ones, and people who change them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from tests.factories import make_merchant, make_user
from workflows.models import CasePolicy
from workflows.policies.defaults import load_default_policies, read_default_policies
from workflows.policies.publishing import propose_policy, publish_policy

SHANGHAI = ZoneInfo("Asia/Shanghai")
TYPE = "return_no_reason"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def shipped(type: str = TYPE) -> CasePolicy:
    """The version that comes with the house, in force since yesterday."""
    if not CasePolicy.objects.exists():
        load_default_policies()
    return CasePolicy.objects.get(type=type, version=1, merchant=None)


def plain(type: str = TYPE, **overrides: Any) -> CasePolicy:
    """A version that is not stored."""
    row = next(row for row in read_default_policies() if row["type"] == type)
    return CasePolicy(**row | overrides, version=1)


def propose(type: str = TYPE, *, merchant=None, by=None, seen: int = 1, **changes: Any) -> CasePolicy:
    shipped(type)
    return propose_policy(type, merchant=merchant, by=by or make_manager(), expected_version=seen, **changes)


def publish(policy: CasePolicy, **how: Any) -> CasePolicy:
    return publish_policy(policy, by=make_manager(), **how)


def make_manager():
    return make_user("manager", shops=[make_merchant()])


def in_days(days: float) -> datetime:
    return timezone.now() + timedelta(days=days)
