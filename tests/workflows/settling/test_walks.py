"""Random ways of a refund through answers and people: after every step counters, facts, units and books agree. T12"""

import os
from datetime import timedelta
from random import Random

import pytest
from django.db import connection
from django.utils import timezone

from config.money_invariants import money_faults
from foundation.exceptions import ReasonedError
from tests.workflows.settling.builders import answer, decide, limits_of, make_due, make_finance, make_owed, sign
from workflows.models import Case, LedgerEntry, Refund, RefundEvent
from workflows.services.refund_rescue import ask_for_second_person, ask_provider, close_unpaid, resend_absent, retry_refund
from workflows.services.refunds import void_refund
from workflows.settling.calls import take_errand
from workflows.settling.recording import record_answer

pytestmark = pytest.mark.django_db
WALKS = 200 if os.environ.get("BIHUAN_LONG") else 12
STEPS = 20
KINDS = ["paid", "processing", "declined", "declined", "bounced", "absent", "ambiguous"]


class Walk:
    """One case with its refunds; each step tries something, possible or not."""

    def __init__(self, seed: int):
        self.chance = Random(seed)  # noqa: S311 - to be repeated, no secret
        self.case = make_owed(lines=2, payments=(9900, 9900))
        decide(self.case)
        self.people = [make_finance(self.case) for _number in range(3)]

    def step(self) -> None:
        refund = self.chance.choice(list(Refund.objects.select_related("case").order_by("pk")))
        act = self.chance.choice([*[self.hear] * 6, self.sign, self.sign, self.void, self.again, self.two, self.close, self.decide])
        try:
            act(refund)
        except ReasonedError as refused:
            assert refused.reasons

    def hear(self, refund: Refund) -> None:
        make_due(refund, submitted_at=timezone.now() - timedelta(hours=2) if refund.submitted_at else None)
        errand = take_errand(refund.pk)
        if errand is not None and self.chance.random() < 0.9:
            given = answer(self.chance.choice(KINDS), refund=refund, authenticated=self.chance.random() < 0.9, code="X")
            record_answer(errand, given, limits_of(refund))

    def sign(self, refund: Refund) -> None:
        sign(refund, by=self.chance.choice(self.people))

    def void(self, refund: Refund) -> None:
        void_refund(refund, reason="重复", by=self.chance.choice(self.people))

    def again(self, refund: Refund) -> None:
        by = self.chance.choice(self.people)
        self.chance.choice([lambda: retry_refund(refund, cause="查明", by=by), lambda: resend_absent(refund, by=by)])()

    def two(self, refund: Refund) -> None:
        by = self.chance.choice(self.people)
        self.chance.choice([lambda: ask_for_second_person(refund, reason="核实", by=by), lambda: ask_provider(refund, by=by)])()

    def close(self, refund: Refund) -> None:
        refund.tries.filter(call="query").update(sent_at=timezone.now())
        refund.tries.filter(pk__in=refund.tries.filter(call="query").order_by("number")[:1]).update(
            sent_at=timezone.now() - timedelta(hours=1)
        )
        close_unpaid(refund, by=self.chance.choice(self.people))

    def decide(self, refund: Refund) -> None:
        decide(self.case, amount_fen=self.chance.choice([0, 5000, 19800]), compensation=0)


@pytest.mark.parametrize("number", range(WALKS))
def test_after_every_step_everything_agrees(number):
    walk = Walk(int(os.environ["BIHUAN_SEED"]) + number)

    for _step in range(STEPS):
        walk.step()
        assert money_faults() == [], f"BIHUAN_SEED={os.environ['BIHUAN_SEED']}, walk {number}"

    versions = list(Refund.objects.order_by("pk").values_list("version", flat=True))
    assert [RefundEvent.objects.filter(refund=refund).count() for refund in Refund.objects.order_by("pk")] == versions
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert Case.objects.get().state in {"settling", "exception", "completed"}
    assert LedgerEntry.objects.filter(amount_fen=0).count() == 0


def test_the_walks_reach_what_matters():
    """Otherwise they would prove little."""
    missing = {"authorise", "claim", "accept", "mark_paid", "mark_unknown", "mark_declined", "mark_bounced", "void", "reprice"}
    for number in range(60):
        walk = Walk(number)
        for _step in range(STEPS):
            walk.step()
        missing -= set(RefundEvent.objects.values_list("verb", flat=True))
        if not missing:
            break

    assert missing == set()
