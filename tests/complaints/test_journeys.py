"""Every state can be reached with the services, and its chain holds."""

import pytest

from complaints.lifecycle import Status
from foundation.events import find_break
from tests.factories import make_complaint

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", Status.values)
def test_every_state_is_reached_with_an_unbroken_chain(status):
    complaint = make_complaint(status)

    complaint.refresh_from_db()
    assert complaint.status == status
    assert find_break(complaint.events.order_by("seq"), head_seq=complaint.head_seq, head_hash=complaint.head_hash) is None
