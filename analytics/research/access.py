"""Who sees which exports for research: managers those of their own shops, and the files only whoever asked for them."""

from django.db.models import QuerySet
from django.http import Http404

from accounts.models import User
from analytics.models import ResearchExport
from complaints.access import shops_of
from orders.models import Merchant

EXPORT = "analytics.export_research"


def shops_for(user: User) -> list[Merchant]:
    """The shops whose data somebody may take."""
    return list(Merchant.objects.filter(pk__in=shops_of(user)).order_by("pk")) if user.has_perm(EXPORT) else []


def exports_for(user: User) -> QuerySet[ResearchExport]:
    """Exports of nothing but the own shops, whoever asked for them."""
    if not user.has_perm(EXPORT):
        return ResearchExport.objects.none()
    return ResearchExport.objects.filter(merchant_ids__contained_by=list(shops_of(user))).select_related("asked_by")


def export_for(user: User, pk: int) -> ResearchExport:
    return _found(exports_for(user).filter(pk=pk))


def own_export_for(user: User, pk: int) -> ResearchExport:
    """One whose files somebody may fetch: made, and asked for by the same person, whose reason stands in it."""
    return _found(exports_for(user).filter(pk=pk, asked_by=user, state=ResearchExport.State.DONE))


def _found(exports: QuerySet[ResearchExport]) -> ResearchExport:
    export = exports.first()
    if export is None:
        raise Http404
    return export
