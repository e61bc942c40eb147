"""The pages of spikes: who sees what, the sentence, the acts and their errors."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from analytics.models import Arrival, Spike
from tests.analytics.spikes.builders import NOW, arrive
from tests.factories import make_category, make_complaint, make_merchant, make_team, make_user

pytestmark = pytest.mark.django_db
LIST = "/admin/reports/spikes/"
_numbers = iter(range(1, 10_000))


def make_spike(**overrides) -> Spike:
    figures = {"count": 37, "median": 9, "phi": 1.2, "z": 5.6, "history": [[NOW.isoformat(), 9]] * 8}
    latest = {"latest_until": NOW, "latest_count": 37, "latest_z": 5.6, "until": NOW, "found_at": NOW, "due_at": NOW}
    fields = {"kind": "category", "code": f"logistics.c{next(_numbers)}", "team": make_team(), **figures, **latest, **overrides}
    return Spike.objects.create(**fields)


@pytest.fixture
def lead(client):
    user = make_user("lead")
    client.force_login(user)
    return user


def asked(spike: Spike, **more) -> dict:
    return {"expected_version": spike.version, "request_id": "r1", **more}


def text(answer) -> str:
    return answer.content.decode()


def test_a_lead_sees_the_spikes_of_the_own_team_only(client, lead):
    own, foreign = make_spike(), make_spike(team=make_team("refunds"))

    page = text(client.get(LIST))

    assert (own.code in page, foreign.code in page) == (True, False)
    assert client.get(f"{LIST}{foreign.pk}/").status_code == 404


def test_a_manager_of_one_shop_of_two_sees_no_figures_of_both(client):
    own, other = make_merchant(), make_merchant("other")
    client.force_login(make_user("manager", shops=[own]))
    house, mine, theirs = (make_spike(team=None, **more) for more in ({}, place(own), place(other)))

    found = [client.get(f"{LIST}{spike.pk}/").status_code for spike in (house, mine, theirs)]

    assert found == [404, 200, 404]


def place(shop) -> dict:
    return {"cross": "merchant", "value": str(shop.pk), "merchant": shop}


def test_who_manages_every_shop_sees_the_house(client):
    client.force_login(make_user("manager", shops=[make_merchant()]))

    assert client.get(f"{LIST}{make_spike(team=None).pk}/").status_code == 200


def test_an_agent_sees_none(client):
    client.force_login(make_user("agent"))

    assert client.get(LIST).status_code == 403


def test_the_page_says_how_many_and_how_many_that_usually_are(client, lead):
    page = text(client.get(f"{LIST}{make_spike().pk}/"))

    assert "过去 24 小时 37 件" in page
    assert "往期同时段（8 期）中位 9 件" in page


def test_what_nobody_has_looked_at_comes_first(client, lead):
    looked_at = make_spike(state="acknowledged", found_at=timezone.now())
    waiting = make_spike()

    page = text(client.get(LIST))

    assert page.index(waiting.code) < page.index(looked_at.code)


def test_the_link_says_how_many_nobody_has_looked_at(client, lead):
    make_spike(), make_spike(), make_spike(state="acknowledged"), make_spike(team=make_team("refunds"))

    assert '异常 <span class="count">2</span>' in text(client.get("/admin/reports/improvements/"))


@pytest.mark.parametrize(("weeks", "is_said"), [(2, True), (8, False)])
def test_a_house_that_is_too_young_says_so(client, lead, weeks, is_said):
    arrive(1, at=timezone.now() - timedelta(weeks=weeks, days=2))

    assert ("历史不足" in text(client.get(LIST))) is is_said


def test_what_is_folded_is_on_the_page_of_what_explains_it(client, lead):
    head = make_spike(cross="sku", value="TEA1")
    folded = make_spike(folded_under=head)

    assert folded.code not in text(client.get(LIST))
    assert folded.code in text(client.get(f"{LIST}{head.pk}/"))


def test_a_page_with_three_spikes_asks_as_often_as_one_with_one(client, lead):
    make_spike()
    client.get(LIST)
    with CaptureQueriesContext(connection) as one:
        client.get(LIST)
    make_spike(), make_spike()

    with CaptureQueriesContext(connection) as three:
        client.get(LIST)

    assert len(three) == len(one)


def test_looking_into_it_is_one_press(client, lead):
    spike = make_spike()

    answer = client.post(f"{LIST}{spike.pk}/acknowledge/", asked(spike))

    assert (answer.status_code, Spike.objects.get().state) == (303, "acknowledged")


def test_an_explanation_without_words_says_so_at_its_field(client, lead):
    spike = make_spike()

    answer = client.post(f"{LIST}{spike.pk}/explain/", asked(spike, cause="known"))

    assert answer.status_code == 422
    assert 'id="id_explanation-error"' in text(answer)


def test_an_item_that_takes_care_of_it_has_to_be_chosen(client, lead):
    spike = make_spike()

    answer = client.post(f"{LIST}{spike.pk}/explain/", asked(spike, cause="improvement", explanation="换内衬"))

    assert answer.status_code == 422
    assert 'id="id_improvement-error"' in text(answer)


def test_explained_and_closed_with_what_is_folded_under_it(client, lead):
    spike = make_spike(cross="sku", value="TEA1")
    make_spike(folded_under=spike)
    client.post(f"{LIST}{spike.pk}/explain/", asked(spike, cause="known", explanation="台风"))

    client.post(f"{LIST}{spike.pk}/close/", {"expected_version": 2, "request_id": "r2"})

    assert set(Spike.objects.values_list("state", "explanation")) == {("closed", "台风")}


def test_what_somebody_has_changed_meanwhile_is_not_written_over(client, lead):
    spike = make_spike()
    client.post(f"{LIST}{spike.pk}/acknowledge/", asked(spike))

    answer = client.post(f"{LIST}{spike.pk}/explain/", {"expected_version": 1, "request_id": "r2", "cause": "known", "explanation": "x"})

    assert (answer.status_code, Spike.objects.get().state) == (409, "acknowledged")


def test_its_complaints_are_those_that_the_reader_may_see(client, lead):
    seen, foreign = make_complaint(), make_complaint(category=make_category("refund.late", team=make_team("refunds")))
    now = timezone.now()
    spike = make_spike(code="logistics.stalled", latest_until=now)
    columns = {"category": "logistics.stalled", "arrived": 1, "day": timezone.localdate(), "at": now - timedelta(minutes=1)}
    Arrival.objects.bulk_create([Arrival(root_id=complaint.pk, **columns) for complaint in (seen, foreign)])

    page = text(client.get(f"{LIST}{spike.pk}/"))

    assert (seen.number in page, foreign.number in page) == (True, False)
