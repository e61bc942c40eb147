"""What decides about an agent's seconds in a window: reported stretches, conversations, calls, and how customers came."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from django.db.models import Q
from django.db.models.functions import Coalesce

from complaints.effort.shares import WRAP_UP_MS, Contacted, Stretch, Talk, Work
from complaints.effort.windows import in_ms
from complaints.models import ChatSession, Complaint, Contact, Event, WorkStretch

WRAP_UP = timedelta(milliseconds=WRAP_UP_MS)
LONGEST_TALK = timedelta(days=1)
JOINED = "chat.joined"
PARTED = frozenset({"chat.left", "chat.ended", "chat.converted"})
LOGGED = "call.logged"


def read_work(agent_id: int, start: datetime, end: datetime) -> Work:
    """Everything about an agent from ``start`` to ``end``, and of the minutes before what may still be wrapped up."""
    since = start - WRAP_UP
    stretches = _stretches(agent_id, since, end)
    complaints = {each.complaint for each in stretches} - {None} | _talked_about(agent_id, since, end)
    events = Event.objects.filter(complaint__in=complaints, kind__in=[JOINED, LOGGED, *PARTED])
    rows = list(events.order_by("complaint", "seq").values_list("complaint_id", "kind", "at", "actor_id", "codes"))
    return Work(
        stretches=stretches,
        talks=list(_talks(rows, agent_id)),
        calls=[Contacted(pk, codes["contact"], in_ms(at)) for pk, kind, at, by, codes in rows if kind == LOGGED and by == agent_id],
        contacts=_contacts(complaints),
    )


def _stretches(agent_id: int, since: datetime, end: datetime) -> list[Stretch]:
    rows = WorkStretch.objects.filter(agent=agent_id, ended_at__gt=since, started_at__lt=end).order_by("started_at", "pk")
    fields = rows.values_list("complaint_id", "started_at", "ended_at", "input_at", "is_call")
    return [Stretch(pk, in_ms(started), in_ms(ended), in_ms(touched), is_call) for pk, started, ended, touched, is_call in fields]


def _talked_about(agent_id: int, since: datetime, end: datetime) -> set[int]:
    """Complaints of the agent's conversations at that time, also of those that no page was open for."""
    taken = ChatSession.objects.filter(agent=agent_id, accepted_at__gt=since - LONGEST_TALK, accepted_at__lt=end)
    return set(taken.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=since)).values_list("complaint_id", flat=True))


def _talks(rows: list[tuple], agent_id: int) -> Iterator[Talk]:
    """From when to when this agent was in each conversation, as the events of its complaint tell; who had it before is somebody else."""
    own = [row for row in rows if row[1] != LOGGED and row[4].get("agent") == agent_id]
    contacts = dict(ChatSession.objects.filter(pk__in={row[4]["session"] for row in own}).values_list("pk", "contact_id"))
    open_talks: dict[int, Talk] = {}
    for complaint_id, kind, at, _by, codes in own:
        session = codes["session"]
        if kind == JOINED:
            open_talks.setdefault(session, Talk(complaint_id, contacts[session], in_ms(at), None))
        elif session in open_talks:
            yield open_talks.pop(session)._replace(end=in_ms(at))
    yield from open_talks.values()


def _contacts(complaints: Collection[int]) -> list[Contacted]:
    """How customers came to these complaints and to those joined into them. The first contact counts also where we filed for them."""
    rows = Contact.objects.filter(Q(complaint__in=complaints) | Q(complaint__merged_into__in=complaints))
    rows = rows.annotate(group=Coalesce("complaint__merged_into", "complaint")).order_by("at", "pk")
    found: dict[int, list[Contacted]] = {}
    for group, pk, at, origin in rows.values_list("group", "pk", "at", "origin"):
        if origin != Complaint.Origin.AGENT or group not in found:
            found.setdefault(group, []).append(Contacted(group, pk, in_ms(at)))
    return [contact for group in found.values() for contact in group]
