"""News about complaints for the floors above, sent after the commit. A signal only wakes; what must not be lost is in the feed.

Every signal carries ``complaint`` and ``by`` (None = system or customer).
"""

from django.dispatch import Signal

complaint_filed = Signal()
message_posted = Signal()  # also: message
complaint_assigned = Signal()
status_changed = Signal()  # also: verb
