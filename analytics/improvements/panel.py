"""Beside a complaint on the desk: every complaint can lead to an improvement."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from analytics.models import Improvement
from complaints import access as complaints
from complaints.desk.doors import desk_view, leave_for, number_in
from complaints.models import Complaint
from complaints.registry import Panel, register_panel

from .access import LINK, items_of, open_items_for
from .verbs import link_complaint

MOST_OFFERED = 20


def register_panels() -> None:
    """Fill the place that the workspace leaves free."""
    register_panel(
        Panel("improvement", gettext_lazy("Lead for improvement"), "admin:improvement-panel", permission=LINK, position=60, is_open=False)
    )


@desk_view(permission=LINK)
def show_panel(request, number):
    """The items that this complaint speaks for, and those that it could be linked to."""
    complaint = complaints.complaint_for(request.user, number, "category")
    template = "analytics/_improvement_panel.html" if request.htmx else "analytics/improvement_panel.html"
    return render(request, template, {"complaint": complaint, **_items(request.user, complaint)})


@desk_view("POST", permission=LINK)
def link(request, number):
    complaint = complaints.complaint_for(request.user, number)
    item = open_items_for(request.user).filter(pk=number_in(request.POST.get("improvement"))).first()
    if item is None:
        raise Http404
    link_complaint(item, complaint, by=request.user)
    messages.success(request, _("Linked."))
    return leave_for(request, reverse("admin:desk-complaint", args=[complaint.number]))


def _items(user: User, complaint: Complaint) -> dict[str, list[Improvement]]:
    """What it is linked to, and what it could be: items of the same category or reason first."""
    linked = list(items_of(complaint))
    codes = {complaint.category.code, complaint.reason_code}
    offered = [item for item in open_items_for(user)[:MOST_OFFERED] if item not in linked]
    return {"linked": linked, "offered": sorted(offered, key=lambda item: not {item.category, item.reason} & codes)}
