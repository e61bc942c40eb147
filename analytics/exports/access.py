"""Who may take a list out of the house, asked when it is wanted, made and fetched: whoever asked for it, as far as they see by then."""

from django.db.models import QuerySet
from django.http import Http404, QueryDict

from accounts.models import User
from analytics.access import sight_of
from analytics.desk.choice import choice_of
from analytics.desk.lists import part_named
from analytics.metrics.coding import filters_from_json
from analytics.metrics.registry import all_metrics
from analytics.models import ListExport

from .listing import Listing

EXPORT = "complaints.export_complaint"


def exports_for(user: User) -> QuerySet[ListExport]:
    """The own ones; nobody has those of others."""
    return ListExport.objects.filter(asked_by=user)


def export_for(user: User, key: object) -> ListExport:
    export = exports_for(user).filter(key=key).select_related("asked_by").first()
    if export is None:
        raise Http404
    return export


def listing_for(export: ListExport) -> Listing | None:
    """The list as its asker sees it now; nothing where they may not, or where its figure or what was chosen is not there any more."""
    sight, one = sight_of(export.asked_by), next((each for each in all_metrics() if each.id == export.metric), None)
    if sight is None or one is None or not sight.sees(one):
        return None
    choice = choice_of(QueryDict(export.query), sight)
    listing = Listing(one, part_named(one, export.part), choice)
    is_same = (listing.query, listing.part.flag) == (export.query, export.part)
    return listing if is_same and choice.is_told_by(one.family) else None


def sees_all_of(export: ListExport) -> bool:
    """Whether its asker still sees every row that is in the file."""
    listing = listing_for(export)
    made = filters_from_json(export.scope)
    return listing is not None and made & listing.choice.filters == made
