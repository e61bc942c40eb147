"""One verb on one row of a case, from the lock to the news. Every service of this app is written with it.

Order of locks: the case, its tracks by id, balances, units, authority, and at the end the complaint, on whose chain the events go.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from complaints.services.act import RELATED as OF_COMPLAINT
from complaints.services.act import Act
from foundation.events import EventSpec
from foundation.verbs import is_replay, lock, require, require_version
from workflows.access import roles_of
from workflows.cases.asking import Asking
from workflows.cases.refusals import reasons_against
from workflows.machines.table import NOT_YET, Role
from workflows.models import Case, Task
from workflows.models.moves import Declared, acting
from workflows.services.clocks import follow_state
from workflows.services.coupling import follow_case
from workflows.services.flow import advance_case
from workflows.services.tasks import TaskBook

OF_CASE = ("complaint__category", "complaint__customer", "policy", "order", "warehouse")
SYSTEM = frozenset({Role.SYSTEM})


class CaseAct:
    """Collects what a verb changes in a case, then writes its tasks, clocks, events and notices.

    ``is_replay`` tells that this request was carried out before: return ``subject`` as it is.
    """

    def __init__(self, case: Case, subject: Declared, *, by: Any, as_customer: bool, is_replay: bool = False) -> None:
        self.case, self.subject, self.by, self.as_customer, self.is_replay = case, subject, by, as_customer, is_replay
        self.at: datetime = timezone.now()
        self.roles = roles_of(by, case, as_customer=as_customer)
        self.tasks = TaskBook(case, at=self.at, by=by)
        self.state_before = case.state
        self.verbs: list[str] = []
        self._specs: list[EventSpec] = []
        self._notices: list[dict[str, Any]] = []

    @property
    def has_moved(self) -> bool:
        """Whether the case itself was moved, be it into the state that it was in."""
        return bool(self.verbs)

    def asking(self, row: Declared, verb: str, *, as_system: bool = False, **args: Any) -> Asking:
        by, roles = (None, SYSTEM) if as_system else (self.by, self.roles)
        return Asking(row, row.machine.verb(verb), self.case, by, roles, args, self.at)

    def check(self, row: Declared, verb: str, *, as_system: bool = True, **args: Any) -> None:
        """Refuse with every reason unless the verb is possible now: by the system, which follows what a person did, or by them."""
        require(reasons_against(self.asking(row, verb, as_system=as_system, **args)))

    def lock(self, row: Declared, *related: str) -> Declared:
        """A further row of the case, fresh and locked."""
        return lock(row, *related)

    def move(
        self, row: Declared, verb: str, *, to: str | None = None, codes: dict | None = None, payload: dict | None = None, **fields: Any
    ) -> None:
        """Set fields, carry the transition out, save the row with its next version and note it as ``<machine>.<verb>``.

        ``to`` chooses between the targets of a verb that has several.
        """
        before, declared = row.state, row.machine.verb(verb)
        for name, value in fields.items():
            setattr(row, name, value)
        with acting():
            getattr(row, verb)(**({"to": to} if len(declared.targets) > 1 else {}))
        row.version += 1
        extra = self._note_move(row, verb)
        row.save(update_fields=["state", "version", *fields, *extra])
        self.note_verb(row, verb, before=before, codes=codes, payload=payload)

    def born(self, row: Declared, verb: str, *, codes: dict | None = None, payload: dict | None = None) -> None:
        """Note the verb that made a row."""
        self.note_verb(row, verb, before=NOT_YET, codes=codes, payload=payload)

    def note_verb(self, row: Declared, verb: str, *, before: str, codes: dict | None = None, payload: dict | None = None) -> None:
        own = {} if isinstance(row, Case) else {row.machine.name: row.pk}
        moved = {"case": self.case.pk, **own, "from": str(before), "to": str(row.state)}
        self.note(f"{row.machine.name}.{verb}", codes=moved | (codes or {}), payload=payload)

    def note(self, kind: str, *, codes: dict | None = None, payload: dict | None = None) -> None:
        """Add an event to the complaint's chain: ``codes`` stay for ever, ``payload`` is text that may be erased."""
        self._specs.append(EventSpec(kind, codes or {}, payload, by=self.by))

    def tell(self, node: str, **values: Any) -> None:
        """Add a notice to the customer; it names the case and holds nothing personal."""
        self._notices.append({"node": node, "values": {"case": self.case.number} | values})

    def open_task(self, kind: str, *, role: str, due: timedelta | None = None, **fields: Any) -> Task:
        """Add work for a role; ``due`` is working time."""
        return self.tasks.open(kind, role=role, due=due, **fields)

    def close_tasks(self, *kinds: str, outcome: str = Task.Outcome.DONE) -> None:
        self.tasks.close(*kinds, outcome=outcome)

    def set(self, **values: Any) -> None:
        """Set fields of the case that no verb moves."""
        for name, value in values.items():
            setattr(self.case, name, value)
        self.case.save(update_fields=list(values))

    def finish(self) -> Declared:
        """Write what follows and send the news after the commit; returns the row that the verb was about."""
        if self.has_moved:
            advance_case(self)
            self.tasks.follow(self.state_before)
        self.tasks.write(self)
        self._write_on_complaint()
        return self.subject

    def _note_move(self, row: Declared, verb: str) -> list[str]:
        if row is not self.case:
            return []
        self.verbs.append(verb)
        row.since = self.at
        return ["since"]

    def _write_on_complaint(self) -> None:
        """The complaint is locked last. Its version stays: what somebody writes on it meanwhile goes through."""
        complaint = lock(self.case.complaint, *OF_COMPLAINT)
        act = Act(complaint, by=self.by, as_customer=self.as_customer, at=self.at)
        first = complaint.head_seq + 1
        for spec in self._specs:
            act.note(spec.kind, codes=spec.codes, payload=spec.payload)
        if self.has_moved:
            follow_case(self, act)
        for notice in self._notices:
            act.tell(notice["node"], values=notice["values"])
        act.finish(raises_version=False)
        if self.has_moved:
            follow_state(self, because=first)


def take_up(
    subject: Declared,
    verb: str,
    *,
    by: Any,
    as_customer: bool = False,
    expected_version: int | None = None,
    request_id: str | None = None,
    related: tuple[str, ...] = (),
    **args: Any,
) -> CaseAct:
    """Lock the case, then the row, and run the checks that every verb has: replay, version, rights, state and guard.

    Raises ``VersionConflictError``, ``NotAllowedError`` or ``RefusedError`` with every reason.
    """
    act = lock_act(subject, verb, by=by, as_customer=as_customer, request_id=request_id, related=related)
    if not act.is_replay:
        require_version(act.subject, expected_version)
        act.check(act.subject, verb, as_system=False, **args)
    return act


def lock_act(
    subject: Declared, verb: str, *, by: Any, as_customer: bool = False, request_id: str | None = None, related: tuple[str, ...] = ()
) -> CaseAct:
    """Lock the case and the row and record the request; the caller checks the rest."""
    case = lock(case_of(subject), *OF_CASE)
    row = case if isinstance(subject, Case) else lock(subject, *related)
    return CaseAct(case, row, by=by, as_customer=as_customer, is_replay=is_replay(row, verb, request_id, by=by))


def case_of(subject: models.Model) -> Case:
    """The case that a row belongs to; a parcel that several share is worked on with one of them."""
    if isinstance(subject, Case):
        return subject
    if hasattr(subject, "case_id"):
        return subject.case
    if hasattr(subject, "claim_id"):
        return subject.claim.case
    return subject.cases.order_by("pk").first()
