"""The acts on an improvement item as forms: which service each calls, and who is offered it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms

from accounts.models import User
from analytics.acting import against_state
from analytics.lifecycle import IMPROVEMENT_VERBS
from analytics.models import Improvement

from . import verbs
from .access import owners_for
from .forms import AcceptForm, BeginForm, ConcludeForm, DropForm, FinishForm


@dataclass(frozen=True)
class Act:
    """One act: ``run(item, **what the form gives, **who asks)``."""

    verb: str
    form: type[forms.Form]
    run: Callable[..., Improvement]
    is_main: bool = True

    @property
    def label(self) -> str:
        return IMPROVEMENT_VERBS[self.verb].label

    def form_for(self, item: Improvement, *args: Any) -> forms.Form:
        options: dict[str, Any] = {"auto_id": f"id_{self.verb}_%s"}
        if self.form is AcceptForm:
            options["owners"] = owners_for()
        if self.form is BeginForm and not args:
            options["initial"] = {"cause": item.cause}
        return self.form(*args, **options)


ACTS = {
    act.verb: act
    for act in (
        Act("accept", AcceptForm, verbs.accept_improvement),
        Act("begin", BeginForm, verbs.begin_improvement),
        Act("finish", FinishForm, verbs.finish_improvement),
        Act("conclude", ConcludeForm, verbs.conclude_improvement),
        Act("drop", DropForm, verbs.drop_improvement, is_main=False),
    )
}


def acts_for(item: Improvement, user: User) -> list[Act]:
    """What somebody could do now as far as rights and state go."""
    rows = [(act, IMPROVEMENT_VERBS[act.verb]) for act in ACTS.values()]
    possible = [act for act, verb in rows if not (verbs.against(verb, item, user) or against_state(verb, item))]
    return [act for act in possible if act.verb != "conclude" or (item.measured and item.measured["verdict"])]
