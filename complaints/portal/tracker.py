"""The customer's page of one complaint: receipt at first, tracker from then on, and every act that is theirs."""

import secrets
from datetime import timedelta

from django.core import signing
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from complaints import services
from complaints.access import files_of, thread_of, tracked_complaint
from complaints.intake.catalogue import catalogue
from complaints.intake.forms import ReplyForm
from complaints.intake.links import (
    link_path,
    link_url,
    make_link,
    make_link_row,
    opened_links,
    remember_link,
    rotate_links,
    set_private_cookie,
)
from complaints.intake.questions import answer_words
from complaints.intake.uploads import MOST_FILES, keep_waiting, store_files, waiting_files
from complaints.models import Attachment, Complaint, Outbox
from complaints.portal import story
from complaints.portal.acts import acts_for
from complaints.portal.answers import calm_down, is_flooding, see_other, show
from complaints.portal.linking import show_resend
from complaints.portal.parcels import parcels_of
from complaints.portal.promises import promises_of
from complaints.registry import tracker_sections_for
from complaints.services.surveys import is_open
from foundation.exceptions import NotAllowedError, RefusedError
from ui.masking import mask_email
from ui.timefmt import absolute, relative

RECEIPT_FOR = timedelta(minutes=30)
FILES_SALT = "complaints.reply-files"
FRESH_SALT = "complaints.fresh-link"
FRESH_FOR = timedelta(minutes=10)
ACTS_PER_NETWORK = 120
# Filed and written, two clocks started, and no file: the events that every complaint begins with. A hint at its tone is two more.
EVENTS_OF_FILING, EVENTS_OF_HINT, FIRST_VERSION = 4, 2, 1
# Sooner than this no mail can have failed for good.
FIRST_MAIL = timedelta(seconds=10)
DONE_CODES = {"reply", "added", "confirm", "reopen", "withdraw", "resume", "escalate", "appeal", "link", "survey"}


@require_http_methods(["GET", "HEAD"])
def show_tracker(request: HttpRequest, number: str) -> HttpResponse:
    try:
        complaint = tracked_complaint(opened_links(request), number)
    except Http404:
        return show_resend(request, number)
    if complaint.erased_at:
        return show(request, "erased.html", {"complaint": complaint})
    catalogue().describe(complaint)
    return tracker_page(request, complaint)


def opened_complaint(request: HttpRequest, number: str) -> Complaint:
    """The complaint of this number, if this browser has opened one of its living links. An erased one is read, never acted on."""
    complaint = tracked_complaint(opened_links(request), number)
    if complaint.erased_at:
        raise Http404
    catalogue().describe(complaint)
    return complaint


def tracker_page(request, complaint, *, form=None, acting="", reasons=(), kept=(), refusals=(), status=200) -> HttpResponse:
    """The page as it stands now, with what was typed and why it was refused if an act failed."""
    verbs = {each["verb"]: each for each in services.explain_verbs(complaint, None, as_customer=True) if each["in_state"]}
    form = form or ReplyForm()
    typed = form["body"].value() or ""
    is_homeless = acting not in ("", "reply") and not verbs.get(acting, {}).get("allowed")
    context = {
        "form": form,
        # Words for an act that is no longer open are not lost: they can be sent as a message.
        "blank": ReplyForm(initial={"body": typed if is_homeless else ""}),
        "acting": acting,
        "acts": acts_for(verbs, acting=acting, text=typed),
        "verbs": verbs,
        "reasons": reasons,
        "kept": [(sign_file(file, complaint), file.name) for file in kept],
        "refusals": refusals,
        "request_id": secrets.token_urlsafe(16),
        "done": request.GET.get("done") if request.GET.get("done") in DONE_CODES else "",
        "most_files": MOST_FILES,
        "sections": tracker_sections_for(complaint),
        **_standing(complaint),
        **_history(complaint),
    }
    return show(request, "tracker.html", context, status=status)


def _standing(complaint: Complaint) -> dict:
    """Where it stands now."""
    return {
        "complaint": complaint,
        "is_receipt": complaint.status == Complaint.Status.NEW and timezone.now() - complaint.filed_at < RECEIPT_FOR,
        "is_late": story.is_late(complaint),
        "promise_words": relative(complaint.promise_at),
        "promise_broken": absolute(complaint.promise_at),
        "sentence": story.sentence(complaint),
        "turn": story.turn(complaint),
        "promises": promises_of(complaint, timezone.now()),
        "dial": story.dial_of(complaint),
        "answers": answer_words(complaint.form, complaint.answers, complaint.currency),
        "lines": [line for line in complaint.order_snapshot.get("lines", []) if line["id"] in complaint.line_ids],
        "mail_mask": mask_email(complaint.contact_email),
    }


def _history(complaint: Complaint) -> dict:
    """What was said and done; one query each, and none for what a complaint that nobody has touched yet cannot have."""
    is_untouched = _is_untouched(complaint)
    events = [story.filed(complaint)] if is_untouched else story.read_events(complaint)
    files = [] if is_untouched else list(files_of(complaint, is_staff=False).values(*story.FILE_FIELDS))
    messages = [story.first_words(complaint)] if is_untouched else _said(complaint)
    survey = complaint.surveys.filter(cycle=complaint.cycle).first() if complaint.resolved_at else None
    return {
        "steps": story.steps_of(complaint, events),
        "entries": story.conversation(messages, files, events),
        "mail_failed": bool(complaint.contact_email) and timezone.now() - complaint.filed_at > FIRST_MAIL and _has_failed(complaint),
        "survey": survey if survey and is_open(survey) else None,
        "parcels": parcels_of(complaint.order_id),
    }


def _is_untouched(complaint: Complaint) -> bool:
    """Whether its filing is all that has happened. Who changes its risk raises the version, and what is written is an event more."""
    begun = EVENTS_OF_FILING + (EVENTS_OF_HINT if complaint.risk_level else 0)
    return complaint.version == FIRST_VERSION and complaint.head_seq <= begun


def _said(complaint: Complaint) -> QuerySet:
    return thread_of(complaint, is_staff=False).values_list(*story.MESSAGE_FIELDS)


def _has_failed(complaint: Complaint) -> bool:
    return complaint.outbox.filter(state=Outbox.State.DEAD).exists()


@require_POST
def post_reply(request: HttpRequest, number: str) -> HttpResponse:
    """A message of the customer, with files."""
    complaint = opened_complaint(request, number)
    form = ReplyForm(request.POST)
    kept, refusals = take_files(request, complaint)
    if is_flooding(request, "reply", ACTS_PER_NETWORK):
        return calm_down(tracker_page(request, complaint, form=form, acting="reply", kept=kept))
    if not form.is_valid() or refusals or not (form.cleaned_data["body"] or kept):
        form.is_valid() and form.require_body(unless=kept or refusals)
        return tracker_page(request, complaint, form=form, acting="reply", kept=kept, refusals=refusals, status=422)
    about = {"body": form.cleaned_data["body"], "attachments": [file.pk for file in kept], "request_id": _request_id(request)}
    try:
        target = services.post_customer_message(complaint, **about).complaint
    except RefusedError as error:
        return tracker_page(request, complaint, form=form, acting="reply", reasons=error.reasons, kept=kept, status=409)
    response = _back(target, "reply")
    if target.pk != complaint.pk:
        # The old one is past reopening: what was written became a complaint of its own, which this browser may open as well.
        remember_link(request, response, make_link_row(target)[0])
    return response


@require_POST
def upload_file(request: HttpRequest, number: str) -> HttpResponse:
    """One file of a message that is being written, sent ahead by scripts."""
    complaint = opened_complaint(request, number)
    if is_flooding(request, "upload", ACTS_PER_NETWORK * 3):
        return JsonResponse({"error": ""}, status=429)
    stored, refusals = store_files(request.FILES.getlist("file")[:1])
    if not stored:
        return JsonResponse({"error": refusals[0].text if refusals else ""}, status=422)
    return JsonResponse({"id": sign_file(keep_waiting(stored)[0], complaint)}, status=201)


def take_files(request: HttpRequest, complaint: Complaint) -> tuple[list[Attachment], list]:
    """Files sent ahead and files that come with the message, none of which belongs to a complaint yet."""
    files = files_ahead(request.POST.getlist("evidence")[:MOST_FILES], complaint)
    stored, refusals = store_files(request.FILES.getlist("evidence")[: MOST_FILES - len(files)])
    return files + keep_waiting(stored), refusals


def files_ahead(tokens: list[str], complaint: Complaint) -> list[Attachment]:
    """The files that a page was given these tokens for, as far as they still wait; no query without a token."""
    ahead = [number for token in tokens if (number := _signed_file(token, complaint))]
    return waiting_files(ahead) if ahead else []


def sign_file(file: Attachment, complaint: Complaint) -> str:
    """A file's number as a page may carry it: of use for this complaint only, and for a day."""
    return signing.dumps([file.pk, complaint.pk], salt=FILES_SALT)


def _signed_file(token: str, complaint: Complaint) -> int | None:
    try:
        file_id, complaint_id = signing.loads(token, salt=FILES_SALT, max_age=timedelta(days=1))
    except (signing.BadSignature, ValueError):
        return None
    return file_id if complaint_id == complaint.pk else None


@require_POST
def use_verb(request: HttpRequest, number: str, verb: str) -> HttpResponse:
    """Confirm, reopen, withdraw, resume, escalate, appeal; and make or send a fresh link."""
    if verb not in ACTS:
        raise Http404
    complaint = opened_complaint(request, number)
    if is_flooding(request, "act", ACTS_PER_NETWORK):
        return calm_down(tracker_page(request, complaint))
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return tracker_page(request, complaint, form=form, acting=verb, status=422)
    try:
        return ACTS[verb](request, complaint, form.cleaned_data["body"])
    except (RefusedError, NotAllowedError) as error:
        return tracker_page(request, complaint, form=form, acting=verb, reasons=error.reasons, status=error.status_code)


def _plain(verb: str):
    def act(request, complaint, body):
        getattr(services, f"{verb}_complaint")(complaint, as_customer=True, request_id=_request_id(request))
        return _back(complaint, verb)

    return act


def _with_words(verb: str):
    def act(request, complaint, body):
        getattr(services, f"{verb}_complaint")(complaint, as_customer=True, reason=body, request_id=_request_id(request))
        return _back(complaint, verb)

    return act


def _appeal(request, complaint, body):
    services.appeal_complaint(complaint, reason=body, request_id=_request_id(request))
    return _back(complaint, "appeal")


def _send_link(request, complaint, body):
    """A fresh link to the address that the complaint knows, at most three an hour."""
    if complaint.contact_email and not is_flooding(request, f"link:{complaint.pk}", 3):
        services.notify(complaint, "link")
    return _back(complaint, "link")


def _keep_link(request, complaint, body):
    """A fresh link for paper, picture or another device. It is shown once, so a short-lived cookie carries it to the page."""
    response = see_other(reverse("complaints:tracker-keep", args=[complaint.number]))
    fresh = signing.dumps([complaint.number, make_link(complaint)], salt=FRESH_SALT)
    set_private_cookie(response, FRESH_COOKIE, fresh, lifetime=FRESH_FOR)
    return response


def _rotate_links(request, complaint, body):
    """End every link that was ever given out, and go on with a fresh one."""
    link, token = rotate_links(complaint)
    response = see_other(reverse("complaints:tracker-keep", args=[complaint.number]))
    set_private_cookie(response, FRESH_COOKIE, signing.dumps([complaint.number, token], salt=FRESH_SALT), lifetime=FRESH_FOR)
    remember_link(request, response, link)
    return response


FRESH_COOKIE = "bihuan_fresh"
ACTS = {
    "confirm": _plain("confirm"),
    "resume": _plain("resume"),
    "escalate": _plain("escalate"),
    "withdraw": _with_words("withdraw"),
    "reopen": _with_words("reopen"),
    "appeal": _appeal,
    "send": _send_link,
    "keep": _keep_link,
    "rotate": _rotate_links,
}


@require_GET
def show_fresh_link(request: HttpRequest, number: str) -> HttpResponse:
    """The link that was just made, as text and QR code, to print or to save."""
    complaint = opened_complaint(request, number)
    try:
        its_number, token = signing.loads(request.COOKIES.get(FRESH_COOKIE, ""), salt=FRESH_SALT, max_age=FRESH_FOR)
    except (signing.BadSignature, ValueError):
        its_number = ""
    if its_number != complaint.number:
        return see_other(reverse("complaints:tracker", args=[complaint.number]))
    context = {"complaint": complaint, "url": link_url(token, complaint.language), "path": link_path(token, complaint.language)}
    return show(request, "keep.html", context)


def _back(complaint: Complaint, done: str) -> HttpResponse:
    return see_other(f"{reverse('complaints:tracker', args=[complaint.number])}?done={done}")


def _request_id(request: HttpRequest) -> str | None:
    return request.POST.get("request_id", "")[:64] or None
