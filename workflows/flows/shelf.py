"""The definitions of the house as its pages list them. They hold nothing of any customer, so whoever may read one may read all."""

from dataclasses import dataclass

from django.http import Http404
from django.utils import timezone

from workflows.flows.conditions import TYPES
from workflows.models import FlowDefinition, FlowVersion


@dataclass(frozen=True)
class Shelf:
    """One definition with its versions, the newest first."""

    definition: FlowDefinition
    versions: list[FlowVersion]

    @property
    def proposal(self) -> FlowVersion | None:
        return next((version for version in self.versions if version.published_at is None), None)

    @property
    def live(self) -> FlowVersion | None:
        at = timezone.now()
        return next((version for version in self.published if version.effective_from <= at), None)

    @property
    def coming(self) -> FlowVersion | None:
        """A version that was published and does not count yet."""
        newest = self.published[0] if self.published else None
        return newest if newest and newest != self.live else None

    @property
    def published(self) -> list[FlowVersion]:
        return [version for version in self.versions if version.published_at is not None]

    @property
    def newest(self) -> FlowVersion:
        """What somebody goes on working on."""
        return self.proposal or self.published[0]

    def version(self, number: int) -> FlowVersion:
        found = next((version for version in self.versions if version.number == number), None)
        if found is None:
            raise Http404
        return found


def shelves() -> list[Shelf]:
    """Every definition in the order of the types; two queries."""
    by_type = {definition.type: Shelf(definition, []) for definition in FlowDefinition.objects.all()}
    for version in _versions().defer("body"):
        by_type[version.definition.type].versions.append(version)
    return [by_type[case_type] for case_type in TYPES if case_type in by_type]


def shelf_of(case_type: str) -> Shelf:
    """One definition, or 404."""
    versions = list(_versions().filter(definition__type=case_type))
    if not versions:
        raise Http404
    return Shelf(versions[0].definition, versions)


def _versions():
    return FlowVersion.objects.select_related("definition", "proposed_by", "published_by").order_by("definition", "-number")
