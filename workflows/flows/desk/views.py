"""The pages of flow definitions."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from complaints.desk.doors import SeeOther, number_in
from foundation.exceptions import Reason, ReasonedError, VersionConflictError
from workflows.flows.desk.drawing import Message, draw, messages_of
from workflows.flows.desk.forms import PublishForm, TextForm
from workflows.flows.parsing import DefinitionError, parse_definition
from workflows.flows.replay import Replayed, replay, unused_nodes
from workflows.flows.shelf import Shelf, shelf_of, shelves
from workflows.flows.text import line_of, lines_of, read_text, write_text
from workflows.flows.tree import Definition
from workflows.flows.weight import adverse_changes, touches_money
from workflows.flows.words import say_difference
from workflows.services.flow_versions import NOTICE, PROPOSE, PUBLISH, drop_proposal, findings_of, propose_flow, publish_flow

READ = "workflows.view_flowversion"
MOST_SHOWN = 50
View = Callable[..., HttpResponse]


def flow_view(view: View) -> View:
    """Let in whoever may read definitions; what changes one asks its service."""

    @wraps(view)
    def guarded(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not request.user.has_perm(READ):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@dataclass
class Look:
    """A text as it was looked at: the definition in it if it can be read, and what is wrong with it."""

    text: str
    body: Any = None
    definition: Definition | None = None
    messages: list[Message] = field(default_factory=list)
    replayed: list[Replayed] | None = None

    @property
    def has_errors(self) -> bool:
        return any(message.is_error for message in self.messages)


@require_safe
@flow_view
def show_flows(request):
    return render(request, "workflows/flows.html", {"shelves": shelves()})


@require_safe
@flow_view
def export_flow(request, case_type):
    """The text of a version as a file that can be brought in again."""
    shelf = shelf_of(case_type)
    number = number_in(request.GET.get("version"))
    version = shelf.version(number) if number is not None else shelf.newest
    response = HttpResponse(write_text(version.body), content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{case_type}-v{version.number}.json"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@flow_view
def edit_flow(request, case_type):
    shelf = shelf_of(case_type)
    if request.method != "POST":
        number = number_in(request.GET.get("version"))
        version = shelf.version(number) if number is not None else shelf.newest
        return _page(request, shelf, look_at(write_text(version.body), case_type), shown=version)
    if not request.user.has_perm(PROPOSE):
        raise PermissionDenied
    try:
        return STEPS.get(request.POST.get("step", ""), _check)(request, shelf)
    except VersionConflictError:
        return _page(request, shelf_of(case_type), _look_posted(request, shelf), status=409, is_stale=True)
    except ReasonedError as error:
        status = 403 if error.status_code == 403 else 422
        return _page(request, shelf_of(case_type), _look_posted(request, shelf), status=status, reasons=error.reasons)


def _check(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    """Look at what was written, and say what is wrong and what would change."""
    form = TextForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, shelf, Look(request.POST.get("text", "")), form=form, status=422)
    look = look_at(form.cleaned_data["text"], shelf.definition.type)
    if request.POST.get("step") == "replay" and look.definition:
        look.replayed = replay(look.definition, shelf.definition.type, last=form.cleaned_data["last"] or 50)
        look.messages += messages_of(unused_nodes(look.definition, look.replayed), lines_of(look.text), line_of)
    return _page(request, shelf, look, form=form, status=422 if look.definition is None else 200)


def _propose(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    form = TextForm(request.POST, request.FILES)
    look = look_at(form.cleaned_data["text"], shelf.definition.type) if form.is_valid() else Look(request.POST.get("text", ""))
    if look.definition is None:
        return _page(request, shelf, look, form=form, status=422)
    answers = form.cleaned_data
    propose_flow(shelf.definition, body=look.body, by=request.user, expected=answers["expected"], reason=answers["reason"])
    messages.success(request, _("Your proposal is kept. A manager publishes it."))
    return SeeOther(reverse("admin:flow", args=[shelf.definition.type]))


def _publish(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    form = PublishForm(request.POST)
    if not form.is_valid():
        return _page(request, shelf, _look_newest(shelf), publish_form=form, status=422)
    answers = form.cleaned_data
    published = publish_flow(
        shelf.definition,
        by=request.user,
        expected=answers["expected"],
        reason=answers["reason"],
        effective_from=answers["effective_from"],
        is_acknowledged=answers["acknowledge"],
    )
    messages.success(request, _("Version %(number)d is published. Open cases keep theirs.") % {"number": published.number})
    return SeeOther(reverse("admin:flow", args=[shelf.definition.type]))


def _drop(request: HttpRequest, shelf: Shelf) -> HttpResponse:
    drop_proposal(shelf.definition, by=request.user, expected=request.POST.get("expected", ""))
    messages.success(request, _("The proposal is thrown away."))
    return SeeOther(reverse("admin:flow", args=[shelf.definition.type]))


STEPS: dict[str, View] = {"propose": _propose, "publish": _publish, "drop": _drop}


def look_at(text: str, case_type: str) -> Look:
    """Read a text as far as it can be read, and hold it against the rules."""
    look = Look(text)
    try:
        look.body = read_text(text)
        look.definition = parse_definition(look.body)
        found = findings_of(look.definition, case_type)
    except DefinitionError as error:
        found = error.errors
    lines = lines_of(text) if look.body is not None else {}
    look.messages = messages_of(found, lines, line_of)
    return look


def _look_newest(shelf: Shelf) -> Look:
    return look_at(write_text(shelf.newest.body), shelf.definition.type)


def _look_posted(request: HttpRequest, shelf: Shelf) -> Look:
    """What somebody wrote stays on the page, whatever was refused."""
    text = request.POST.get("text", "")
    return look_at(text, shelf.definition.type) if text.strip() else _look_newest(shelf)


def _page(
    request: HttpRequest,
    shelf: Shelf,
    look: Look,
    *,
    form: TextForm | None = None,
    publish_form: PublishForm | None = None,
    shown: Any = None,
    reasons: list[Reason] | None = None,
    status: int = 200,
    is_stale: bool = False,
) -> HttpResponse:
    before = parse_definition(shelf.live.body) if shelf.live else None
    context = {
        "shelf": shelf,
        "look": look,
        "form": form or TextForm(),
        "publish_form": publish_form or PublishForm(),
        "shown": shown,
        "reasons": reasons or [],
        "is_stale": is_stale,
        "line_numbers": range(1, look.text.count("\n") + (not look.text.endswith("\n")) + 1),
        "may_propose": request.user.has_perm(PROPOSE),
        "may_publish": request.user.has_perm(PUBLISH),
        "notice_days": NOTICE.days,
        "changed": [row for row in look.replayed or [] if row.has_changed][:MOST_SHOWN],
    }
    if look.definition:
        context |= {
            "drawn": draw(look.definition),
            "changes": say_difference(before, look.definition),
            "adverse": adverse_changes(before, look.definition),
            "needs_two": touches_money(before, look.definition),
        }
    return render(request, "workflows/flow.html", context, status=status)
