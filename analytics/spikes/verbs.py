"""What people do about a spike: look into it, explain it, close it. What is folded under it goes along."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from analytics.acting import LoopAct, against_empty, against_person, take_up
from analytics.lifecycle import SpikeState, Verb
from analytics.models import Improvement, Spike
from foundation.exceptions import Reason
from foundation.verbs import require

from .access import spikes_for

CALM_FOR = timedelta(days=3)
TURN = "SELECT pg_advisory_xact_lock(hashtext('analytics.spikes'), 0)"


def take_turn() -> None:
    """Let nobody else move spikes until the transaction ends: what is done to one is done to those folded under it as well."""
    with connection.cursor() as cursor:
        cursor.execute(TURN)


@transaction.atomic
def acknowledge_spike(spike: Spike, *, by: User, expected_version: int | None, request_id: str | None = None) -> Spike:
    """Say that somebody looks into it; nobody is roused any more."""
    act = _take_up(spike, "acknowledge", by, expected_version, request_id)
    return act.row if act.is_replay else _do(act, "acknowledge")


@transaction.atomic
def explain_spike(
    spike: Spike,
    *,
    cause: str,
    explanation: str,
    improvement: Improvement | None = None,
    by: User,
    expected_version: int | None,
    request_id: str | None = None,
) -> Spike:
    """Record why it happened, and which improvement item takes care of it if the ``cause`` says that one does.

    Raises ``RefusedError`` without words, or without the item.
    """
    act = _take_up(spike, "explain", by, expected_version, request_id)
    if act.is_replay:
        return act.row
    require([*against_empty(explanation), *_against_item(cause, improvement)])
    item = improvement if cause == Spike.Cause.IMPROVEMENT else None
    values = {"cause": cause, "explanation": explanation.strip(), "improvement": item}
    return _do(act, "explain", note=values["explanation"], codes={"cause": cause, "improvement": item and item.pk}, **values)


@transaction.atomic
def close_spike(spike: Spike, *, by: User | None, expected_version: int | None, request_id: str | None = None) -> Spike:
    """End it. When its series jumps again, that is another spike."""
    act = _take_up(spike, "close", by, expected_version, request_id)
    return act.row if act.is_replay else _do(act, "close", closed_at=act.at)


def close_calm(at: datetime) -> int:
    """Close what is explained and has been quiet for three days; returns how many there were."""
    calm = Spike.objects.filter(state=SpikeState.EXPLAINED, folded_under=None, calmed_at__lte=at - CALM_FOR)
    spikes = list(calm.order_by("pk"))
    for spike in spikes:
        close_spike(spike, by=None, expected_version=None)
    return len(spikes)


def _take_up(spike: Spike, verb: str, by: User | None, expected_version: int | None, request_id: str | None) -> LoopAct:
    take_turn()
    return take_up(spike, verb, by=by, expected_version=expected_version, request_id=request_id, rights=against)


def against(verb: Verb, spike: Spike, by: User | None) -> list[Reason]:
    """Why somebody may not do this to a spike, state apart."""
    is_visible = by is None or spikes_for(by).filter(pk=spike.pk).exists()
    folded = [Reason("folded", _("A narrower spike explains this one; see to that one."))] if spike.folded_under_id else []
    return against_person(verb, by, is_visible=is_visible) + folded


def _do(act: LoopAct, verb: str, *, note: str = "", codes: dict | None = None, **values) -> Spike:
    """Carry a verb out on a spike and on what is folded under it."""
    for spike in act.row.folded.exclude(state=SpikeState.CLOSED).order_by("pk"):
        if verb == "close" and spike.state != SpikeState.EXPLAINED:  # it was folded after the explanation
            known = {name: getattr(act.row, name) for name in ("cause", "explanation", "improvement")}
            _carry_out(LoopAct(spike, by=act.by, at=act.at), "explain", act.row.explanation, None, known)
        if spike.state in spike.verbs[verb].sources:
            _carry_out(LoopAct(spike, by=act.by, at=act.at), verb, note, codes, values)
    return _carry_out(act, verb, note, codes, values)


def _carry_out(act: LoopAct, verb: str, note: str, codes: dict | None, values: dict) -> Spike:
    act.move(verb)
    act.set(**values)
    return act.finish(verb, note=note, codes=codes)


def _against_item(cause: str, improvement: Improvement | None) -> list[Reason]:
    if cause not in Spike.Cause.values:
        return [Reason("unknown_cause", _("Choose what it comes from."))]
    if cause == Spike.Cause.IMPROVEMENT and improvement is None:
        return [Reason("no_item", _("Choose the improvement item that takes care of it."))]
    return []
