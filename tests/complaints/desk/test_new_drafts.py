"""A lost tab loses nothing: what was typed for a customer is offered again until it is filed, thrown away or too old."""

from datetime import timedelta

import pytest
from django.utils import timezone

from complaints.desk.new_drafts import MOST, typed_before
from complaints.intake.catalogue import forget_catalogue
from complaints.models import Complaint, Draft
from tests.factories import make_category, make_complaint, make_merchant, make_order, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _offer(db):
    make_merchant()
    make_category()
    forget_catalogue()
    yield
    forget_catalogue()


def typed(page: str = "p1", **more) -> dict:
    words = {"channel": "chat", "category": "logistics.stalled", "wish": "reship", "description": "包裹不动了", "language": "en"}
    return words | {"phone": "13900001111", "request_id": "n1", "page": page} | more


def offered_on(page) -> list[str]:
    return [offer.page for offer, _category in page.context["offers"]]


def go_on(desk, url, page: str = "p1"):
    return desk.post(url("new"), {"step": "resume", "page": page})


def test_what_was_typed_is_offered_and_comes_back_whole(desk, url):
    order = make_order(lines=2)
    chosen = str(order.lines.last().pk)
    saved = desk.post(url("new-draft"), typed(about=f"order:{order.pk}", lines=[chosen], q="QH404"))

    offered = desk.get(url("new"))
    page = go_on(desk, url)

    assert (saved.status_code, offered_on(offered)) == (204, ["p1"])
    assert "包裹不动了" not in offered.content.decode() and "还没提交： 物流无更新 · " in " ".join(offered.content.decode().split())
    form = page.context["form"]
    values = {name: form[name].value() for name in ("channel", "category", "wish", "description", "language", "phone", "about", "lines")}
    assert values == {name: value for name, value in typed(about=f"order:{order.pk}", lines=[chosen]).items() if name in values}
    assert (page.status_code, page.context["asked"], page.context["page"]) == (200, "QH404", "p1")


def test_going_on_is_a_new_try_to_file(desk, url):
    desk.post(url("new"), typed(page="p0", step="file"))
    desk.post(url("new-draft"), typed())

    page = go_on(desk, url)
    desk.post(url("new"), typed(step="anyway", request_id=page.context["request_id"]))

    assert page.context["request_id"] != "n1" and Complaint.objects.count() == 2


def test_what_was_filed_is_not_offered_again(desk, url):
    desk.post(url("new-draft"), typed())
    desk.post(url("new-draft"), typed(page="p2", description="另一位客户"))

    desk.post(url("new"), typed(step="file"))

    assert offered_on(desk.get(url("new"))) == ["p2"]


def test_what_could_not_be_filed_stays(desk, url):
    desk.post(url("new-draft"), typed())

    desk.post(url("new"), typed(step="file", category=""))

    assert offered_on(desk.get(url("new"))) == ["p1"]


def test_what_is_thrown_away_is_gone_and_the_page_begins_anew(desk, url):
    desk.post(url("new-draft"), typed())

    desk.post(url("new-draft"), typed(page="p2"))

    answer = desk.post(url("new"), {"step": "forget", "page": "p1"})

    assert (answer.status_code, answer["Location"]) == (303, url("new"))
    assert offered_on(desk.get(url("new"))) == ["p2"]


def test_going_on_beside_a_complaint_is_still_beside_it(desk, url):
    beside = make_complaint(order=make_order())
    desk.post(url("new-draft"), typed(beside=beside.number))

    assert go_on(desk, url).context["subject"].beside == beside


def test_a_page_on_which_everything_was_deleted_is_not_offered(desk, url):
    desk.post(url("new-draft"), typed())

    desk.post(url("new-draft"), typed(category="", description=" ", phone="", shop="1"))

    assert not Draft.objects.exists()


def test_only_the_newest_pages_are_kept(desk, agent, url):
    for number in range(MOST + 2):
        desk.post(url("new-draft"), typed(page=f"p{number}"))

    assert [kept.page for kept in typed_before(agent)] == ["p4", "p3", "p2"]


def test_nobody_else_is_offered_it_and_the_table_holds_it_sealed(desk, agent, url):
    desk.post(url("new-draft"), typed())

    kept = str(Draft.objects.get().answers)
    desk.login_as(make_user(shops=[make_merchant()]))

    assert "13900001111" not in kept and "\\u5305" not in kept and "包裹" not in kept
    assert desk.get(url("new")).context["offers"] == []
    assert go_on(desk, url).context["form"]["description"].value() is None


def test_it_is_not_offered_past_its_time(desk, agent, url):
    desk.post(url("new-draft"), typed())
    Draft.objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert typed_before(agent) == []


def test_a_key_that_is_gone_costs_the_offer_only(desk, agent, url):
    desk.post(url("new-draft"), typed())
    row = Draft.objects.get()
    row.answers["p1"]["typed"] = "AAAA"
    row.save()

    assert desk.get(url("new")).context["offers"] == []


@pytest.mark.parametrize("odd", [{"page": ""}, {"page": "p" * 33}, {"description": "长" * 50_000}])
def test_what_no_page_sends_is_not_kept(desk, url, odd):
    assert desk.post(url("new-draft"), typed(**odd)).status_code == 204
    assert not Draft.objects.exists()


def test_a_page_that_nobody_kept_is_an_empty_one(desk, url):
    page = go_on(desk, url, "gone")

    assert page.status_code == 200 and page.context["form"]["description"].value() is None
