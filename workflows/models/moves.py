"""Transitions made from the declared tables: a model names its machine, the table says from where to where and who."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from django.db import models
from django_fsm import GET_STATE, transition

from workflows.machines.table import Machine, Verb

_is_acting: ContextVar[bool] = ContextVar("workflows_is_acting", default=False)


class OutsideActError(RuntimeError):
    """A transition was called by something other than a service: without its lock, its guards and its event."""


class Declared(models.Model):
    """A row with a life. Each verb of ``machine`` that has a source is a ``@transition`` method of its name.

    A verb with several targets takes the one that its service worked out: ``case.approve(to=CaseState.SETTLING)``.
    """

    machine: ClassVar[Machine]
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        # django-fsm-2 looks for transitions when the class is prepared, which comes after this.
        for verb in cls.machine.verbs:
            if verb.sources:
                setattr(cls, verb.name, _make_transition(cls.machine, verb))


@contextmanager
def acting() -> Iterator[None]:
    """Transitions may be called within; only ``workflows.services.act`` opens it."""
    token = _is_acting.set(True)
    try:
        yield
    finally:
        _is_acting.reset(token)


def _make_transition(machine: Machine, verb: Verb) -> Callable[..., None]:
    def method(_subject: Any, **_chosen: str) -> None:
        if not _is_acting.get():
            raise OutsideActError(f"{machine.name}.{verb.name} is called by its service only")

    method.__name__ = verb.name
    chosen = GET_STATE(lambda _subject, *, to: to, states=list(verb.targets))
    target = chosen if len(verb.targets) > 1 else next(iter(verb.targets), None)
    return transition(field="state", source=list(verb.sources), target=target, custom={"verb": verb})(method)
