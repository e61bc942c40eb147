"""Agents at work, as their pages report it, and time that passes until it is settled."""

from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from complaints.effort.settling import settle_effort
from complaints.models import Complaint, EffortMark, WorkStretch
from complaints.services.act import lock_act
from tests.complaints.builders import later

PAGE = UUID(int=1)
SECOND = timedelta(seconds=1)
SETTLED = {"minutes": 40}


def line(complaint: Complaint | None, began: float, ended: float, *, touched: float | None = None, number: int = 1, is_call=False) -> str:
    """What a page says of a stretch: began and ended so many seconds ago."""
    moments = [int(1000 * each) for each in (began, ended, ended if touched is None else touched)]
    return ",".join(map(str, [number, *moments, int(is_call), complaint.number if complaint else ""]))


def make_stretch(agent: User, complaint: Complaint | None, *, ago: float, seconds: float, **fields) -> WorkStretch:
    """A stretch that was taken in: it began ``ago`` minutes before now."""
    start = fields.pop("start", timezone.now()) - timedelta(minutes=ago)
    end = start + seconds * SECOND
    EffortMark.objects.get_or_create(agent=agent, defaults={"settled_to": start - timedelta(hours=1)})
    fields = {"input_at": end, "page": uuid4(), "number": 1, **fields}
    return WorkStretch.objects.create(agent=agent, complaint=complaint, started_at=start, ended_at=end, received_at=end, **fields)


@transaction.atomic
def note_event(complaint: Complaint, kind: str, codes: dict) -> None:
    """An event as no service writes it."""
    act = lock_act(complaint, "test", by=None)
    act.note(kind, codes=codes)
    act.finish(raises_version=False)


def settle() -> int:
    """Settle everything, as the sweep does once it is complete."""
    with later(**SETTLED):
        return settle_effort()


def recorded(complaint: Complaint) -> list[dict]:
    """The codes of what was settled on a complaint, in order."""
    return list(complaint.events.filter(kind="effort.recorded").order_by("seq").values_list("codes", flat=True))
