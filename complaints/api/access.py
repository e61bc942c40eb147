"""Every lookup of the API: the rows of the token's own shop, and the uploads of its own account."""

from django.db.models import Q, QuerySet

from accounts.models import User
from complaints.access import of_merchant
from complaints.models import Attachment, Complaint
from complaints.services.filing import submission_digest
from foundation.files import FILE_ID
from orders.access import orders_of
from orders.models import ApiToken, Merchant, Order

SHOWN_WITH = ("category", "team", "assignee", "order", "customer", "merged_into")


def complaints_of(token: ApiToken) -> QuerySet[Complaint]:
    """Complaints of the shop with everything that an answer shows; two queries for any number of them."""
    return of_merchant(token.merchant).select_related(*SHOWN_WITH).prefetch_related("tags")


def order_of(merchant: Merchant, text: str) -> Order | None:
    """The shop's order with this external id or number; none when two share the number."""
    hits = orders_of(merchant).filter(Q(external_id=text) | Q(number=text)).select_related("customer", "merchant")
    found = list(hits.prefetch_related("lines")[:2])
    return found[0] if len(found) == 1 else None


def filed_before(actor: User, key: str) -> Complaint | None:
    """The complaint that an earlier request with this key filed."""
    return Complaint.objects.filter(submission_digest=submission_digest(key, actor)).first()


def unsent_uploads(actor: User) -> QuerySet[Attachment]:
    """Files that this account uploaded and that no complaint has taken yet."""
    return Attachment.objects.filter(uploaded_by=actor, complaint__isnull=True, draft__isnull=True)


def file_of(token: ApiToken, key: str, *, sees_internal: bool) -> Attachment | None:
    """A file of one of the shop's complaints, or an own unsent one."""
    file = Attachment.objects.filter(key=key).select_related("complaint").first() if FILE_ID.fullmatch(key) else None
    if file is None or (file.is_internal and not sees_internal):
        return None
    if file.complaint is None:
        return file if file.uploaded_by_id == token.actor_id else None
    return file if file.complaint.merchant_id == token.merchant_id else None
