"""Solved without a complaint: from what browsers do in the help centre and in the portal to the figure, its lists and a rebuild."""

import random
from collections import namedtuple
from datetime import date, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analytics.ledger.months import verify_month
from analytics.ledger.rebuilding import fill_copy, rebuild, verify
from analytics.metrics.asking import ask, ask_split
from analytics.metrics.questions import Span
from analytics.metrics.registry import metric
from analytics.models import Arrival, Reading
from complaints.intake.catalogue import forget_catalogue
from complaints.intake.defaults import load_catalogue_defaults
from complaints.models import Complaint
from knowledge.models import ReadingSession
from orders.models import Merchant
from tests.analytics.builders import fill
from tests.analytics.ledger.house import digests, empty_ledger
from tests.complaints.portal.journey import answer_problem, file_one
from tests.factories import make_customer, make_order, make_user
from tests.knowledge.builders import make_article

pytestmark = pytest.mark.django_db
SCRIPT = {"HX-Request": "true"}
DAY = date(2026, 3, 2)
HOUR, LATER = 3600, 72 * 3600


@pytest.fixture(autouse=True)
def shop(db):
    load_catalogue_defaults()
    forget_catalogue()
    yield
    forget_catalogue()


@pytest.fixture
def clock(shop):
    with time_machine.travel("2026-03-02T10:00:00+08:00", tick=False) as clock:
        make_article("one", category_code="logistics.stalled")
        make_article("two")
        yield clock


@pytest.fixture
def browsers():
    return [Client(REMOTE_ADDR=f"2001:db8:{random.getrandbits(16):x}:{number}::9") for number in range(4)]


def helped(browser) -> None:
    browser.post("/help/one/read/")
    browser.post("/help/one/vote/", {"helpful": "yes"}, headers=SCRIPT)


def figure():
    fill()
    return ask(metric("selfserve"), Span(DAY, DAY), as_of=timezone.now())


def counts(found) -> tuple[int, int, int, int]:
    return found.num, found.den, int(found.beside["helped"].value), int(found.beside["came_back"].value)


def test_whoever_was_helped_and_files_nothing_was_served_by_the_help_centre(clock, browsers):
    helped(browsers[0])
    helped(browsers[1])
    browsers[2].post("/help/two/read/")
    clock.shift(HOUR)
    file_one(browsers[1])
    clock.shift(LATER)

    assert counts(figure()) == (1, 3, 2, 1)


def test_a_complaint_after_a_day_is_another_matter(clock, browsers):
    helped(browsers[0])
    clock.shift(24 * HOUR + 1)
    file_one(browsers[0])
    clock.shift(LATER)

    assert counts(figure()) == (1, 1, 1, 0)


def test_asking_for_a_person_is_coming_back(clock, browsers):
    helped(browsers[0])
    browsers[0].post("/human/", {"description": "包裹没到", "request_id": "page"})
    clock.shift(LATER)

    assert Complaint.objects.exists()
    assert counts(figure()) == (0, 1, 1, 1)


def test_telling_more_to_a_complaint_that_is_there_is_coming_back(clock, browsers):
    order = make_order(customer=make_customer(phone="13800000001"), number="A20251114001", receiver_phone="13800000001", status="delivered")
    about = {"order_text": order.number, "phone": "13800000001"}
    number = file_one(browsers[0], problem=about).number
    helped(browsers[1])
    answer_problem(browsers[1], **about)
    browsers[1].get("/file/check/")

    answer = browsers[1].post("/file/check/", {"add_to": number})

    assert answer.headers["Location"].endswith("done=added")
    assert ReadingSession.objects.get().complained_at == timezone.now()


def test_whoever_runs_no_scripts_is_not_counted(clock, browsers):
    browsers[0].get("/help/one/")
    browsers[0].post("/help/one/vote/", {"helpful": "yes"})
    clock.shift(LATER)

    assert counts(figure()) == (0, 0, 0, 0)


def test_a_session_counts_when_it_is_settled(clock, browsers):
    helped(browsers[0])
    clock.shift(47 * HOUR)
    early = figure()
    clock.shift(25 * HOUR)
    found = figure()

    assert (early.den, early.provisional) == (0, True)
    assert (found.den, found.provisional) == (1, False)


def test_it_is_told_by_article_and_by_kind_of_problem(clock, browsers):
    helped(browsers[0])
    browsers[1].post("/help/two/read/")
    clock.shift(LATER)
    fill()

    by_article, by_kind = (
        {key[0]: (part.num, part.den) for key, part in ask_split(metric("selfserve"), Span(DAY, DAY), name).items()}
        for name in ("article", "category")
    )

    assert by_article == {"one": (1, 1), "two": (0, 1)}
    assert by_kind == {"logistics.stalled": (1, 1), "": (0, 1)}


def test_its_list_names_articles_and_neither_a_reader_nor_a_complaint(clock, browsers, client):
    """A session that has the number of a complaint does not lead to it."""
    complaint = file_one(browsers[0])
    begun_with_number(complaint.pk, helped_at=timezone.now())
    clock.shift(LATER)
    fill()
    client.force_login(make_user("manager", shops=Merchant.objects.all()))

    asked = {"part": "selfserved", "from": DAY.isoformat(), "to": DAY.isoformat()}
    page = client.get(reverse("admin:reports-list", args=["selfserve"]), asked).content.decode()

    assert "退款多久到账 one" in page
    assert complaint.number not in page


def begun_with_number(pk: int, **marks) -> None:
    about = {"began_at": timezone.now(), "last_at": timezone.now(), "language": "en", "article_code": "one"}
    ReadingSession.objects.bulk_create([ReadingSession(pk=pk, digest="x", **about, **marks)])


def test_a_reading_is_no_complaint_to_the_ledger(clock, browsers):
    """A session has the number of a complaint: neither's facts are those of the other."""
    complaint = file_one(browsers[0])
    clock.shift(-LATER)
    begun_with_number(complaint.pk)
    clock.shift(2 * LATER)
    fill()
    file_one(browsers[1])
    fill()

    assert (Reading.objects.get().root_id, Arrival.objects.filter(root_id=complaint.pk).count()) == (complaint.pk, 1)
    assert verify() == []


def test_everything_deleted_and_rebuilt_is_the_same_to_the_byte(clock, browsers):
    for browser in browsers[:3]:
        helped(browser)
    file_one(browsers[2])
    clock.shift(LATER)
    fill()
    before = digests()
    empty_ledger()

    rebuild()

    assert digests() == before
    assert Reading.objects.filter(source=0).count() == 3


def test_what_is_settled_while_the_copy_is_filled_is_in_both(clock, browsers):
    helped(browsers[0])
    clock.shift(LATER)
    fill()
    helped(browsers[1])
    fill_copy()
    clock.shift(LATER)

    fill()

    assert verify() == []
    assert Reading.objects.filter(source=0).count() == 2


def test_a_month_finds_a_reading_that_was_told_wrong(clock, browsers):
    helped(browsers[0])
    clock.shift(LATER)
    fill()
    Reading.objects.update(selfserved=0)

    assert [each.table for each in verify_month(date(2026, 3, 1))] == ["analytics_reading"]


Act = namedtuple("Act", "browser what article at")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_figure_is_what_a_slow_count_of_what_browsers_did_says(seed, clock, browsers):
    luck = random.Random(seed)
    acts = [live(luck, clock, browsers) for _number in range(40)]
    clock.shift(LATER)
    fill()

    found = ask(metric("selfserve"), Span(DAY, DAY + timedelta(60)), as_of=timezone.now())

    assert counts(found) == slow_count(acts)
    assert verify() == []


def live(luck, clock, browsers) -> Act:
    """Something that a browser does some time later. The last one runs no scripts."""
    clock.shift(luck.choice([5, 600, HOUR, 9 * HOUR, 20 * HOUR]))
    number, article = luck.randrange(len(browsers)), luck.choice(["one", "two"])
    has_scripts = number < len(browsers) - 1
    what = luck.choice(["read", "read", "yes", "no", "file"] if has_scripts else ["vote", "no", "file"])
    browser, headers = browsers[number], SCRIPT if has_scripts else {}
    if what == "file":
        file_one(browser)
    elif what == "read":
        browser.post(f"/help/{article}/read/")
    else:
        browser.post(f"/help/{article}/vote/", {"helpful": "no" if what == "no" else "yes"}, headers=headers)
    return Act(number, what, article, timezone.now())


def slow_count(acts) -> tuple[int, int, int, int]:
    """Sessions are cut out of the acts of each browser, and each is judged by looking at all of its acts anew."""
    day, found = timedelta(days=1), []
    for number in {act.browser for act in acts}:
        mine = [act for act in acts if act.browser == number]
        starts = []
        for act in mine:
            if act.what in ("read", "yes") and not (starts and act.at - starts[-1] < day):
                starts.append(act.at)
        for start in starts:
            own = [act for act in mine if start <= act.at < start + day and act.what != "file"]
            filed = [act.at for act in mine if act.what == "file" and act.at >= start]
            came_back = any(at - since(own, at) < day for at in filed)
            found.append((help_of(own) is not None, came_back))
    told = sum(one for one, _other in found)
    return sum(one and not other for one, other in found), len(found), told, sum(other for _one, other in found)


def help_of(own):
    """The first "yes" of a run that no later "no" about the same article ended."""
    for place, act in enumerate(own):
        if act.what == "yes" and not any(each.what == "no" and each.article == act.article for each in own[place:]):
            taken_back = [each for each in own[:place] if each.what == "yes" and each.article != act.article and stands(own, each, act.at)]
            if not taken_back:
                return act.at
    return None


def stands(own, yes, at) -> bool:
    return not any(each.what == "no" and each.article == yes.article and yes.at <= each.at <= at for each in own)


def since(own, at):
    """From when on a complaint counts: what had helped by then, or else the last that was read."""
    before = [act for act in own if act.at <= at]
    return help_of(before) or max(act.at for act in before if act.what in ("read", "yes"))
