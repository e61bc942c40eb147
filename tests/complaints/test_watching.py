"""Following a complaint without working on it."""

import pytest

from complaints.access import reach_of, watched_by
from complaints.services import merge_complaints, set_category, unmerge_complaint, unwatch_complaint, watch_complaint
from foundation.exceptions import NotAllowedError
from tests.complaints.builders import codes, fresh, kinds
from tests.factories import make_category, make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db


def test_watching_is_recorded_and_can_be_ended():
    agent, complaint = make_user(), make_complaint()

    watch_complaint(complaint, by=agent)
    watched = list(watched_by(reach_of(agent)))
    unwatch_complaint(complaint, by=agent)

    assert (watched, list(watched_by(reach_of(agent)))) == ([complaint], [])
    assert codes(complaint, "watchers.set") == {"added": [], "removed": [agent.pk]}


def test_watching_twice_is_watching_once():
    agent, complaint = make_user(), make_complaint()

    watch_complaint(complaint, by=agent, request_id="w1")
    watch_complaint(complaint, by=agent, request_id="w1")
    watch_complaint(complaint, by=agent, request_id="w2")

    assert (fresh(complaint).watcher_ids, kinds(complaint).count("watchers.set")) == ([agent.pk], 1)


def test_watching_leaves_what_others_have_open_as_it_is():
    complaint = make_complaint()

    watch_complaint(complaint, by=make_user())

    assert fresh(complaint).version == complaint.version


def test_nobody_watches_what_they_cannot_see():
    stranger = make_user(teams=[make_team("quality")])

    with pytest.raises(NotAllowedError):
        watch_complaint(make_complaint(), by=stranger)


def test_what_leaves_ones_sight_leaves_the_view():
    agent, complaint = make_user(), make_complaint()
    watch_complaint(complaint, by=agent)

    set_category(complaint, category=make_category("service.attitude", team=make_team("quality")), by=agent, expected_version=None)

    assert list(watched_by(reach_of(agent))) == []


def test_watchers_add_up_in_a_merge_and_part_again():
    one, other = make_user(), make_user()
    child, survivor = make_complaint(), make_complaint()
    watch_complaint(child, by=one)
    watch_complaint(survivor, by=other)

    merge_complaints(child, into=survivor, by=one, expected_version=None)
    joined = fresh(survivor).watcher_ids
    unmerge_complaint(child, by=one, expected_version=None)

    assert joined == sorted([one.pk, other.pk])
    assert [fresh(each).watcher_ids for each in (child, survivor)] == [[one.pk], [other.pk]]
