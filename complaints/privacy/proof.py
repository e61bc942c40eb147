"""Proof that somebody reads the mailbox that a complaint names: they opened a link that was mailed to it."""

from collections.abc import Collection

from django.db import transaction

from complaints.access import live_links
from complaints.models import Complaint, SecretLink
from complaints.services.act import lock_act


def prove_contact(link: SecretLink) -> bool:
    """Note, at the first opening of a mailed link, that the contact is proven. Costs nothing later, and nothing for other links."""
    complaint = link.complaint
    if complaint.is_proven or not _is_of(link, complaint):
        return False
    return _prove(link)


@transaction.atomic
def _prove(link: SecretLink) -> bool:
    act = lock_act(link.complaint, "prove_contact", by=None, as_customer=True)
    # The address may have been corrected since the mail was sent.
    if act.complaint.is_proven or not _is_of(link, act.complaint):
        return False
    act.set(is_proven=True)
    act.note("contact.proven", codes={"by": "mail"})
    act.finish(raises_version=False)
    return True


def has_fresh_proof(complaint: Complaint, link_ids: Collection[int]) -> bool:
    """Whether this browser opened, within the last half hour, a link for personal data mailed to the present address. One query."""
    if not (link_ids and complaint.contact_email_index):
        return False
    fresh = live_links().filter(pk__in=link_ids, complaint=complaint, purpose=SecretLink.Purpose.PRIVACY)
    return fresh.filter(contact_index=complaint.contact_email_index).exists()


def _is_of(link: SecretLink, complaint: Complaint) -> bool:
    return bool(link.contact_index) and link.contact_index == complaint.contact_email_index
