"""The palette: complaints, views and people for what is typed. The acts of the page itself are listed by the script."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from complaints.desk import saved
from complaints.desk.choices import colleague_choices
from complaints.desk.doors import desk_view
from complaints.desk.queue import saved_query
from complaints.desk.queues import queues_for
from complaints.desk.scope import Scope
from complaints.desk.search import LONGEST_QUERY, find_complaints, is_enough
from ui.masking import mask_name, mask_text

MOST = 6
NEW = _("New complaint")
BOARDS = (("admin:desk-balance", _("Balance")), ("admin:desk-rounds", _("Replies in three minutes")))

KEYS = [
    ("j / k", _("Next or previous row")),
    ("Enter", _("Open")),
    ("x / Shift+x", _("Select, select the range")),
    ("c", _("Take the next one, or claim")),
    ("/", _("Search; in a reply: canned replies")),
    ("f", _("Filter")),
    ("r / n", _("Reply, internal note")),
    ("Alt+/", _("Canned replies anywhere in a text")),
    ("Ctrl+Enter", _("Send as last time")),
    ("Ctrl+Shift+Enter", _("Send and next")),
    ("Ctrl+z", _("Take the reply back")),
    ("a s p t", _("Assignee, status, priority, tags")),
    ("o / h", _("Order, other complaints")),
    ("b", _("Articles")),
    ("i / l / y", _("In an article: insert the steps, insert the link, it solved this")),
    ("[ / ]", _("Previous or next complaint")),
    ("g q", _("Back to the queue")),
    ("g c", _("Conversations")),
    ("Ctrl+.", _("Accept the conversation that is offered")),
    ("g w", _("Wallboard")),
    ("g s", _("Shifts")),
    ("Ctrl+k", _("Search or do")),
    ("?", _("Keyboard shortcuts")),
]


@desk_view()
def show_keys(request):
    """All keys on one page, to be printed."""
    return render(request, "complaints/desk/keys.html", {"keys": KEYS})


@desk_view()
def show_palette(request):
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    context = {
        "is_empty": not asked,
        "complaints": [_complaint(each) for each in find_complaints(request.user, asked)[:MOST]] if is_enough(asked) else [],
        "can_file": request.user.has_perm("complaints.file_on_behalf") and asked.lower() in str(NEW).lower(),
        "views": _views(request.user, asked.lower()),
        "boards": _boards(request.user, asked.lower()),
        "people": _people(request.user, asked.lower()) if asked else [],
    }
    return render(request, "complaints/desk/_palette.html", context)


def _complaint(complaint) -> dict:
    return {"number": complaint.number, "subject": mask_text(complaint.subject), "name": mask_name(complaint.contact_name)}


def _views(user, asked: str) -> list[tuple[str, str]]:
    base = reverse("admin:desk-queue")
    views = [(str(queue.title), f"{base}?view={queue.key}") for queue in queues_for(user)]
    views += [(view.name, f"{base}?{saved_query(view)}") for view in saved.views_of(user)]
    return [view for view in views if asked in view[0].lower()][:MOST]


def _boards(user, asked: str) -> list[tuple[str, str]]:
    """The boards of a lead, which the page's own keys do not reach."""
    boards = [(str(title), reverse(name)) for name, title in BOARDS] if user.has_perm("complaints.lead_complaint") else []
    return [board for board in boards if asked in board[0].lower()]


def _people(user, asked: str) -> list[tuple[str, str]]:
    base = reverse("admin:desk-queue")
    people = colleague_choices(Scope(user))
    return [(name, f"{base}?view=team&assignee={user_id}") for user_id, name in people if asked in name.lower()][:MOST]
