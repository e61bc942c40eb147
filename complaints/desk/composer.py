"""The composer: replies and notes with their files, drafts, and taking back what has not left yet."""

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import access
from complaints.desk import drafts, files
from complaints.desk.canned import read_action
from complaints.desk.doors import SeeOther, desk_view
from complaints.desk.forms import ReplyForm
from complaints.desk.places import address_of, place_of
from complaints.desk.queues import neighbour_of
from complaints.desk.scope import Scope
from complaints.desk.snapshot import differences
from complaints.desk.workspace import RELATED, SENDS, render_workspace, workspace_context
from complaints.exceptions import NewMessagesError
from complaints.intake.reply_files import forget_upload
from complaints.models import Complaint, Message
from complaints.services import post_note, post_reply, retract_message
from foundation.exceptions import Reason, ReasonedError, VersionConflictError

YEAR = 365 * 24 * 3600


@desk_view("POST", permission="complaints.reply_complaint")
def send_reply(request, number):
    complaint = access.complaint_for(request.user, number, *RELATED)
    form = ReplyForm(request.POST, complaint=complaint)
    uploaded, refusals = files.take_uploads(request)
    if refusals or not form.is_valid():
        return _ask_again(request, complaint, form, uploaded, status=422, refusals=refusals)
    goal = _neighbour(request, complaint) if form.cleaned_data["then"] == "next" else complaint.number
    try:
        message = _post_reply(complaint, form, uploaded, request)
    except (ReasonedError, VersionConflictError) as error:
        return _ask_again(request, complaint, form, uploaded, status=error.status_code, error=error)
    drafts.forget_draft(complaint, kind="reply", by=request.user)
    return _go_on(request, form, goal, message)


@desk_view("POST", permission="complaints.note_complaint")
def write_note(request, number):
    complaint = access.complaint_for(request.user, number, *RELATED)
    uploaded, refusals = files.take_uploads(request)
    body = request.POST.get("body", "")
    try:
        if refusals:
            raise ReasonedError([Reason("file", str(refusal)) for refusal in refusals])
        post_note(
            complaint, body=body, by=request.user, request_id=request.POST.get("request_id"), attachments=[file.pk for file in uploaded]
        )
    except ReasonedError as error:
        context = workspace_context(request, complaint, kind="note", body=body, files=uploaded, reasons=error.reasons)
        return render_workspace(request, context, status=422)
    drafts.forget_draft(complaint, kind="note", by=request.user)
    return SeeOther(address_of(complaint.number, place_of(request).query))


@desk_view("GET", "HEAD", "POST")
def keep_draft(request, number):
    """Keep what is being typed; or say what is kept, for the agent's page on another device."""
    complaint = access.complaint_for(request.user, number)
    if request.method != "POST":
        return JsonResponse(drafts.drafts_of(complaint, request.user))
    kind = request.POST.get("kind")
    if kind not in drafts.KINDS:
        raise Http404
    saved = drafts.save_draft(complaint, kind=kind, body=request.POST.get("body", ""), by=request.user)
    return HttpResponse(status=204, headers={"Draft-Saved": str(saved)})


@desk_view("POST", permission="complaints.reply_complaint")
def take_back(request, number, message_id):
    """Take back an own reply in its first ten seconds; its text returns to the composer."""
    complaint = access.complaint_for(request.user, number)
    try:
        message = complaint.messages.get(pk=message_id, author=request.user, kind=Message.Kind.PUBLIC)
    except ObjectDoesNotExist:
        raise Http404 from None
    retract_message(message, by=request.user, request_id=request.POST.get("request_id"))
    drafts.save_draft(complaint, kind="reply", body=message.body, by=request.user)
    return SeeOther(address_of(complaint.number, place_of(request).query))


@desk_view("POST", permission="complaints.reply_complaint")
def add_file(request, number):
    """Take one file of a reply that is being written; nobody sees it before it is sent."""
    complaint = access.complaint_for(request.user, number)
    rows, refusals = files.take_uploads(request, "file")
    if not rows:
        return JsonResponse({"error": str(refusals[0]) if refusals else _("No file came.")}, status=422)
    names = [complaint.number, rows[0].key]
    thumb = reverse("admin:desk-file", args=[*names, "thumb"]) if rows[0].thumb_path else ""
    return JsonResponse({"id": rows[0].key, "thumb_url": thumb, "remove_url": reverse("admin:desk-file-remove", args=names)}, status=201)


@desk_view("POST", permission="complaints.reply_complaint")
def remove_file(request, number, key):
    access.complaint_for(request.user, number)
    if not forget_upload(key, by=request.user):
        raise Http404
    return HttpResponse(status=204)


def _post_reply(complaint: Complaint, form: ReplyForm, uploaded: list, request: HttpRequest) -> Message:
    answers = form.cleaned_data
    return post_reply(
        complaint,
        body=answers["body"],
        by=request.user,
        expected_version=answers["expected_version"],
        request_id=answers["request_id"],
        then="" if answers["then"] == "next" else answers["then"],
        then_inputs=form.then_inputs(),
        actions=[read_action(key) for key in request.POST.getlist("action")],
        canned=form.canned(),
        attachments=[file.pk for file in uploaded],
        seen_message_id=answers["seen"],
        confirm=bool(answers["confirm"]),
        in_chat="chat" in request.POST,
    )


def _go_on(request: HttpRequest, form: ReplyForm, goal: str, message: Message) -> HttpResponse:
    """Show the same complaint, or the next one, where the reply can still be taken back; remember the way of sending."""
    query = place_of(request).query
    url = address_of(goal, f"{query}&sent={message.pk}" if form.cleaned_data["then"] == "next" else query)
    leaves = request.htmx and not goal
    response = HttpResponse(status=204, headers={"HX-Redirect": url}) if leaves else SeeOther(url)
    response.set_cookie("desk_send", form.cleaned_data["then"], max_age=YEAR, httponly=True, samesite="Lax", secure=request.is_secure())
    return response


def _neighbour(request: HttpRequest, complaint: Complaint) -> str:
    place = place_of(request)
    return neighbour_of(complaint, place.queue, place.chosen, Scope(request.user))


def _ask_again(
    request: HttpRequest, complaint: Complaint, form: ReplyForm, uploaded: list, *, status: int, error=None, refusals=()
) -> HttpResponse:
    """The workspace with everything that was typed, and why it was not sent. Sending again then means it."""
    complaint = access.complaint_for(request.user, complaint.number, *RELATED)
    is_stale = isinstance(error, VersionConflictError | NewMessagesError)
    context = workspace_context(
        request,
        complaint,
        kind="reply",
        form=form,
        body=form.data.get("body", ""),
        actions=[read_action(key) | {"key": key} for key in request.POST.getlist("action")],
        files=uploaded,
        reasons=[*[Reason("file", str(refusal)) for refusal in refusals], *getattr(error, "reasons", [])],
        is_stale=is_stale,
        newer=getattr(error, "messages", []),
        changes=differences(request.POST.get("snapshot"), complaint) if is_stale else [],
        then=form.data.get("then", "") if form.data.get("then") in SENDS else "",
    )
    context["request_id"] = form.data.get("request_id") or context["request_id"]
    return render_workspace(request, context, status=status)
