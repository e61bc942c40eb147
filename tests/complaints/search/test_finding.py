"""Complaints by their words: what is indexed and when, what is found, and by whom."""

from contextlib import contextmanager

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.desk.search import find_complaints, parts_visible_to
from complaints.models import Complaint, ComplaintSearchRow, Message
from complaints.privacy.erasure import erase_rows
from complaints.search.finding import needed_terms, with_words
from complaints.search.indexing import fill_missing
from complaints.services import (
    bind_order,
    mark_spam,
    post_customer_message,
    post_note,
    reopen_complaint,
    resolve_complaint,
    restore_complaint,
)
from complaints.tasks import sweep_feed, sweep_search
from knowledge.search.words import current_words
from tests.factories import make_category, make_complaint, make_customer, make_merchant, make_order, make_team, make_user

pytestmark = pytest.mark.django_db
Status = Complaint.Status


def numbers(user, text: str) -> set[str]:
    return {complaint.number for complaint in find_complaints(user, text)}


def read_news() -> None:
    sweep_feed()
    sweep_search()


@pytest.fixture
def agent():
    return make_user(shops=[make_merchant()])


@pytest.mark.parametrize(
    ("said", "typed"),
    [
        ("快递把杯子摔碎了", "杯子"),
        ("快递把杯子摔碎了", "杯子 快递"),
        ("快递把杯子摔碎了", "摔碎"),
        ("快遞把杯子摔碎了", "快递"),
        ("The parcel was delivered broken", "deliver"),
        ("The parcel was delivered broken", "BROKEN parcels"),
        ("型号 RTX-4090 显卡", "rtx4090"),
        ("型号 RTX4090 显卡", "RTX 4090"),
    ],
)
def test_a_complaint_is_found_by_what_was_written(said, typed, agent):
    complaint = make_complaint(description=said)
    read_news()

    assert numbers(agent, typed) == {complaint.number}


@pytest.mark.parametrize("typed", ["杯盖", "子杯", "broken glass", "！！", ""])
def test_every_word_must_stand_there(typed, agent):
    make_complaint(description="快递把杯子摔碎了，盖子还好 broken")
    read_news()

    assert numbers(agent, typed) == set()


def test_later_messages_and_notes_are_found(agent):
    complaint = make_complaint()
    post_customer_message(complaint, body="箱子里少了一只茶壶")
    post_note(complaint, body="仓库说监控可查", by=agent)
    read_news()

    assert numbers(agent, "茶壶") == numbers(agent, "监控") == {complaint.number}


def test_what_was_taken_back_is_not_found(agent):
    complaint = make_complaint()
    post_customer_message(complaint, body="少了一只茶壶")
    Message.objects.filter(body="少了一只茶壶").update(retracted_at=complaint.filed_at)
    read_news()

    assert numbers(agent, "茶壶") == set()


def test_a_resolution_is_found_until_the_complaint_is_opened_again(agent):
    complaint = make_complaint(Status.OPEN, assignee=agent)
    resolve_complaint(
        complaint, resolution="已补发茶壶", reason_code="shipping", liability={"carrier": 100}, by=agent, expected_version=None
    )
    read_news()
    assert numbers(agent, "茶壶") == {complaint.number}

    reopen_complaint(complaint, by=agent, expected_version=None)
    read_news()

    assert numbers(agent, "茶壶") == set()


def test_why_something_is_spam_is_found_until_it_is_restored(agent):
    complaint = mark_spam(make_complaint(), reason="茶壶广告", by=agent, expected_version=None)
    read_news()
    assert numbers(agent, "茶壶") == {complaint.number}

    restore_complaint(complaint, by=agent, expected_version=None)
    read_news()

    assert numbers(agent, "茶壶") == set()


@pytest.mark.parametrize("typed", ["茶壶@收件", "@收件", "型号 20261122 茶壶"])
def test_a_sign_or_a_number_among_words_does_not_end_the_search_by_words(typed, agent):
    complaint = make_complaint(description="茶壶收件，型号 20261122")
    read_news()

    assert numbers(agent, typed) == {complaint.number}


@pytest.mark.parametrize("typed", ["20261122", "a1@mail.example"])
def test_a_number_or_a_mail_address_alone_is_no_word(typed, agent):
    make_complaint(description="型号 20261122，写信到 mail example a1")
    read_news()

    assert numbers(agent, typed) == set()


def test_an_order_that_was_bound_later_is_found(agent):
    complaint = make_complaint()
    order = make_order(customer=make_customer(), number="QH20261122")
    read_news()

    bind_order(complaint, order=order, by=agent, expected_version=None, evidence="agent")
    read_news()

    assert ComplaintSearchRow.objects.filter(complaint=complaint, terms__contains=needed_terms("QH20261122")).exists()


def test_a_phone_number_in_a_text_finds_nothing(agent):
    make_complaint(description="打我电话 13912345678")
    read_news()

    assert not with_words(find_rows(), "13912345678").exists()


def find_rows():
    return ComplaintSearchRow._meta.get_field("complaint").related_model.objects.all()


def test_search_by_words_never_leaves_the_own_teams(agent):
    make_complaint(category=make_category("service.attitude", team=make_team("quality")), description="杯子碎了")
    read_news()

    assert numbers(agent, "杯子") == set()


def test_an_assigned_complaint_of_another_team_is_found(agent):
    complaint = make_complaint(category=make_category("service.attitude", team=make_team("quality")), description="杯子碎了")
    complaint.assignee = agent
    complaint.save(update_fields=["assignee"])
    read_news()

    assert numbers(agent, "杯子") == {complaint.number}


@pytest.mark.parametrize("count", [1, 3])
def test_who_works_in_several_teams_finds_what_is_in_all_of_them(count):
    teams = [make_team(f"team{number}") for number in range(count)]
    agent = make_user(teams=teams)
    made = [make_complaint(category=make_category(f"kind{team.pk}", team=team), description="杯子碎了") for team in teams]
    read_news()

    assert numbers(agent, "杯子") == {complaint.number for complaint in made}


def test_a_frequent_word_of_a_team_is_read_newest_first():
    """Beside the agent's own complaints in one condition, its team's would be read from end to end."""
    agent = make_user(teams=[make_team("quality")])
    parts = [with_words(part, "杯子").order_by("-filed_at").values("pk")[:30] for part in parts_visible_to(agent)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off; SET LOCAL enable_sort = off")

    assert "complaints_team_filed" in parts[0].explain()


def test_filing_itself_writes_no_terms():
    make_complaint()

    assert not ComplaintSearchRow.objects.exists()


def test_erasing_takes_the_terms_away_at_once(agent, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    complaint = make_complaint(description="杯子碎了")
    read_news()

    erase_rows([complaint], [], by=None)

    assert not ComplaintSearchRow.objects.exists()


def test_news_of_what_was_erased_bring_nothing_back(agent, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    complaint = make_complaint(description="杯子碎了")
    erase_rows([complaint], [], by=None)

    read_news()

    assert fill_missing() == 0
    assert not ComplaintSearchRow.objects.exists()


def test_the_sweep_reads_every_event_once(agent):
    make_complaint()
    sweep_feed()

    assert sweep_search() > 0
    assert sweep_search() == 0


def test_fill_goes_on_where_it_stopped(monkeypatch):
    monkeypatch.setattr("complaints.search.indexing.BATCH", 1)
    for _each in range(3):
        make_complaint()

    with pytest.raises(InterruptedError):
        fill_missing(progress=stop_at_once)

    assert ComplaintSearchRow.objects.count() == 1
    assert fill_missing() == 2
    assert fill_missing() == 0


def stop_at_once(done: int, total: int) -> None:
    raise InterruptedError


def test_rows_of_an_earlier_way_of_reading_are_filled_anew(capsys):
    make_complaint(description="杯子碎了")
    fill_missing()
    ComplaintSearchRow.objects.update(analysis="0", terms=[])

    call_command("complaint_search_fill")

    assert capsys.readouterr().out == "1 indexed\n"
    assert set(needed_terms("杯子碎了")) <= set(ComplaintSearchRow.objects.get().terms)


@pytest.mark.parametrize("count", [1, 3])
def test_reading_news_asks_as_much_for_many_as_for_few(count):
    for _each in range(count):
        make_complaint()
    sweep_feed()
    current_words()  # the shop's own words are read once in half a minute

    with CaptureQueriesContext(connection) as queries:
        sweep_search()

    assert len([query for query in queries if "SAVEPOINT" not in query["sql"]]) == 8


@pytest.mark.parametrize("count", [1, 3])
def test_a_search_is_one_query(count, agent, django_assert_num_queries):
    for _each in range(count):
        make_complaint(description="杯子碎了")
    read_news()
    numbers(agent, "茶壶")

    with django_assert_num_queries(2):  # the orders of that number, then the complaints
        assert len(numbers(agent, "杯子")) == count


def test_words_are_looked_up_in_the_index():
    make_complaint(description="杯子碎了")
    read_news()
    with many_rows():
        rows = ComplaintSearchRow.objects.filter(terms__contains=needed_terms("杯子碎了"))

        assert "complaints_search_terms" in rows.explain()


@contextmanager
def many_rows():
    """A table so long that its plan is that of a shop at work."""
    others = [ComplaintSearchRow(complaint_id=-each, terms=list(range(each, each + 20)), analysis="0") for each in range(1, 2001)]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # there are no such complaints
        ComplaintSearchRow.objects.bulk_create(others)
        cursor.execute("SET LOCAL session_replication_role = origin; SET LOCAL enable_seqscan = off; ANALYZE complaints_complaintsearchrow")
    yield
    ComplaintSearchRow.objects.filter(complaint__lt=0).delete()


def test_a_long_text_is_cut():
    assert len(needed_terms("一二三四五六七八九十" * 20)) <= 40
