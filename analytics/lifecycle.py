"""The lives of spikes and improvement items as tables: which verb leads from where to where, and which right it takes."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SpikeState(TextChoices):
    OPEN = "open", _("Not looked at")
    ACKNOWLEDGED = "acknowledged", _("Being looked into")
    EXPLAINED = "explained", pgettext_lazy("spike", "Explained")
    CLOSED = "closed", pgettext_lazy("spike", "Closed")


class ImprovementState(TextChoices):
    PROPOSED = "proposed", _("Proposed")
    ACCEPTED = "accepted", _("Accepted")
    IN_PROGRESS = "in_progress", _("Under way")
    DONE = "done", pgettext_lazy("improvement", "Done")
    MEASURING = "measuring", _("Being measured")
    EFFECTIVE = "effective", _("Effective")
    NO_CLEAR_EFFECT = "no_clear_effect", _("No clear effect")
    WORSE = "worse", _("Worse")
    DROPPED = "dropped", _("Dropped")


@dataclass(frozen=True)
class Verb:
    """One row of a table. ``permission`` empty: the system alone. ``by_owner``: whoever owns the item may do it as well."""

    name: str
    label: str
    sources: frozenset[str]
    target: str
    permission: str = ""
    by_owner: bool = False


def _table(*verbs: Verb) -> dict[str, Verb]:
    return {verb.name: verb for verb in verbs}


def _verb(name: str, label: str, sources: set[str], target: str, permission: str = "", *, by_owner: bool = False) -> Verb:
    return Verb(name, label, frozenset(sources), target, permission, by_owner)


_S, _I = SpikeState, ImprovementState
WORK_SPIKE, DECIDE = "analytics.work_spike", "analytics.decide_improvement"

SPIKE_VERBS = _table(
    _verb("acknowledge", _("I am looking into it"), {_S.OPEN}, _S.ACKNOWLEDGED, WORK_SPIKE),
    _verb("explain", _("Explain"), {_S.OPEN, _S.ACKNOWLEDGED}, _S.EXPLAINED, WORK_SPIKE),
    _verb("close", pgettext_lazy("spike", "Close"), {_S.EXPLAINED}, _S.CLOSED, WORK_SPIKE),
)
IMPROVEMENT_VERBS = _table(
    _verb("accept", _("Accept the proposal"), {_I.PROPOSED}, _I.ACCEPTED, DECIDE),
    _verb("begin", _("Begin the work"), {_I.ACCEPTED}, _I.IN_PROGRESS, DECIDE, by_owner=True),
    _verb("finish", _("It is done"), {_I.IN_PROGRESS}, _I.DONE, DECIDE, by_owner=True),
    _verb("measure", _("Begin to measure"), {_I.DONE}, _I.MEASURING),
    _verb("conclude", _("Close with the verdict"), {_I.MEASURING}, "", DECIDE),
    _verb("drop", _("Drop"), {_I.PROPOSED, _I.ACCEPTED, _I.IN_PROGRESS, _I.DONE, _I.MEASURING}, _I.DROPPED, DECIDE),
    _verb("relapse", _("It came back"), {_I.EFFECTIVE}, _I.IN_PROGRESS),
)
VERDICTS = frozenset({_I.EFFECTIVE, _I.NO_CLEAR_EFFECT, _I.WORSE})
ENDED = VERDICTS | {_I.DROPPED}
OPEN_ITEMS = frozenset(_I) - ENDED
# Somebody has taken these on, so they have an owner and a day.
TAKEN_ON = frozenset({_I.ACCEPTED, _I.IN_PROGRESS, _I.DONE, _I.MEASURING}) | VERDICTS
