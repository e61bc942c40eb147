"""What a reason needs to see, and whether what the customer sent can be that."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from complaints.models import Attachment
from workflows.models import Case, CasePolicy

PHOTO, VIDEO = "photo", "video"
# A film shows what a picture shows.
SHOWS = {Attachment.Kind.IMAGE: frozenset({PHOTO}), Attachment.Kind.VIDEO: frozenset({PHOTO, VIDEO})}


@dataclass(frozen=True)
class Evidence:
    """One file. ``is_reused``: the same bytes came with a complaint about another order."""

    kind: str
    is_readable: bool = True
    is_reused: bool = False


def evidence_needed(policy: CasePolicy, reason: str) -> frozenset[str]:
    row: Mapping[str, Any] = policy.reasons.get(reason) or {}
    return frozenset(row.get("evidence") or ())


def lacking(needed: Collection[str], kinds: Iterable[str]) -> frozenset[str]:
    """What is needed and shown by none of these files."""
    shown = frozenset().union(*(SHOWS.get(kind, frozenset()) for kind in kinds))
    return frozenset(needed) - shown


def evidence_lacks(case: Case) -> frozenset[str]:
    """What the reason of a case needs and its complaint does not have."""
    needed = evidence_needed(case.policy, case.reason)
    files = Attachment.objects.filter(complaint=case.complaint_id, is_internal=False)
    return lacking(needed, files.values_list("kind", flat=True)) if needed else frozenset()


def read_evidence(case: Case) -> tuple[Evidence, ...]:
    """The files of a case that its customer or an agent added, in one query. A picture without a preview could not be read."""
    elsewhere = Attachment.objects.filter(sha256=OuterRef("sha256"), complaint__order__isnull=False).exclude(complaint__order=case.order_id)
    files = Attachment.objects.filter(complaint=case.complaint_id, is_internal=False).order_by("pk")
    rows = files.annotate(is_reused=Exists(elsewhere))
    return tuple(
        Evidence(kind, kind == Attachment.Kind.VIDEO or bool(preview), is_reused)
        for kind, preview, is_reused in rows.values_list("kind", "preview_path", "is_reused")
    )
