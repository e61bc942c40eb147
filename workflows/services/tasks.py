"""What people have to do about a case: opened with its states and by its procedure, done by the verbs."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from accounts.calendars import NoCalendarError, current_version, hours_of
from accounts.working_time import Hours
from complaints.live import publish
from workflows.machines.spine import SPINE
from workflows.machines.table import Role
from workflows.models import Case, Task

if TYPE_CHECKING:
    from workflows.services.act import CaseAct

CALENDAR = "service"
STAFF = tuple(Task.Role.values)


class TaskBook:
    """The open tasks of a case while a verb is carried out: read when first needed, written at the end."""

    def __init__(self, case: Case, *, at: datetime, by: Any) -> None:
        self.case, self.at, self.by = case, at, by
        self._fresh: list[Task] = []
        self._closing: dict[int, Task] = {}
        self._open: list[Task] | None = None

    @property
    def open_rows(self) -> list[Task]:
        """What is open now, this verb's changes included."""
        if self._open is None:
            self._open = list(Task.objects.filter(case=self.case, done_at__isnull=True).order_by("pk"))
        return [task for task in (*self._open, *self._fresh) if task.done_at is None]

    def open(self, kind: str, *, role: str, due: timedelta | None = None, **fields: Any) -> Task:
        """Add a task unless one of its kind and key is open. ``due``: working time from now."""
        key = fields.get("key", "")
        known = next((task for task in self.open_rows if (task.kind, task.key) == (kind, key)), None)
        if known is not None:
            return known
        if role == Role.WAREHOUSE:
            fields.setdefault("warehouse_id", self.case.warehouse_id)
        due_at = working_hours().add(self.at, int(due.total_seconds())) if due else None
        task = Task(case=self.case, kind=kind, role=role, opened_at=self.at, due_at=due_at, **fields)
        self._fresh.append(task)
        return task

    def close(self, *kinds: str, outcome: str = Task.Outcome.DONE, keys: tuple[str, ...] | None = None, reason: str = "") -> None:
        """End the open tasks of these kinds, or with these keys."""
        for task in self.open_rows:
            if task.kind in kinds or (keys is not None and task.key in keys):
                self._end(task, outcome, reason)

    def follow(self, state_before: str) -> None:
        """The case has moved: what only its old state needed is over, and a state that staff own has somebody's name on it."""
        state = self.case.state
        if state != state_before:
            self.close(str(state_before))
        owners = [role for role in SPINE.state(state).owners if role in STAFF]
        if owners and not any(task.role in owners for task in self.open_rows):
            clock = SPINE.state(state).clock
            self.open(str(state), role=owners[0], due=clock.after if clock else None, owner_id=self._owner_of(owners[0]))

    def write(self, act: "CaseAct") -> None:
        """Save what was opened and ended, tell it on the chain, and wake the pages of whoever has to do it."""
        for task in self._fresh:
            act.note("task.opened", codes={"case": self.case.pk, "kind": task.kind, "role": task.role, "key": task.key})
        for task in self._closing.values():
            act.note("task.ended", codes={"case": self.case.pk, "kind": task.kind, "role": task.role, "outcome": task.outcome})
        Task.objects.bulk_create(self._fresh)
        Task.objects.bulk_update(self._closing.values(), ["done_at", "done_by", "outcome", "reason"])
        for role in sorted({task.role for task in (*self._fresh, *self._closing.values())}):
            publish("cases", f"{role}{self.case.warehouse_id or 0}" if role == Role.WAREHOUSE else role)

    def _owner_of(self, role: str) -> int | None:
        return self.case.assignee_id or self.case.complaint.assignee_id if role == Role.AGENT else None

    def _end(self, task: Task, outcome: str, reason: str) -> None:
        task.done_at, task.done_by, task.outcome, task.reason = self.at, self.by, outcome, reason
        if task in self._fresh:
            self._fresh.remove(task)
        else:
            self._closing[task.pk] = task


def working_hours() -> Hours:
    """The hours in which staff works on cases; every day and night while no calendar is set up."""
    try:
        return hours_of(current_version(CALENDAR).pk)
    except NoCalendarError:
        return hours_of(None)
