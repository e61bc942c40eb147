"""The inspection, piece by piece: each is saved at once, so another device goes on where this one stopped."""

from uuid import uuid4

from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from complaints.desk.doors import SeeOther, number_in
from complaints.intake.reply_files import keep_uploads
from foundation.exceptions import ReasonedError
from workflows.machines.spine import CaseState
from workflows.models import Case, InspectionLine, Task
from workflows.scan.bench import read_bench
from workflows.scan.doors import scan_view
from workflows.scan.inspection_forms import GOOD, PieceForm
from workflows.scan.places import place_of
from workflows.scan.work import AT_WORK, inspections_at, open_tasks, other_work_at, tally, task_for
from workflows.services.inspecting import (
    begin_inspection,
    fail_inspection,
    inspect_again,
    pass_inspection,
    record_line,
    take_over_inspection,
)
from workflows.services.splitting import split_case

Fault = InspectionLine.Fault


@scan_view()
def show_tasks(request):
    place = place_of(request)
    if place.here is None:
        return render(request, "workflows/scan/nowhere.html")
    context = {"place": place, "rows": inspections_at(place.here), "others": other_work_at(place.here), "tally": tally(place.here)}
    return render(request, "workflows/scan/tasks.html", context)


@scan_view()
def show_inspection(request, task_id):
    """The next piece without a result, or the one in ``?line=``; the task of another state of the case leads to the one of now."""
    task = task_for(request.user, task_id)
    if task.done_at is not None and task.case.state in AT_WORK and (now := _task_now(task.case)) is not None:
        return redirect("admin:scan-inspect", now.pk)
    return _show(request, task, line_id=number_in(request.GET.get("line")))


@scan_view("POST")
def record(request, task_id, line_id):
    """Everything about one piece."""
    task, form = task_for(request.user, task_id), PieceForm(request.POST)
    line = _line_of(task, line_id)
    files, refusals = keep_uploads(request.FILES.getlist("photos"), by=request.user, keys=request.POST.getlist("attachments"))
    if not form.is_valid() or refusals:
        return _show(request, task, line_id=line.pk, form=form, files=files, problems=[str(each) for each in refusals])
    try:
        _record(request, task, line, photos=[file.pk for file in files], **form.finding())
    except ReasonedError as error:
        problems = [f"{reason.text} {reason.cure}" for reason in error.reasons]
        return _show(request, task, line_id=line.pk, form=form, files=files, problems=problems, status=error.status_code)
    return _go_on(task)


@scan_view("POST")
def record_good(request, task_id):
    """One touch for pieces that are as new and complete: this one, or all of its kind."""
    task = task_for(request.user, task_id)
    lines = [_line_of(task, number) for number in request.POST.getlist("line")]
    if not lines:
        raise BadRequest
    for line in lines:
        _record(request, task, line, **GOOD)
    return _go_on(task)


def _record(request: HttpRequest, task: Task, line: InspectionLine, **finding) -> None:
    """The first piece begins the inspection."""
    asked = request.POST.get("request_id", "")[:40] or None
    with transaction.atomic():
        if task.case.state == CaseState.RECEIVED:
            task.case = begin_inspection(task.case, by=request.user)
        record_line(line, by=request.user, request_id=asked and f"{asked}-{line.pk}", **finding)


@scan_view("POST")
def end(request, task_id):
    """Pass the whole, give it to a lead, or let the good pieces go on while the others become a case of their own."""
    task, verb = task_for(request.user, task_id), request.POST.get("verb")
    how = {"by": request.user, "request_id": request.POST.get("request_id", "")[:40] or None}
    version = number_in(request.POST.get("version"))
    if verb == "pass":
        pass_inspection(task.case, expected_version=version, **how)
    elif verb == "fail":
        fail_inspection(task.case, words=request.POST.get("words", "")[:400], expected_version=version, **how)
    elif verb == "apart":
        _set_apart(task.case, **how)
    else:
        raise BadRequest
    return SeeOther(f"{reverse('admin:scan')}?mode=inspect")


@transaction.atomic
def _set_apart(case: Case, *, by, request_id: str | None) -> None:
    bench = read_bench(case)
    for kind, units in (("short", bench.missing_units), ("failed", bench.failed_units)):
        if units:
            case = split_case(case, units=units, kind=kind, by=by, request_id=request_id and f"{request_id}-{kind}")
    pass_inspection(case, by=by, request_id=request_id)


@scan_view("POST")
def take_over(request, task_id):
    task = task_for(request.user, task_id)
    take_over_inspection(task.case, by=request.user, request_id=request.POST.get("request_id", "")[:40] or None)
    return SeeOther(reverse("admin:scan-inspect", args=[task.pk]))


@scan_view("POST")
def look_again(request, task_id, line_id):
    task = task_for(request.user, task_id)
    inspect_again(_line_of(task, line_id), by=request.user, request_id=request.POST.get("request_id", "")[:40] or None)
    return SeeOther(f"{reverse('admin:scan-inspect', args=[task.pk])}?line={line_id}")


@scan_view()
def show_sheet(request, task_id):
    task = task_for(request.user, task_id)
    return render(request, "workflows/scan/sheet.html", {"task": task, "bench": read_bench(task.case)})


def _show(request: HttpRequest, task: Task, *, line_id=None, form=None, files=(), problems=(), status: int = 0) -> HttpResponse:
    bench = read_bench(task.case, at=line_id)
    context = {
        "task": task,
        "bench": bench,
        "form": form or PieceForm(initial={"accessories": GOOD["accessories"]}),
        "files": files,
        "problems": problems,
        "is_somebody_elses": task.owner_id not in (None, request.user.pk),
        "request_id": uuid4().hex,
    }
    return render(request, "workflows/scan/inspection.html", context, status=status or (422 if form or problems else 200))


def _go_on(task: Task) -> HttpResponse:
    """To the next piece, under the task that the case has now."""
    now = _task_now(task.case) or task
    return SeeOther(reverse("admin:scan-inspect", args=[now.pk]))


def _task_now(case: Case) -> Task | None:
    return open_tasks([case]).last()


def _line_of(task: Task, number) -> InspectionLine:
    found = read_bench(task.case).line(number)
    if found is None:
        raise Http404
    return found
