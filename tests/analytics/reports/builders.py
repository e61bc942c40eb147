"""Saved reports, made through their own door."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from analytics.models import SavedReport
from analytics.reports.saving import Page, Wish, save_report

OVERVIEW = Page("overview", "", "period=28d")


def make_report(by: User, *, page: Page = OVERVIEW, **wish: Any) -> SavedReport:
    return save_report(page, Wish(**{"name": "早会", **wish}), by=by)


def make_due(by: User, *recipients: User, **wish: Any) -> SavedReport:
    """A daily report that is due now."""
    report = make_report(by, rhythm="daily", recipients=recipients, **wish)
    report.due_at = timezone.now() - timedelta(minutes=1)
    report.save(update_fields=["due_at"])
    return report
