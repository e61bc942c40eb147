"""Finding complaints by what people have in their hands: a number, an order, a waybill, a phone, an e-mail; else by words. Indexes only."""

import re

from django.db.models import QuerySet
from django.http import HttpResponseRedirect
from django.shortcuts import render

from accounts.models import User
from complaints import access
from complaints.desk import presence
from complaints.desk.doors import desk_view, new_request_id
from complaints.desk.places import address_of, place_of
from complaints.desk.queues import COLUMNS, extras
from complaints.desk.rows import draw_rows
from complaints.models import Complaint
from complaints.numbers import parse_number
from complaints.search.finding import with_words
from foundation.crypto import blind_index
from knowledge.search.text import IS_HAN
from orders import access as order_access
from ui.normalise import normalise_phone

LONGEST_QUERY = 80
MOST = 30
SHORTEST_PHONE = 7
SHORTEST, SHORTEST_HAN = 4, 2
FEW_TEAMS = 2
MAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


@desk_view()
def show_search(request):
    asked = request.GET.get("q", "").replace("\x00", "").strip()[:LONGEST_QUERY]
    found = (
        list(find_complaints(request.user, asked).select_related("customer").only(*COLUMNS).annotate(**extras(request.user.pk)))
        if asked
        else []
    )
    if len(found) == 1:
        return HttpResponseRedirect(address_of(found[0].number))
    rows = draw_rows(found, user=request.user, presence=presence.who_is_where(but=request.user.pk))
    context = {"q": asked, "rows": rows, "place": place_of(request), "request_id": new_request_id(), "page": None}
    return render(request, "complaints/desk/search.html", context)


def find_complaints(user: User, text: str) -> QuerySet[Complaint]:
    """Visible complaints that a text names, or in which all its words stand, newest first."""
    visible = access.visible_to(user)
    number = parse_number(text)
    if number:
        return visible.filter(number=number)
    orders = [order.pk for order in order_access.find_orders(order_access.visible_to(user), text)]
    named = [visible.filter(order__in=orders)] if orders else []
    contacts = _contacts(text)
    named += [visible.filter(**{column: index}) for column, index in contacts]
    worded = [] if contacts else [with_words(part, text) for part in parts_visible_to(user)]
    named += [rows for rows in worded if rows is not None]
    ids = [rows.order_by("-filed_at").values("pk")[:MOST] for rows in named]
    if not ids:
        return visible.none()
    found = ids[0].union(*ids[1:], all=True) if ids[1:] else ids[0]
    return visible.filter(pk__in=found).order_by("-filed_at")[:MOST]


def parts_visible_to(user: User) -> list[QuerySet[Complaint]]:
    """What somebody may see, in parts of which an index gives the newest first; as one where there would be many of them."""
    reach = access.reach_of(user)
    visible = access.visible_within(reach)
    if reach is None or reach.shops is not None or len(reach.teams) > FEW_TEAMS:
        return [visible]
    return [*(visible.filter(team=team) for team in reach.teams), visible.filter(assignee=user)]


def is_enough(text: str) -> bool:
    """Whether what was typed so far is worth a look: two Chinese characters say as much as four letters."""
    return len(text) >= SHORTEST or len(IS_HAN.findall(text)) >= SHORTEST_HAN


def _contacts(text: str) -> list[tuple[str, str]]:
    if MAIL.fullmatch(text):
        return [("contact_email_index", blind_index(text.lower(), purpose="email"))]
    phone = normalise_phone(text)
    return [("contact_phone_index", blind_index(phone, purpose="phone"))] if len(phone) >= SHORTEST_PHONE and phone.isdigit() else []
