"""The rules of all shops as their pages list them. They hold nothing of any customer, so whoever may read one may read all."""

from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from workflows.models import CasePolicy


@dataclass(frozen=True)
class PolicyShelf:
    """The rules of one type with their versions, the newest first."""

    type: str
    versions: list[CasePolicy]

    @property
    def label(self) -> str:
        return str(CasePolicy.Type(self.type).label)

    @property
    def published(self) -> list[CasePolicy]:
        return [version for version in self.versions if version.published_at is not None]

    @property
    def live(self) -> CasePolicy | None:
        at = timezone.now()
        return next((version for version in self.published if version.effective_from <= at), None)

    @property
    def coming(self) -> CasePolicy | None:
        """A version that was published and does not hold yet."""
        newest = self.published[0] if self.published else None
        return newest if newest and newest != self.live else None

    @property
    def proposal(self) -> CasePolicy | None:
        """What waits for a second person; older proposals gave way to it."""
        newest = self.newest
        return newest if newest is not None and newest.published_at is None else None

    @property
    def newest(self) -> CasePolicy | None:
        return self.versions[0] if self.versions else None

    @property
    def is_unsigned(self) -> bool:
        """What came with the house and nobody answers for: it grants nothing by itself."""
        return self.live is not None and self.live.published_by_id is None

    @property
    def to_sign(self) -> CasePolicy | None:
        """What can be signed as it is; with a version above it, that one is published instead."""
        return self.live if self.is_unsigned and self.newest == self.live else None

    def version(self, number: int) -> CasePolicy:
        found = next((version for version in self.versions if version.version == number), None)
        if found is None:
            raise Http404
        return found


def shelves() -> list[PolicyShelf]:
    """Every type in the order of the table; one query."""
    by_type = {type: PolicyShelf(type, []) for type in CasePolicy.Type.values}
    for version in _versions():
        by_type[version.type].versions.append(version)
    return [shelf for shelf in by_type.values() if shelf.versions]


def shelf_of(case_type: str) -> PolicyShelf:
    """One type, or 404."""
    versions = list(_versions().filter(type=case_type))
    if not versions:
        raise Http404
    return PolicyShelf(case_type, versions)


def unsigned_types() -> int:
    """How many types go by rules that nobody has signed. One query."""
    published = CasePolicy.objects.filter(merchant__isnull=True, published_at__isnull=False, effective_from__lte=timezone.now())
    live = published.order_by("type", "-version").distinct("type").values_list("published_by", flat=True)
    return sum(signer is None for signer in live)


def _versions():
    return CasePolicy.objects.filter(merchant__isnull=True).select_related("proposed_by", "published_by").order_by("type", "-version")
