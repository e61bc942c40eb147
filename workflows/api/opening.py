"""From the lines that a machine named to the pieces of the order."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from rest_framework import exceptions

from complaints.models import Complaint


def quantities_of(complaint: Complaint, wanted: Mapping[str, int]) -> dict[int, int]:
    """How many pieces of which line, by its id; a line that the order does not have is an error of the caller."""
    known = {line.external_id: line.pk for line in complaint.order.lines.all()} if complaint.order_id else {}
    unknown = sorted(set(wanted) - set(known))
    if complaint.order_id and unknown:
        raise exceptions.ValidationError({"lines": [_("The order has no line %(line)s.") % {"line": ", ".join(unknown)}]})
    return {known[line]: quantity for line, quantity in wanted.items() if line in known}
