"""The customer's page of a live conversation. With scripts lines come and go by themselves; without them it is a page with a form."""

import secrets
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import get_template
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import services
from complaints.cards import cards_of
from complaints.chat.access import latest_chat
from complaints.chat.hours import closes_at, is_open, opens_at
from complaints.chat.queue import outlook_for_newcomer, outlook_of
from complaints.chat.reading import note_customer_reading
from complaints.chat.sessions import end_chat, leave_queue, rate_chat, start_chat, turn_into_message
from complaints.chat.timers import hear_from
from complaints.chat.typing import is_typing, note_typing
from complaints.intake.forms import ReplyForm
from complaints.intake.links import make_link_row, remember_link
from complaints.intake.uploads import MOST_FILES
from complaints.models import ChatSession, Complaint
from complaints.portal import story, talk
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.tracker import opened_complaint, sign_file, take_files
from foundation.exceptions import NotAllowedError, RefusedError

State = ChatSession.State
LINES_PER_NETWORK, PULSES_PER_NETWORK = 300, 3000
JUST_LEFT = timedelta(minutes=1)
FRAGMENT = "X-Chat"
# Here nobody talks on: the customer's other complaint has it, or the customer wanted no more of it.
ELSEWHERE = frozenset({Complaint.Status.WITHDRAWN, Complaint.Status.MERGED})


@require_http_methods(["GET", "HEAD", "POST"])
def show_chat(request: HttpRequest, number: str) -> HttpResponse:
    if request.method == "POST":
        return _send(request, opened_complaint(request, number))
    try:
        complaint = opened_complaint(request, number)
    except Http404:
        return show_resend(request, number)
    return chat_page(request, complaint)


def chat_page(request, complaint: Complaint, *, form=None, reasons=(), kept=(), refusals=(), status=200) -> HttpResponse:
    session, lines = latest_chat(complaint), talk.lines_of(complaint)
    context = {
        "complaint": complaint,
        "form": form or ReplyForm(),
        "reasons": reasons,
        "refusals": refusals,
        "kept": [(sign_file(file, complaint), file.name) for file in kept],
        "request_id": secrets.token_urlsafe(16),
        "most_files": MOST_FILES,
        "lines": lines,
        "newest": max((line.number for line in lines if line.side == "team"), default=0),
        "cards": cards_of(complaint),
        "order_lines": [line for line in complaint.order_snapshot.get("lines", []) if line["id"] in complaint.line_ids],
        **standing_of(complaint, session),
    }
    return show(request, "chat.html", context, status=status)


def standing_of(complaint: Complaint, session: ChatSession | None) -> dict:
    """Where a conversation stands now: who is there, or how long it takes, or when somebody is."""
    at = timezone.now()
    is_live = session is not None and session.is_live
    standing = {"session": session, "is_live": is_live, "is_resting": is_live and talk.is_resting(session), "is_open": is_open(at)}
    if complaint.status in ELSEWHERE:
        return standing | {"over_words": story.sentence(complaint)}
    if is_live and session.state == State.ACTIVE:
        return standing | {"is_typing": is_typing(complaint.pk, "team")}
    if is_live and session.state == State.OFFERED or standing["is_resting"]:
        return standing
    if is_live or standing["is_open"]:
        outlook = outlook_of(session, at) if is_live else outlook_for_newcomer(complaint.team_id, at)
        words = {"place_words": talk.place_words(outlook), "wait_words": talk.wait_words(outlook)}
        return standing | words | {"outlook": outlook, "closes_at": closes_at(at)}
    return standing | {"opens_at": opens_at(at)}


def _send(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """One line of the customer. The same line sent twice is one."""
    form = ReplyForm(request.POST)
    kept, refusals = take_files(request, complaint)
    order_line = _number(request.POST.get("item"))
    if is_flooding(request, "chat", LINES_PER_NETWORK):
        return calm_down(chat_page(request, complaint, form=form, kept=kept))
    if not form.is_valid() or refusals or not (form.cleaned_data["body"] or kept or order_line):
        form.is_valid() and form.require_body(unless=kept or refusals)
        return chat_page(request, complaint, form=form, kept=kept, refusals=refusals, status=422)
    line = {"body": form.cleaned_data["body"], "attachments": [file.pk for file in kept], "request_id": _request_id(request)}
    line |= {"order_line": order_line}
    try:
        about = _post(request, complaint, line)
    except RefusedError as error:
        return chat_page(request, complaint, form=form, reasons=error.reasons, kept=kept, status=409)
    response = _news(request, about) if FRAGMENT in request.headers and about.pk == complaint.pk else _back(about)
    if about.pk != complaint.pk:
        remember_link(request, response, make_link_row(about)[0])
    return response


def _post(request: HttpRequest, complaint: Complaint, line: dict) -> Complaint:
    """Into the conversation that is open; else one begins while somebody is there, and it is a message when nobody is."""
    session = latest_chat(complaint)
    if session is not None and session.is_live:
        about = services.post_customer_message(complaint, channel=Complaint.Channel.CHAT, **line).complaint
        _note_reading(request, hear_from(session))
        return about
    if is_open(timezone.now()):
        return start_chat(complaint, **line)[0]
    return services.post_customer_message(complaint, **line).complaint


@require_POST
def pulse(request: HttpRequest, number: str) -> HttpResponse:
    """Hear from the customer's page and tell what is new; without scripts, the button that looks again."""
    complaint = opened_complaint(request, number)
    if is_flooding(request, "chat-pulse", PULSES_PER_NETWORK):
        return calm_down(HttpResponse())
    session = latest_chat(complaint)
    if session is not None:
        session = hear_from(session)
        _note_reading(request, session)
        if request.POST.get("typing") and session.state == State.ACTIVE:
            note_typing(session, "customer")
    return _news(request, complaint) if FRAGMENT in request.headers else _back(complaint)


def _note_reading(request: HttpRequest, session: ChatSession) -> None:
    """How much of what we wrote the page holds, and how much of it lay open."""
    note_customer_reading(session, got=_number(request.POST.get("got")), read=_number(request.POST.get("read")))


def _news(request: HttpRequest, complaint: Complaint) -> HttpResponse:
    """What the page does not have yet, as a fragment."""
    after, since = (_number(request.POST.get(name)) for name in ("after", "since"))
    lines = talk.lines_of(complaint, after=after, since=since, leaving_since=timezone.now() - JUST_LEFT)
    context = {"complaint": complaint, "lines": lines, "request_id": secrets.token_urlsafe(16)}
    context |= standing_of(complaint, latest_chat(complaint))
    return HttpResponse(get_template("complaints/portal/_chat_news.html").render(context, request))


@require_POST
def act(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """End it, leave the queue, turn it into a message, or rate it."""
    if verb not in ACTS:
        raise Http404
    complaint = opened_complaint(request, number)
    if is_flooding(request, "act", LINES_PER_NETWORK):
        return calm_down(chat_page(request, complaint))
    session = latest_chat(complaint)
    if session is None:
        return _back(complaint)
    try:
        ACTS[verb](request, session)
    except (RefusedError, NotAllowedError) as error:
        return chat_page(request, complaint, reasons=error.reasons, status=error.status_code)
    return _back(complaint)


def _rate(request: HttpRequest, session: ChatSession) -> None:
    rate_chat(session, rating=_number(request.POST.get("rating")), request_id=_request_id(request))


ACTS = {
    "end": lambda request, session: end_chat(session, as_customer=True, request_id=_request_id(request)),
    "leave": lambda request, session: leave_queue(session, request_id=_request_id(request)),
    "message": lambda request, session: turn_into_message(session, request_id=_request_id(request)),
    "rate": _rate,
}


@require_GET
def show_transcript(request: HttpRequest, number: str) -> HttpResponse:
    """What was said, to print or to keep."""
    complaint = opened_complaint(request, number)
    lines = talk.lines_of(complaint)
    if "text" not in request.GET:
        return show(request, "transcript.html", {"complaint": complaint, "lines": lines})
    saved = {"Content-Disposition": f'attachment; filename="{complaint.number}.txt"'}
    return HttpResponse(talk.transcript_of(complaint, lines), content_type="text/plain; charset=utf-8", headers=saved)


def _back(complaint: Complaint) -> HttpResponse:
    return see_other(reverse("complaints:chat", args=[complaint.number]))


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 16 else 0


def _request_id(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None
