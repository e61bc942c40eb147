"""The workspace: one complaint with its thread, its acts and the composer."""

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from complaints import access, registry
from complaints.desk import directory, drafts, presence, pulses
from complaints.desk.acts import acts_for
from complaints.desk.choices import category_choices
from complaints.desk.clocks import draw_clock
from complaints.desk.customer import SECTIONS
from complaints.desk.decisions import explain_decision, explain_waiting
from complaints.desk.doors import desk_view, new_request_id, number_in
from complaints.desk.effort import beacon_address
from complaints.desk.forms import LIABILITIES
from complaints.desk.hints import empathy_for, risk_of
from complaints.desk.places import address_of, place_of
from complaints.desk.queues import neighbour_of
from complaints.desk.scope import Scope
from complaints.desk.snapshot import snapshot
from complaints.desk.thread import build_thread
from complaints.intake.questions import answer_words
from complaints.models import Complaint, Message, Tag
from foundation.events import find_break
from foundation.prepared import Prepared, Value
from ui.localize import localized
from ui.masking import mask_name, mask_text

# The rest is read where it is needed: most complaints have no answers to show and are joined into nothing.
RELATED = ("category", "form")
SENDS = {
    "": _("Send"),
    "ask_customer": _("Send and wait for the customer"),
    "resolve": _("Send and resolve"),
    "next": _("Send and next"),
}


@desk_view()
def show_complaint(request, number):
    complaint = access.complaint_for(request.user, number, *RELATED)
    context = workspace_context(request, complaint)
    presence.note_presence(complaint, request.user.pk)
    return render_workspace(request, context)


def render_workspace(request: HttpRequest, context: dict, *, status: int = 200) -> HttpResponse:
    """The page, or for htmx its main part; the customer's panel comes along only when another complaint was open before."""
    if not request.htmx:
        return render(request, "complaints/desk/complaint.html", context, status=status)
    context["brings_context"] = context["complaint"].number not in (request.htmx.current_url_abs_path or "")
    response = render(request, "complaints/desk/_complaint.html", context, status=status)
    # A form in a dialog ends here too: the workspace belongs into the page, not into the dialog.
    response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#main", "innerHTML"
    if request.method == "GET":
        response.headers["HX-Push-Url"] = request.get_full_path()
    return response


def workspace_context(request: HttpRequest, complaint: Complaint, **composer) -> dict:
    """Everything the workspace shows. ``composer`` overrides what the composer holds after a refused send."""
    user, thread = request.user, build_thread(complaint, user=request.user, before=number_in(request.GET.get("before")))
    kept = drafts.drafts_of(complaint, user)
    kind = composer.pop("kind", request.GET.get("kind") if request.GET.get("kind") in drafts.KINDS else "reply")
    return {
        "complaint": complaint,
        "place": place_of(request),
        "thread": thread,
        "facts": _facts(complaint),
        "acts": acts_for(complaint, user),
        "empathy": empathy_for(complaint),
        "answers": _answers(complaint),
        "panels": registry.panels_for(user),
        "composer": {"kind": kind, "draft": kept, "can_reply": _can_reply(complaint, user), **_sending(request), **composer},
        "reasons": [("", gettext("Choose a reason")), *category_choices()],
        "liabilities": LIABILITIES,
        "sends": [(value, label) for value, label in SENDS.items() if value != "next"],
        "sections": SECTIONS.values(),
        "snapshot": snapshot(complaint),
        "request_id": new_request_id(),
        "sent": _sent_elsewhere(request, complaint),
        "others": pulses.others_on(complaint, user),
        "effort_url": beacon_address(),
    }


def _facts(complaint: Complaint) -> dict:
    team = directory.teams.get(complaint.team_id)
    return {
        "clock": draw_clock(complaint, now()),
        "team": localized(team, "name") if team else "",
        "assignee": _name(complaint.assignee_id) if complaint.assignee_id else "",
        "category": localized(complaint.category, "name"),
        "name": mask_name(complaint.contact_name),
        "subject": mask_text(complaint.subject),
        "tags": _tags.all(complaint=complaint.pk),
        "risk": risk_of(complaint),
    }


@Prepared
def _tags() -> QuerySet[Tag]:
    return Tag.objects.filter(complaints=Value("complaint")).order_by("name")


def _name(user_id: int) -> str:
    return str(directory.colleagues.get(user_id) or "")


def _answers(complaint: Complaint) -> list[tuple[str, str]]:
    """The form's questions with the customer's answers, in the order of the form's version that was filled in."""
    if not complaint.answers:
        return []
    words = answer_words(complaint.form, complaint.answers, complaint.currency)
    return [(label, mask_text(answer)) for label, answer in words]


def _can_reply(complaint: Complaint, user) -> bool:
    is_closed_to_words = complaint.erased_at or complaint.status in (Complaint.Status.MERGED, Complaint.Status.SPAM)
    return user.has_perm("complaints.reply_complaint") and not is_closed_to_words


def _sending(request: HttpRequest) -> dict:
    """The way of sending that was used last, for the main button."""
    chosen = request.COOKIES.get("desk_send", "")
    last = chosen if chosen in SENDS and chosen != "next" else ""
    return {"send": last, "send_label": SENDS[last]}


def _sent_elsewhere(request: HttpRequest, complaint: Complaint) -> Message | None:
    """A reply just sent on another complaint, which can still be taken back."""
    message_id = number_in(request.GET.get("sent"))
    if message_id is None:
        return None
    mine = access.unsent_replies(request.user).filter(pk=message_id)
    return mine.exclude(complaint=complaint).select_related("complaint").first()


@desk_view()
def go_to_neighbour(request, number, direction):
    """The complaint after or before this one in the open list; its end leads back to the list."""
    complaint = access.complaint_for(request.user, number)
    place = place_of(request)
    found = neighbour_of(complaint, place.queue, place.chosen, Scope(request.user), backward=direction == "previous")
    return HttpResponseRedirect(address_of(found, place.query))


@desk_view()
def show_chain(request, number):
    """Check the whole chain of a long complaint."""
    complaint = access.complaint_for(request.user, number)
    fault = find_break(complaint.events.order_by("seq").iterator(), head_seq=complaint.head_seq, head_hash=complaint.head_hash)
    state = {"chain": "broken" if fault else "holds", "seq": fault.seq if fault else complaint.head_seq}
    return render(
        request, "complaints/desk/_chain.html" if request.htmx else "complaints/desk/chain.html", {"complaint": complaint, **state}
    )


@desk_view()
def show_decisions(request, number):
    """Why this agent has it: the last decisions with every candidate and the first reason it lost."""
    complaint = access.complaint_for(request.user, number)
    decisions = [explain_decision(each) for each in complaint.decisions.select_related("winner").order_by("-id")[:5]]
    waiting = explain_waiting(complaint.assignment_requests.filter(state="waiting").first())
    context = {
        "complaint": complaint,
        "decisions": decisions,
        "waiting": waiting,
        "title": gettext("Why this agent"),
        "is_dialog": bool(request.htmx),
    }
    return render(request, "complaints/desk/_decisions.html" if request.htmx else "complaints/desk/decisions.html", context)


@desk_view()
def show_print(request, number):
    complaint = access.complaint_for(request.user, number, *RELATED)
    if request.GET.get("before"):
        raise Http404
    context = {
        "complaint": complaint,
        "thread": build_thread(complaint, user=request.user),
        "facts": _facts(complaint),
        "answers": _answers(complaint),
    }
    return render(request, "complaints/desk/print.html", context)
