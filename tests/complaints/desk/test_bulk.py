"""Many complaints at once: preview, doing, partial failure, undo."""

import pytest

from complaints.models import Complaint, Macro
from complaints.services import assign_complaint, set_priority
from tests.factories import make_category, make_complaint, make_order, make_team, make_user

pytestmark = pytest.mark.django_db


def ticked(*complaints) -> list[str]:
    return [f"{complaint.pk}:{complaint.version}" for complaint in complaints]


def priorities(*complaints) -> list[int]:
    return [Complaint.objects.get(pk=complaint.pk).priority for complaint in complaints]


def apply(desk, url, act, value, *complaints):
    return desk.post(url("bulk-apply"), {"act": act, "value": value, "selected": ticked(*complaints), "request_id": "b1"})


def test_the_preview_names_every_complaint_and_changes_nothing(desk, url):
    first, second = make_complaint(), make_complaint()

    page = desk.post(url("bulk"), {"act": "priority", "selected": ticked(first, second)})

    assert first.number in page.content.decode() and second.number in page.content.decode()
    assert priorities(first, second) == [1, 1]


@pytest.mark.parametrize("act", ["assign", "tag", "priority", "macro", "merge"])
def test_the_preview_says_what_each_complaint_has_now(desk, lead, url, act):
    desk.login_as(lead)
    rows = [make_complaint(order=make_order()), make_complaint(priority=0)]

    shown = desk.post(url("bulk"), {"act": act, "selected": ticked(*rows)}).context["selected"]

    assert len(shown) == 2 and all(before for _complaint, before in shown)


def test_the_preview_of_joining_shows_order_and_assignee(desk, agent, url):
    twin = make_complaint(order=make_order())
    assign_complaint(twin, to=agent, by=None, expected_version=None)
    twin.refresh_from_db()

    shown = desk.post(url("bulk"), {"act": "merge", "selected": ticked(twin, make_complaint())}).context["selected"]

    assert {before for _complaint, before in shown} == {f"{twin.order.number} · {agent.name}", "待匹配 · 无人"}


def test_priority_is_set_on_all_and_taken_back(desk, url):
    first, second = make_complaint(), make_complaint(priority=0)

    done = apply(desk, url, "priority", "3", first, second)
    raised = priorities(first, second)
    desk.post(url("bulk-undo"))

    assert done.status_code == 303 and raised == [3, 3] and priorities(first, second) == [1, 0]


def test_the_list_offers_the_undo_for_ten_seconds(desk, url, monkeypatch):
    first = make_complaint()
    apply(desk, url, "priority", "3", first)

    assert url("bulk-undo") in desk.get(url("queue")).content.decode()
    monkeypatch.setattr("complaints.desk.bulk.time.time", lambda: 4_000_000_000.0)
    assert url("bulk-undo") not in desk.get(url("queue")).content.decode()
    desk.post(url("bulk-undo"))
    assert priorities(first) == [3]


def test_undo_leaves_what_somebody_changed_since(desk, url):
    first, second = make_complaint(), make_complaint()
    apply(desk, url, "priority", "3", first, second)
    set_priority(first, priority=2, by=make_user(), expected_version=None)

    desk.post(url("bulk-undo"))

    assert priorities(first, second) == [2, 1]


def test_a_tag_is_added_beside_those_that_are_there(desk, url):
    first = make_complaint()
    apply(desk, url, "tag", "大促", first)
    first.refresh_from_db()
    apply_again = desk.post(url("bulk-apply"), {"act": "tag", "value": "补发", "selected": ticked(first), "request_id": "b2"})

    assert apply_again.status_code == 303
    assert sorted(tag.name for tag in first.tags.all()) == sorted(["大促", "补发"])


def test_one_that_changed_meanwhile_is_named_and_the_others_are_done(desk, url):
    stale, fine = make_complaint(), make_complaint()
    old = ticked(stale)
    set_priority(stale, priority=2, by=make_user(), expected_version=None)

    desk.post(url("bulk-apply"), {"act": "priority", "value": "3", "selected": [*old, *ticked(fine)], "request_id": "b1"})

    assert priorities(stale, fine) == [2, 3]
    assert stale.number in desk.get(url("queue")).content.decode()


def test_complaints_of_other_teams_are_left_out(desk, url):
    foreign = make_complaint(category=make_category("service.attitude", team=make_team("quality")))
    mine = make_complaint()

    apply(desk, url, "priority", "3", foreign, mine)

    assert priorities(foreign, mine) == [1, 3]


def test_an_agent_cannot_assign_in_bulk(desk, agent, url):
    assert apply(desk, url, "assign", agent.pk, make_complaint()).status_code == 403


def test_a_lead_assigns_in_bulk_and_takes_it_back(desk, lead, agent, url):
    first, second = make_complaint(), make_complaint()
    desk.login_as(lead)

    apply(desk, url, "assign", agent.pk, first, second)
    given = [Complaint.objects.get(pk=each.pk).assignee for each in (first, second)]
    desk.post(url("bulk-undo"))

    assert given == [agent, agent]
    assert [Complaint.objects.get(pk=each.pk).assignee for each in (first, second)] == [None, None]


def test_somebody_of_another_team_is_no_choice(desk, lead, url):
    desk.login_as(lead)
    stranger = make_user(teams=[make_team("quality")])

    assert apply(desk, url, "assign", stranger.pk, make_complaint()).status_code == 422


def test_complaints_are_merged_into_the_chosen_one(desk, url):
    order = make_order()
    twin, other = make_complaint(order=order), make_complaint(order=order)

    apply(desk, url, "merge", twin.pk, twin, other)
    joined = Complaint.objects.get(pk=other.pk).merged_into
    desk.post(url("bulk-undo"))

    assert joined == twin and Complaint.objects.get(pk=twin.pk).merged_into is None
    assert Complaint.objects.get(pk=other.pk).merged_into is None


def test_a_macro_answers_each_customer_and_can_be_taken_back(desk, url):
    Macro.objects.create(code="urge", name_zh="催件", name_en="Chase", body_zh="{customer}，已为您加急。", body_en="Chased", actions=[])
    first, second = make_complaint(), make_complaint()

    apply(desk, url, "macro", "urge", first, second)
    sent = [each.messages.get(author_kind="human").body for each in (first, second)]
    desk.post(url("bulk-undo"))

    assert sent == ["李小满，已为您加急。"] * 2
    assert all(each.messages.get(author_kind="human").retracted_at for each in (first, second))


def test_a_macro_with_an_open_name_is_not_sent(desk, url):
    Macro.objects.create(code="urge", name_zh="催件", name_en="Chase", body_zh="单号 {waybill}", body_en="x", actions=[])
    first = make_complaint()

    apply(desk, url, "macro", "urge", first)

    assert not first.messages.filter(author_kind="human").exists()


@pytest.mark.parametrize("selected", [[], ["x"], ["1"], ["999999:1"], ["abc:def"], ["-1:1"]])
def test_nothing_selected_changes_nothing(desk, url, selected):
    complaint = make_complaint()

    preview = desk.post(url("bulk"), {"act": "priority", "selected": selected})
    done = desk.post(url("bulk-apply"), {"act": "priority", "value": "3", "selected": selected})

    assert preview.status_code == 303 and done.status_code == 422 and priorities(complaint) == [1]


def test_an_unknown_act_is_not_found(desk, url):
    assert desk.post(url("bulk"), {"act": "delete", "selected": ticked(make_complaint())}).status_code == 404


def test_a_value_that_is_no_choice_is_asked_for_again(desk, url):
    assert apply(desk, url, "priority", "7", make_complaint()).status_code == 422
