"""The words in which the machines of a case are declared: states, verbs, the clauses of a guard, and who may do what.

A machine is a value. Models, services, pages, the API and the tests read it; nothing in it reads a model.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from foundation.exceptions import Forbidden, Reason


class Role(TextChoices):
    """Who acts. The system is every machine: worker, sweep and timer."""

    CUSTOMER = "customer", _("customer")
    AGENT = "agent", _("agent")
    LEAD = "lead", _("lead")
    MANAGER = "manager", _("manager")
    WAREHOUSE = "warehouse", _("warehouse")
    FINANCE = "finance", _("finance")
    ADMIN = "admin", _("administrator")
    INTEGRATION = "integration", _("integration")
    SYSTEM = "system", _("system")


# A role acts as the roles it includes.
INCLUDES = {Role.LEAD: {Role.AGENT}, Role.MANAGER: {Role.LEAD, Role.AGENT}}

# What stands in the place of a state for the verbs that make the row.
NOT_YET = "-"


class Phase(TextChoices):
    """The part of a flow definition that a state of the case belongs to."""

    INTAKE = "intake", pgettext_lazy("phase", "intake")
    REVIEW = "review", pgettext_lazy("phase", "review")
    RETURN = "return", pgettext_lazy("phase", "return")
    EXCEPTION = "exception", pgettext_lazy("phase", "exception")
    SETTLE = "settle", pgettext_lazy("phase", "settle")
    AFTER = "after", pgettext_lazy("phase", "after the end")


@dataclass(frozen=True)
class ServiceClock:
    """How long a state may last by default: working time for staff, natural time elsewhere. ``after`` None: each track has its own."""

    after: timedelta | None
    vip: timedelta | None = None
    reminders: tuple[timedelta, ...] = ()
    is_working_time: bool = False
    pauses_review: bool = False


@dataclass(frozen=True)
class State:
    """One row of the table of states. ``wording`` is what the customer reads, ``expiry`` what happens when the clock is over."""

    name: str
    wording: str = ""
    phase: str = ""
    owners: tuple[Role, ...] = ()
    clock: ServiceClock | None = None
    expiry: str = ""
    expiry_verb: str = ""

    @property
    def label(self) -> str:
        return self.name.label


@dataclass(frozen=True)
class Clause:
    """One reason that a guard can give, and who or what cures it. ``forbids``: it lies in who asks, not in the case."""

    code: str
    text: str
    cure: str
    forbids: bool = False

    def reason(self) -> Reason:
        return (Forbidden if self.forbids else Reason)(self.code, self.text, self.cure)


@dataclass(frozen=True)
class Verb:
    """One row of the table of verbs. No ``sources``: it makes the row; no ``targets``: the state stays as it is.

    ``never`` are moves that sources and targets would allow and that do not exist; ``only_from`` narrows a role to some sources.
    ``scope`` is what the token of an integration needs. ``sets_goods_moving``: after this verb a parcel has left the customer.
    """

    id: str
    name: str
    label: str
    help: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    roles: tuple[TextChoices, ...]
    guards: tuple[Clause, ...] = ()
    effects: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    adverse: bool = False
    money: bool = False
    gateable: bool = False
    sets_goods_moving: bool = False
    scope: str = ""
    never: tuple[tuple[str, str], ...] = ()
    only_from: tuple[tuple[Role, tuple[str, ...]], ...] = ()

    @property
    def moves(self) -> Iterator[tuple[str, str]]:
        """Every (from, to) of this verb; one that stays leads from each source to itself."""
        for source in self.sources:
            for target in self.targets or (source,):
                if (source, target) not in self.never:
                    yield source, target

    @property
    def custom(self) -> dict[str, object]:
        """What the ``@transition`` of a model carries, for readers that start from the model."""
        names = ("id", "label", "help", "roles", "args", "adverse", "money", "gateable", "effects", "after")
        return {name: getattr(self, name) for name in names}

    def sources_for(self, role: str) -> tuple[str, ...]:
        return dict(self.only_from).get(role, self.sources)


@dataclass(frozen=True)
class Machine:
    """States and verbs of one thing with a life. ``satisfied`` are the ends that the join of a case accepts as done (C24)."""

    name: str
    label: str
    help: str
    states: tuple[State, ...]
    verbs: tuple[Verb, ...]
    start: str
    terminals: tuple[str, ...]
    satisfied: tuple[str, ...] = ()
    also_born: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    roles: tuple[TextChoices, ...] = tuple(Role)
    includes: Mapping[str, Collection[str]] = field(default_factory=lambda: INCLUDES)
    has_clocks: bool = False
    is_shown_to_customers: bool = True
    declared_in: str = ""

    @cached_property
    def moves(self) -> dict[tuple[str, str], tuple[Verb, ...]]:
        """Who leads from where to where, in the order of the table."""
        found: dict[tuple[str, str], tuple[Verb, ...]] = {}
        for verb in self.verbs:
            for move in verb.moves:
                found[move] = (*found.get(move, ()), verb)
        return found

    def state(self, name: str) -> State:
        return next(state for state in self.states if state.name == name)

    def verb(self, key: str) -> Verb:
        return next(verb for verb in self.verbs if key in (verb.id, verb.name))

    def allowed(self, state: str, role: str) -> tuple[Verb, ...]:
        """The verbs that the table gives to this role in this state; the guards have their say later."""
        return tuple(verb for verb in self.verbs if self.may_use(verb, state, role))

    def may_use(self, verb: Verb, state: str, role: str) -> bool:
        """Whether the role itself, or a role that it includes, has the verb in this state."""
        acting = {role, *self.includes.get(role, ())}
        return any(each in verb.roles and state in (verb.sources_for(each) or (NOT_YET,)) for each in acting)
