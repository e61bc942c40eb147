"""The wallboard: every figure is the length of the list that it opens, and what must be done can be done beside it."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Presence
from complaints.desk.board import Board, teams_led
from complaints.desk.filters import Filter
from complaints.desk.people import read_people
from complaints.desk.queues import KNOWN, WALL_QUEUES, count_queues, page_of, queues_for
from complaints.desk.scope import Scope
from complaints.desk.tiles import COUNTED, read_figures, tiles_of
from complaints.models import AgentLoad, ChatSession, Complaint
from tests.complaints.assignment.builders import make_agent
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def due_in(minutes: float, status: str = "open", **overrides) -> Complaint:
    """A complaint whose nearest deadline is so many minutes away."""
    complaint = make_complaint(status, **overrides)
    Complaint.objects.filter(pk=complaint.pk).update(due_at=timezone.now() + timedelta(minutes=minutes))
    return complaint


def make_chat(*, state: str = "queued", waited: int = 30, agent=None, **overrides) -> ChatSession:
    """A customer in a chat who has waited for so many seconds."""
    complaint = make_complaint(channel="chat", **overrides)
    contact, queued_at = complaint.contacts.get(), timezone.now() - timedelta(seconds=waited)
    return ChatSession.objects.create(complaint=complaint, contact=contact, state=state, agent=agent, queued_at=queued_at)


def board(user) -> Board:
    scope = Scope(user)
    return Board(scope, teams_led(scope))


def tiles(user) -> dict:
    own = board(user)
    return {tile.key: tile for tile in tiles_of(read_figures(own, read_people(own.team_ids), at=timezone.now()), own)}


def fill() -> None:
    """Something under every figure, and beside it what does not belong there."""
    for minutes in (-90, -1, 10, 20, 45, 200):
        due_in(minutes)
    due_in(-5, "waiting_customer")
    due_in(5, "resolved")
    make_chat()
    make_chat(state="offered", agent=make_agent())
    make_chat(state="ended")
    make_complaint("resolved")
    Complaint.objects.filter(pk=make_complaint("resolved").pk).update(resolved_at=timezone.now() - timedelta(hours=2))
    Complaint.objects.filter(pk=make_complaint().pk).update(filed_at=timezone.now() - timedelta(hours=2))
    other = make_team("refunds", name_zh="退款组", name_en="Refunds")
    Complaint.objects.filter(pk=due_in(-10).pk).update(team=other)


@pytest.mark.parametrize("role", ["lead", "manager"])
def test_every_figure_is_the_length_of_the_list_that_it_opens(role, client, lead):
    fill()
    user = lead if role == "lead" else make_user("manager", shops=[lead.merchant_memberships.get().merchant])
    client.force_login(user, backend="accounts.backends.StaffBackend")

    shown = tiles(user)
    figures = [(tile.value, tile.url) for key, tile in shown.items() if key != "people"]
    figures += [(part.value, part.url) for key, tile in shown.items() if key != "people" for part in tile.parts]

    assert {tile.key: int(tile.value) for tile in shown.values()} | {"people": 0} != dict.fromkeys(shown, 0)
    assert [int(value) for value, _url in figures] == [rows_on(client, url) for _value, url in figures]


def rows_on(client, url: str) -> int:
    return client.get(url).content.decode().count("data-nav-item")


def test_the_figures_are_these(lead):
    fill()

    shown = tiles(lead)

    assert shown["overdue"].value == "2"
    assert [shown["due"].value, *(part.value for part in shown["due"].parts)] == ["1", "2", "3"]
    assert shown["chats"].value == "2"
    assert shown["flow"].parts[0].value == "2"


def test_no_figure_counts_what_waits_for_the_customer(lead):
    due_in(-5, "waiting_customer")
    due_in(5, "snoozed")

    shown = tiles(lead)

    assert (shown["overdue"].value, shown["due"].value) == ("0", "0")


def test_each_list_of_the_wall_is_counted_and_read_alike(lead):
    fill()
    scope = Scope(lead)

    counts = count_queues([(KNOWN[key], Filter()) for key in WALL_QUEUES], scope)

    assert counts == [len(page_of(queue, Filter(), scope).rows) for queue in WALL_QUEUES.values()]
    assert counts == [len(page_of(queue, Filter(chosen={"team": ("logistics",)}), scope).rows) for queue in WALL_QUEUES.values()]


def test_the_lists_of_the_wall_stand_in_no_menu(lead):
    assert WALL_QUEUES.keys() & {queue.key for queue in queues_for(lead)} == set()


def test_a_lead_of_one_team_who_works_in_another_sees_figures_of_their_own(lead):
    other = make_team("refunds", name_zh="退款组", name_en="Refunds")
    other.memberships.create(user=lead)
    mine, theirs = due_in(-10), due_in(-10)
    Complaint.objects.filter(pk=theirs.pk).update(team=other)

    own = board(lead)

    assert [team.code for team in own.teams] == ["logistics"]
    assert [row.pk for row in page_of(KNOWN["overdue"], own.filter, own.scope).rows] == [mine.pk]


@pytest.mark.parametrize(("waited", "level"), [(0, "calm"), (59, "calm"), (61, "soon"), (179, "soon"), (181, "now")])
def test_a_chat_that_waits_turns_amber_after_one_minute_and_red_after_three(waited, level, lead):
    make_chat(waited=waited)

    assert tiles(lead)["chats"].level == level


@pytest.mark.parametrize(("minutes", "level"), [(14, "now"), (29, "soon"), (31, "calm")])
def test_what_is_due_turns_amber_and_red(minutes, level, lead):
    due_in(minutes)

    assert tiles(lead)["due"].level == level


def test_people_are_free_full_away_or_offline(lead):
    free, full = make_agent(name="甲"), make_agent(name="乙", used=96)
    make_agent(name="丙", state="away")
    make_agent(name="丁", silent_for=90)
    make_agent(name="戊", state="offline")

    people = {person.name: person.state for person in read_people([make_team().pk])}

    assert people == {free.name: "free", full.name: "busy", "丙": "away", "丁": "away", "戊": "offline", lead.name: "offline"}


def test_nobody_free_is_red_and_a_load_of_four_fifths_amber(lead):
    agent = make_agent(used=81)
    assert tiles(lead)["people"].level == "soon"

    AgentLoad.objects.filter(user=agent).update(used=100)
    assert tiles(lead)["people"].level == "now"


def test_the_board_asks_as_much_for_many_as_for_few(client, lead):
    client.force_login(lead, backend="accounts.backends.StaffBackend")
    fill()
    few = asked(client)
    for _time in range(3):
        fill()
        make_agent()

    assert asked(client) == few


def asked(client) -> int:
    client.get("/admin/desk/wall/")
    with CaptureQueriesContext(connection) as queries:
        assert client.get("/admin/desk/wall/").status_code == 200
    return len(queries)


def test_only_leads_have_a_wall(desk, url):
    assert desk.get(url("wall")).status_code == 403


def test_a_lead_without_a_team_is_told_how_to_get_one(client):
    client.force_login(make_user("lead", teams=[]), backend="accounts.backends.StaffBackend")

    page = client.get("/admin/desk/wall/").content.decode()

    assert "data-wall" not in page and "empty__title" in page


def test_nothing_to_act_on_says_that_all_is_in_time(desk, url, lead):
    desk.login_as(lead)

    assert "empty__title" in desk.get(url("wall")).content.decode()


def test_a_screen_on_the_wall_shows_names_only_when_asked(desk, url, lead):
    desk.login_as(lead)
    make_agent(name="陈一一")

    assert "陈一一" not in desk.get(url("wall"), {"tv": 1}).content.decode()
    assert "陈一一" in desk.get(url("wall"), {"tv": 1, "names": 1}).content.decode()
    assert "陈一一" in desk.get(url("wall")).content.decode()


def test_a_screen_on_the_wall_says_nothing_of_any_customer(desk, url, lead):
    desk.login_as(lead)
    complaint = due_in(-10)

    page = desk.get(url("wall"), {"tv": 1, "names": 1}).content.decode()

    assert complaint.number not in page and complaint.subject not in page


def test_the_board_asks_again_for_what_it_shows(desk, url, lead):
    desk.login_as(lead)

    part = desk.get(url("wall"), {"tv": 1, "team": "logistics"}, HTTP_HX_REQUEST="true").content.decode()

    assert "<html" not in part
    assert 'hx-get="/admin/desk/wall/?team=logistics&amp;tv=1"' in part
    assert f"live:queue-{make_team().pk} from:body" in part and "live:chats from:body" in part


def test_a_board_that_is_held_still_does_not_ask_again(desk, url, lead):
    desk.login_as(lead)

    page = desk.get(url("wall"), {"still": 1}).content.decode()

    assert re.search(r'id="wall"[^>]*hx-get', page) is None


def test_a_complaint_is_handed_over_from_the_board(desk, url, lead):
    desk.login_as(lead)
    complaint, taker = due_in(-10), make_agent()

    answer = desk.post(url("wall-act", complaint.number) + "?team=logistics", act_on(complaint, act="assign", to=taker.pk))

    assert (answer.status_code, answer["Location"]) == (303, "/admin/desk/wall/?team=logistics")
    assert Complaint.objects.get(pk=complaint.pk).assignee == taker


def test_a_complaint_is_made_more_urgent_once_for_two_presses(desk, url, lead):
    desk.login_as(lead)
    complaint = due_in(-10)

    for _time in range(2):
        desk.post(url("wall-act", complaint.number), act_on(complaint, act="raise"))

    assert Complaint.objects.get(pk=complaint.pk).priority == complaint.priority + 1


def act_on(complaint: Complaint, **answers) -> dict:
    return {"expected_version": Complaint.objects.get(pk=complaint.pk).version, "request_id": "r1", **answers}


def test_a_stale_act_is_refused(desk, url, lead):
    desk.login_as(lead)
    complaint = due_in(-10)

    answer = desk.post(url("wall-act", complaint.number), act_on(complaint, act="raise") | {"expected_version": 0})

    assert answer.status_code == 409


def test_an_agent_cannot_act_from_the_board(desk, url):
    complaint = due_in(-10)

    assert desk.post(url("wall-act", complaint.number), act_on(complaint, act="raise")).status_code == 403


def test_somebody_away_is_asked_back(desk, url, lead):
    desk.login_as(lead)
    away = make_agent(state="away")

    answer = desk.post(url("wall-call", away.pk))

    assert answer.status_code == 303
    assert Presence.objects.get(user=away).called_by == lead


def test_nobody_of_another_team_is_asked_back(desk, url, lead):
    desk.login_as(lead)
    stranger = make_agent(state="away", teams=[make_team("refunds", name_zh="退款组", name_en="Refunds")])

    assert desk.post(url("wall-call", stranger.pk)).status_code == 404
    assert Presence.objects.get(user=stranger).called_at is None


def test_every_figure_that_is_counted_is_shown(lead):
    urls = [tile.url for tile in tiles(lead).values()] + [part.url for tile in tiles(lead).values() for part in tile.parts]

    assert {key for key in COUNTED if any(f"view={key}" in url for url in urls)} == set(COUNTED)
