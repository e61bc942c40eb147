"""Improvement items, each brought to where it is needed by the services."""

from datetime import timedelta

from django.utils import timezone

from analytics.improvements.verbs import accept_improvement, begin_improvement, finish_improvement, propose_improvement
from analytics.models import Improvement
from tests.complaints.builders import later
from tests.factories import make_category, make_merchant, make_user


def make_manager(**overrides):
    return make_user("manager", shops=[make_merchant()], **overrides)


def make_item(*, by=None, **overrides) -> Improvement:
    make_category()
    fields = {"title": "换更厚的内衬", "department": "warehouse", "category": "logistics.stalled"} | overrides
    return propose_improvement(by=by or make_manager(), **fields)


def make_done(*, owner=None, manager=None, **overrides) -> Improvement:
    """Proposed and accepted today, done a week later."""
    manager = manager or make_manager()
    owner = owner or make_user("lead")
    item = make_item(by=manager, **overrides)
    asked = {"by": manager, "expected_version": None}
    accept_improvement(item, owner=owner, due_on=timezone.localdate() + timedelta(days=14), **asked)
    begin_improvement(item, cause="内衬太薄", **asked)
    with later(days=7):
        return finish_improvement(item, action="内衬换成 12 毫米", **asked)
