"""Who may see which spikes. Leads see what their teams own, managers what their shops have.

The figures of a series without a shop are those of all shops, so a manager sees it who manages all of them.
"""

from django.db.models import Q, QuerySet
from django.http import Http404

from accounts import roles
from accounts.models import User
from analytics.models import Spike
from complaints.access import shops_of, teams_of
from orders.models import Merchant

VIEW = "analytics.view_spike"
LISTED = Q(folded_under=None)


def spikes_for(user: User) -> QuerySet[Spike]:
    if not (user.is_active and user.has_perm(VIEW)):
        return Spike.objects.none()
    return Spike.objects.filter(seen_by(user))


def spike_for(user: User, pk: int) -> Spike:
    """One visible spike, or 404."""
    found = spikes_for(user).select_related("team", "merchant", "improvement", "folded_under").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def seen_by(user: User) -> Q:
    """Rows with a team and a shop of their own that somebody sees as lead or manager."""
    led = [team_id for team_id, is_lead in teams_of(user).items() if is_lead]
    own = Q(team__in=led)
    if not user.has_perm("complaints.manage_shop"):
        return own
    shops = shops_of(user)
    manages_all = not Merchant.objects.filter(is_active=True).exclude(pk__in=shops).exists()
    return own | Q(merchant__in=shops) | (Q(merchant=None) if manages_all and shops else Q(pk__in=[]))


def leads_of(spike: Spike) -> QuerySet[User]:
    """Whom a spike concerns first: the leads of its team."""
    return User.objects.filter(is_active=True, memberships__team=spike.team_id, memberships__is_lead=True).distinct()


def managers_of(spike: Spike) -> QuerySet[User]:
    """To whom it goes when nobody looks: the managers of its shop, or of any."""
    managers = User.objects.filter(is_active=True, groups__name=roles.MANAGER)
    shop = {"merchant_memberships__merchant": spike.merchant_id} if spike.merchant_id else {"merchant_memberships__isnull": False}
    return managers.filter(**shop).distinct()
