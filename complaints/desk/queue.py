"""The queue: views with counts, rows, paging, arrivals, filter, and taking the next complaint."""

from django.http import Http404, HttpRequest
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, now

from complaints import access
from complaints.assignment.claim import claim_next
from complaints.desk import presence, saved
from complaints.desk.bulk import pending_undo
from complaints.desk.choices import filter_fields, labels
from complaints.desk.doors import SeeOther, desk_view, new_request_id, number_in
from complaints.desk.filters import Filter, describe, read_filter
from complaints.desk.forms import SavedViewForm
from complaints.desk.places import Place, place_of
from complaints.desk.queues import COUNT_LIMIT, Queue, count_arrivals, count_queues, page_of, queue_for, queues_for
from complaints.desk.rows import draw_rows
from complaints.desk.scope import Scope
from complaints.services import claim_complaint

MOST_TEAMS = 25  # whose news one page listens to


@desk_view()
def show_queue(request):
    place, scope = place_of(request), Scope(request.user)
    context = {**list_context(request, place, scope), **views_context(request, place, scope), "topics": _topics(place, scope)}
    return render(request, "complaints/desk/queue.html", context)


@desk_view()
def show_list(request):
    """The rows alone: the next page of the queue, or the pane beside an open complaint."""
    place = place_of(request)
    context = list_context(request, place, Scope(request.user)) | {"is_pane": "pane" in request.GET, "open": request.GET.get("open", "")}
    if context["is_pane"]:
        context["queues"] = queues_for(request.user)
    return render(request, "complaints/desk/_list.html" if request.htmx else "complaints/desk/list.html", context)


@desk_view()
def show_arrivals(request):
    """How many complaints came in since the page was made; the page itself never moves under the cursor."""
    place = place_of(request)
    since = parse_datetime(request.GET.get("since", "")) if len(request.GET.get("since", "")) < 40 else None
    if since is None or is_naive(since):
        raise Http404
    count = count_arrivals(place.queue, place.chosen, Scope(request.user), since=since)
    return render(request, "complaints/desk/_arrivals.html", {"place": place, "number": count, "count": bounded(count)})


@desk_view()
def show_filter(request):
    place = place_of(request)
    context = {"place": place, "fields": filter_fields(place.chosen, Scope(request.user)), "form": SavedViewForm(user=request.user)}
    return render(request, "complaints/desk/_filter.html" if request.htmx else "complaints/desk/filter.html", context)


@desk_view("POST", permission="complaints.claim_complaint")
def take_next(request):
    """Give the agent the next complaint of the assignment's order."""
    complaint = claim_next(request.user)
    if complaint is None:
        return SeeOther(f"{reverse('admin:desk-queue')}?view=unassigned&nothing=1")
    return SeeOther(f"{reverse('admin:desk-complaint', args=[complaint.number])}?view=mine")


@desk_view("POST", permission="complaints.claim_complaint")
def claim(request, number):
    complaint = access.complaint_for(request.user, number)
    claim_complaint(
        complaint,
        by=request.user,
        expected_version=number_in(request.POST.get("expected_version")),
        request_id=request.POST.get("request_id"),
    )
    return SeeOther(f"{reverse('admin:desk-complaint', args=[complaint.number])}?view=mine")


@desk_view("POST")
def save_view(request):
    form = SavedViewForm(request.POST, user=request.user)
    chosen = read_filter(request.POST)
    if not form.is_valid() or not chosen:
        context = {"place": Place(queue_for(request.user, "team"), chosen, chosen.as_query()), "form": form}
        context["fields"] = filter_fields(chosen, Scope(request.user))
        return render(request, "complaints/desk/filter.html", context, status=422)
    view = saved.save_view(chosen, name=form.cleaned_data["name"], team=form.cleaned_data.get("team"), by=request.user)
    return SeeOther(f"{reverse('admin:desk-queue')}?{saved_query(view)}")


@desk_view("POST")
def delete_view(request, view_id):
    view = saved.views_of(request.user).filter(pk=view_id).first()
    if view is None:
        raise Http404
    saved.delete_view(view, by=request.user)
    return SeeOther(reverse("admin:desk-queue"))


def list_context(request: HttpRequest, place: Place, scope: Scope) -> dict:
    """One page of rows and what the list says about itself."""
    page = page_of(place.queue, place.chosen, scope, after=request.GET.get("after", ""))
    others = presence.who_is_where(but=request.user.pk)
    return {
        "place": place,
        "rows": draw_rows(page.rows, user=request.user, presence=others),
        "page": page,
        "words": describe(place.chosen, labels()) if place.chosen else "",
        "made_at": now(),
        "request_id": new_request_id(),
        "next_queue": _next_queue(place.queue) if not page.rows else None,
    }


def views_context(request: HttpRequest, place: Place, scope: Scope) -> dict:
    """Every view with its count; all counts are one statement."""
    queues, own = queues_for(request.user), list(saved.views_of(request.user))
    counted = [(queue, Filter()) for queue in queues if queue.has_count] + [
        (queue_for(request.user, "team"), read_filter(view.filter)) for view in own
    ]
    counts = iter(count_queues(counted, scope))
    return {
        "views": [
            {
                "queue": queue,
                "count": bounded(next(counts)) if queue.has_count else "",
                "is_open": queue == place.queue and not place.chosen,
            }
            for queue in queues
        ],
        "saved_views": [
            {"view": view, "count": bounded(next(counts)), "query": saved_query(view), "is_open": saved_query(view) == place.query}
            for view in own
        ],
        "is_nothing_next": "nothing" in request.GET,
        "undo": pending_undo(request),
    }


def _topics(place: Place, scope: Scope) -> str:
    """What brings something into this list: news of its teams, or news for this person."""
    teams = [f"queue-{team_id}" for team_id in scope.team_ids[:MOST_TEAMS]] if place.queue.of_team or place.chosen else []
    return " ".join([f"user-{scope.user.pk}", *teams])


def saved_query(view) -> str:
    return "&".join(filter(None, ["view=team", read_filter(view.filter).as_query()]))


def bounded(count: int) -> str:
    return f"{COUNT_LIMIT}+" if count > COUNT_LIMIT else str(count)


def _next_queue(queue: Queue) -> Queue:
    return queue_for(None, {"mine": "unassigned", "unassigned": "replied", "replied": "due"}.get(queue.key, "all"))
