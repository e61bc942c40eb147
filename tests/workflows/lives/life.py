"""A case that lives at random: whoever there is tries whatever there is, time passes, carriers and providers answer."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from foundation.exceptions import ReasonedError
from tests.workflows.house import House, evidence_for, make_house, second, submitted
from tests.workflows.services.steps import lines_of
from workflows.cases.asking import Asking
from workflows.cases.clauses.binding import function_of
from workflows.cases.explain import explain_row
from workflows.cases.refusals import reasons_against
from workflows.machines.spine import SPINE
from workflows.models import Appeal, Approval, Case, CasePolicy, Outbound, Recovery, Refund, Repair
from workflows.services.act import SYSTEM

T = CasePolicy.Type
MONEY = {"receipt": "required", "release": "inspected", "release_trusted": "inspected"}
GOODS = {"release": "none", "release_trusted": "none"}
KINDS = {
    T.RETURN_QUALITY: MONEY,
    T.RETURN_NO_REASON: MONEY | {"freight": "customer"},
    T.REFUND_ONLY: {"receipt": "none", "release": "approved", "release_trusted": "approved"},
    T.EXCHANGE_QUALITY: GOODS | {"ships": "inspected", "ships_trusted": "inspected"},
    T.RESHIP: GOODS | {"receipt": "none", "ships": "approved", "ships_trusted": "approved"},
    T.REPAIR: GOODS | {"ships": "repaired", "ships_trusted": "repaired"},
}
CUSTOMER = "customer"
BY_PAYMENT = {"payment_frozen", "balance_short"}


@dataclass(frozen=True)
class Doing:
    """One thing that one kind of person tries with one kind of row. ``verb`` is what explains it; "" where a service asks more than one."""

    kind: str
    verb: str
    who: tuple[str, ...]
    act: Callable[["Life", Any, dict[str, Any]], Any]
    ends: bool = False
    hinders: bool = False

    def __str__(self) -> str:
        return f"{self.kind}.{self.verb or self.act.__name__}"


DOINGS: list[Doing] = []
WORLD: list[Callable[..., None]] = []


def doing(kind: str, verb: str, *who: str, ends: bool = False, hinders: bool = False) -> Callable:
    """``ends``: would end most lives before they began. ``hinders``: gives up or asks again, and brings no case to its end."""

    def keep(act: Callable) -> Callable:
        DOINGS.append(Doing(kind, verb, who, act, ends, hinders or ends))
        return act

    return keep


def happens(*, often: int) -> Callable:
    """Something that the world does; called with ``friendly`` it goes well."""

    def keep(event: Callable) -> Callable:
        WORLD.extend([event] * often)
        return event

    return keep


class Life:
    """One case with the people around it. ``wrong`` collects where explaining and doing differ."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # noqa: S311 - to be repeated, no secret
        self.type = self.chance.choice(list(KINDS))
        self.house: House = make_house(self.type, unit_fen=self.chance.choice([990, 9900, 60_000]), **KINDS[self.type])
        case = submitted(self.house, pieces=self.chance.choice([1, 2]))
        self.number, self.at, self.done, self.wrong = case.pk, 0, [], []
        self.evidence = evidence_for(self.house)
        self.others = {"second_finance": second(self.house, "finance")}

    @property
    def case(self) -> Case:
        return Case.objects.select_related("policy", "order", "complaint", "warehouse").get(pk=self.number)

    def rows(self, kind: str) -> list[Any]:
        """The rows of a kind that the case has now."""
        case = self.case
        if kind == "case":
            return [case]
        found = {
            "parcel": lambda: case.parcels.all(),
            "inspection": lambda: lines_of(case),
            "refund": lambda: Refund.objects.filter(case=case),
            "outbound": lambda: Outbound.objects.filter(case=case),
            "repair": lambda: Repair.objects.filter(claim__case=case),
            "approval": lambda: Approval.objects.filter(case=case, resolution__isnull=False),
            "recovery": lambda: Recovery.objects.filter(case=case),
            "appeal": lambda: Appeal.objects.filter(case=case),
        }
        return list(found[kind]())

    def actor(self, who: str) -> dict[str, Any]:
        """As what a service takes somebody."""
        return {"as_customer": True} if who == CUSTOMER else {"by": self.others.get(who) or getattr(self.house, who)}

    def attempt(self, doing: Doing, who: str) -> bool:
        """Try it on one of its rows; True when it was done. Whether it is possible was asked before."""
        rows = self.rows(doing.kind)
        if not rows:
            return False
        row, actor = self.chance.choice(rows), self.actor(who)
        expected = self._explained(doing, row, actor)
        version = row.version
        try:
            doing.act(self, row, actor)
        except ReasonedError as refusal:
            self._note_refusal(doing, who, row, version, refusal, expected)
            return False
        if expected is not None and not expected.is_allowed:
            self.wrong.append((str(doing), who, str(row.state), "done all the same", [each.code for each in expected.reasons]))
        self.done.append((str(doing), who))
        return True

    def _explained(self, doing: Doing, row: Any, actor: dict[str, Any]) -> Any:
        if not doing.verb:
            return None
        told = explain_row(row, self.case, actor.get("by"), as_customer="as_customer" in actor)
        return next((each for each in told if each.verb.name == doing.verb), None)

    def _note_refusal(self, doing: Doing, who: str, row: Any, version: int, refusal: ReasonedError, expected: Any) -> None:
        where = (str(doing), who, str(row.state))
        if not refusal.reasons or not all(str(reason.text) for reason in refusal.reasons):
            self.wrong.append((*where, "refused without a word"))
        codes = {reason.code for reason in refusal.reasons}
        if expected is not None and expected.is_allowed and not codes <= of_arguments(row, doing.verb):
            self.wrong.append((*where, "refused all the same", codes))
        if type(row).objects.get(pk=row.pk).version != version:
            self.wrong.append((*where, "refused, and changed"))

    def standing(self) -> str:
        """Where everything of the case is, for whoever has to find out why it is stuck."""
        kinds = ("case", "parcel", "inspection", "refund", "outbound", "repair", "approval", "recovery", "appeal")
        places = " ".join(f"{kind}={[str(row.state) for row in self.rows(kind)]}" for kind in kinds)
        claims = list(self.case.units.values_list("verdict", "is_approved", "received_at"))
        tasks = list(self.case.tasks.filter(done_at=None).values_list("kind", "role"))
        against = [reason.code for reason in reasons_against(Asking(self.case, SPINE.verb("settle_done"), self.case, None, SYSTEM))]
        return f"{self.type}: {places} claims={claims} tasks={tasks} against the end={against}"

    def step(self) -> None:
        """Somebody tries something, or the world goes on."""
        if self.chance.random() < 0.35:
            self.chance.choice(WORLD)(self)
            return
        for _try in range(5):
            one = self.chance.choice(DOINGS)
            is_wanted = not one.ends or self.chance.random() < 0.05
            if is_wanted and self.attempt(one, self.chance.choice(one.who)):
                return

    def finish(self, rounds: int = 12) -> bool:
        """Everybody does what they can, until the case has ended. False: it is stuck."""
        for _round in range(rounds):
            if self.case.state in ("completed", "rejected", "cancelled", "closed"):
                return True
            for one in (each for each in DOINGS if not each.hinders):
                for who in one.who:
                    self.attempt(one, who)
            for event in WORLD:
                event(self, friendly=True)
        return False


def of_arguments(row: Any, verb: str) -> set[str]:
    """What can only be known with the arguments: a rehearsal leaves it out. From which payment money comes is one of these."""
    return BY_PAYMENT | {clause.code for clause in row.machine.verb(verb).guards if function_of(row.machine, clause).needs}
