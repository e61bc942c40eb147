"""Complaints that are joined into one: the group is flat, and each member remembers into which one it was joined itself."""

from complaints.models import Complaint, Event


def held_by(complaint: Complaint) -> list[int]:
    """Those that are joined into this one, by number."""
    return sorted(Complaint.objects.filter(merged_into=complaint.pk).values_list("pk", flat=True))


def came_with(complaint: Complaint, survivor: Complaint) -> list[int]:
    """Those of a survivor's group that came inside ``complaint``, however many joinings ago; by number."""
    joined_into = _own_merges([pk for pk in held_by(survivor) if pk != complaint.pk])
    found: set[int] = set()
    wanted = {complaint.pk}
    while wanted:
        wanted = {pk for pk, into in joined_into.items() if into in wanted} - found
        found |= wanted
    return sorted(found)


def _own_merges(members: list[int]) -> dict[int, int]:
    """For each member the one that somebody joined it into, whatever happened to that one later."""
    merges = Event.objects.filter(complaint__in=members, kind="complaint.merged", codes__role="child")
    newest = merges.order_by("complaint_id", "-seq").distinct("complaint_id")
    return {pk: codes["other"] for pk, codes in newest.values_list("complaint_id", "codes")} if members else {}
