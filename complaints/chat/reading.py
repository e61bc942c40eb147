"""How far each side of a conversation has read: up to the newest message that lay open before them, in a page that was in front.

A page says so itself and is believed no further than there are messages for it. Nobody's looking counts but that of the customer and of
the agent who talks with them.
"""

from django.db.models import Q, QuerySet
from django.db.models.functions import Greatest

from accounts.models import User
from complaints.access import thread_of
from complaints.live import publish
from complaints.models import ChatSession, Message

State = ChatSession.State


def note_customer_reading(session: ChatSession, *, got: int, read: int) -> bool:
    """The customer's page holds what we wrote up to ``got``, and shows it up to ``read``. One update, and only if that is news."""
    if not session.is_live or (got <= session.customer_got and read <= session.customer_read):
        return False
    ours = thread_of(session.complaint, is_staff=False).exclude(author_kind=Message.Author.CUSTOMER)
    newest = _newest(ours, up_to=max(got, read))
    got, read = min(max(got, read), newest), min(read, newest)
    behind = ChatSession.objects.filter(Q(customer_got__lt=got) | Q(customer_read__lt=read), pk=session.pk)
    if not behind.update(customer_got=Greatest("customer_got", got), customer_read=Greatest("customer_read", read)):
        return False
    if session.agent_id is not None:
        publish("user", session.agent_id, is_internal=True)
    return True


def note_agent_reading(session: ChatSession, *, by: User, read: int) -> bool:
    """What the customer wrote lay open before the agent up to ``read``; whoever else has it open has read nothing."""
    if read <= session.agent_read:
        return False
    theirs = thread_of(session.complaint, is_staff=False).filter(author_kind=Message.Author.CUSTOMER)
    read = _newest(theirs, up_to=read)
    mine = ChatSession.objects.filter(pk=session.pk, state=State.ACTIVE, agent=by, agent_read__lt=read)
    if not mine.update(agent_read=read):
        return False
    # The version is the one that open pages of colleagues show already: they need not look again.
    publish("complaint", session.complaint.number, session.complaint.head_seq)
    return True


def _newest(messages: QuerySet[Message], *, up_to: int) -> int:
    return messages.filter(pk__lte=up_to).order_by("-pk").values_list("pk", flat=True).first() or 0
