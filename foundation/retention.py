"""How long things are kept: rules that each app registers in its ``tasks.py``, carried out once a night and by ``manage.py retention``.

A rule looks first and deletes afterwards, so that a dry run counts exactly what a run would take.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Model, QuerySet

logger = logging.getLogger(__name__)
BATCH = 500


@dataclass(frozen=True)
class Rule:
    """What is kept for how long.

    ``due`` gets the moment before which rows are old; ``forget`` deletes some of them and returns how many. What is no row (a file)
    comes as a list. ``period`` names an entry of ``BIHUAN_KEEP_DAYS``; without one the rows carry their own end and ``due`` gets the
    present.
    """

    name: str
    due: Callable[[datetime], QuerySet | list]
    forget: Callable[[list], int]
    period: str = ""

    def moment(self, now: datetime) -> datetime:
        return now - timedelta(days=settings.BIHUAN_KEEP_DAYS[self.period]) if self.period else now


_rules: dict[str, Rule] = {}


def keep(name: str, *, period: str = "", forget: Callable[[list], int] | None = None) -> Callable:
    """Register the decorated function, which gives the rows older than a moment, as a rule. ``forget`` deletes rows unless given."""

    def register(due: Callable[[datetime], QuerySet]) -> Callable[[datetime], QuerySet]:
        _rules[name] = Rule(name, due, forget or delete_rows, period)
        return due

    return register


def rules() -> list[Rule]:
    return [_rules[name] for name in sorted(_rules)]


def count_due(rule: Rule, *, now: datetime) -> int:
    due = rule.due(rule.moment(now))
    return len(due) if isinstance(due, list) else due.count()


def forget_due(rule: Rule, *, now: datetime) -> int:
    """Delete what is due, batch by batch, each in a transaction of its own; returns how many rows went."""
    total = 0
    while True:
        with transaction.atomic():
            rows = list(rule.due(rule.moment(now))[:BATCH])
            gone = rule.forget(rows) if rows else 0
        total += gone
        if len(rows) < BATCH or not gone:
            return total


def forget_everything_due(*, now: datetime) -> dict[str, int]:
    """Carry out every rule; one that fails keeps no other from running. Returns how many rows went by rule."""
    done = {}
    for rule in rules():
        try:
            done[rule.name] = forget_due(rule, now=now)
        except Exception:
            logger.exception("%s could not be carried out", rule.name)
    return done


def delete_rows(rows: list[Model]) -> int:
    model = type(rows[0])
    return model._base_manager.filter(pk__in=[row.pk for row in rows]).delete()[0]
