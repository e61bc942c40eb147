"""What follows from a reading: only ever more care, one act with the message, and a person has the last word."""

import re
from functools import partial

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.channels.templates import write_words
from complaints.emotion.reading import read_text
from complaints.live.publishing import Pointer
from complaints.models import Complaint, Outbox
from complaints.services import (
    file_complaint,
    merge_complaints,
    notify,
    post_customer_message,
    post_reply,
    set_priority,
    set_risk,
    unmerge_complaint,
)
from complaints.services.notices import COURTESIES
from complaints.services.risk import LEAD_LOOKS_WITHIN
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_complaint, make_filing, make_merchant, make_order, make_user

pytestmark = pytest.mark.django_db
CALM, DISPLEASED, ANGRY = "包裹三天没有更新了。", "有点失望，等了很久。", "太过分了，骗子！！"
FURIOUS, THREAT, SAFETY = "第四次了！！骗子！！！垃圾店！", "再不退款我就打12315！", "充电宝着火了，我手被烫伤了。"
ANYTHING = [CALM, DISPLEASED, ANGRY, FURIOUS, THREAT, SAFETY, "谢谢", "Thanks!", "别急，慢慢来"]
High = Complaint.Priority.HIGH


def kinds(complaint) -> list[str]:
    return list(complaint.events.order_by("seq").values_list("kind", flat=True))


def last(complaint, kind: str):
    return complaint.events.filter(kind=kind).order_by("-seq").first()


def fresh(complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


def rank(complaint):
    return complaint.assignment_requests.get(state="waiting").rank_at


@pytest.mark.parametrize(("text", "level"), [(CALM, 0), (DISPLEASED, 1), (ANGRY, 2), (FURIOUS, 3), (THREAT, 4), (SAFETY, 4)])
def test_filing_and_writing_later_give_the_same_level(text, level):
    filed, written = make_complaint(description=text), make_complaint()
    post_customer_message(written, body=text)

    assert filed.risk_level == fresh(written).risk_level == level
    assert filed.messages.get().risk_marks == written.messages.last().risk_marks == read_text(text).as_rows()


def test_a_calm_filing_says_nothing_about_it():
    complaint = make_complaint()

    assert not {"message.classified", "risk.set"} & set(kinds(complaint))
    assert complaint.messages.get().risk_marks == []


def test_displeasure_alone_changes_neither_priority_nor_place():
    calm, displeased = make_complaint(), make_complaint()
    post_customer_message(displeased, body=DISPLEASED)

    assert fresh(displeased).priority == calm.priority
    assert displeased.assignment_requests.get().band == calm.assignment_requests.get().band


@pytest.mark.parametrize("is_filed", [True, False])
def test_anger_raises_priority_and_place(is_filed):
    calm = make_complaint()
    angry = make_complaint(description=ANGRY) if is_filed else make_complaint()
    if not is_filed:
        before = rank(angry)
        post_customer_message(angry, body=ANGRY)
        assert rank(angry) < before

    assert fresh(angry).priority == High
    assert angry.assignment_requests.get().band > calm.assignment_requests.get().band
    assert fresh(angry).risk_signals == "anger emphasis"


@pytest.mark.parametrize("is_filed", [True, False])
def test_an_urgent_complaint_stays_urgent(is_filed):
    complaint = make_complaint(priority=Complaint.Priority.URGENT, description=ANGRY if is_filed else CALM)
    if not is_filed:
        post_customer_message(complaint, body=ANGRY)

    assert fresh(complaint).priority == Complaint.Priority.URGENT


@pytest.mark.parametrize("is_filed", [True, False])
@pytest.mark.parametrize(("text", "within"), [(THREAT, LEAD_LOOKS_WITHIN), (SAFETY, None)])
def test_a_lead_looks_at_threats_soon_and_at_danger_at_once(is_filed, text, within):
    complaint = make_complaint(description=text) if is_filed else make_complaint()
    if not is_filed:
        post_customer_message(complaint, body=text)

    look = complaint.follow_ups.get(kind="risk")
    assert (look.role, look.done_at) == ("lead", None)
    assert look.due_at == (look.created_at + within if within else look.created_at)
    assert last(complaint, "follow_up.added").codes == {"kind": "risk", "role": "lead", "due_at": look.due_at.isoformat()}


def test_nobody_is_asked_to_look_twice_at_the_same_threat_but_danger_is_news():
    complaint = make_complaint(description=THREAT)

    post_customer_message(complaint, body="我马上打12345！")
    assert complaint.follow_ups.count() == 1

    post_customer_message(complaint, body=SAFETY)
    assert complaint.follow_ups.count() == 2
    assert fresh(complaint).risk_signals.startswith("safety")


def told(complaint) -> list[str]:
    return list(Outbox.objects.filter(complaint=complaint, state="queued").order_by("id").values_list("node", flat=True))


def test_who_is_in_danger_gets_number_and_link_and_no_ready_made_word():
    calm, danger = make_complaint(), make_complaint(description=SAFETY)

    assert (told(calm), told(danger)) == (["acknowledged"], ["receipt"])
    words = "\n".join(write_words(Outbox.objects.get(complaint=danger)))
    shop = danger.merchant.name
    rest = re.sub(r"http\S+", "", words).replace(danger.number, "").replace(shop, "")
    assert "".join(rest.split()) == "我们收到了您写的内容，编号。"


@pytest.mark.parametrize("node", sorted(COURTESIES))
def test_courtesies_are_left_out_while_somebody_is_in_danger(node):
    assert notify(make_complaint(description=SAFETY), node) is None
    assert notify(make_complaint(), node) is not None


@pytest.mark.parametrize("node", ["reply", "asked", "resolved", "declined", "link", "callback", "privacy_link", "closed"])
def test_what_a_person_writes_or_the_customer_asks_for_is_sent_to_anybody(node):
    assert notify(make_complaint(description=SAFETY), node).node == node


def test_a_courtesy_that_has_not_left_is_taken_back_when_danger_is_read():
    complaint = make_complaint()
    notify(complaint, "assigned")

    post_customer_message(complaint, body=SAFETY)

    assert told(complaint) == ["acknowledged"]


def test_a_person_who_says_otherwise_brings_the_courtesies_back():
    complaint, lead = make_complaint(description=SAFETY), make_user("lead")

    complaint = set_risk(complaint, level=1, reason="只是口头禅", by=lead, expected_version=None)

    assert notify(complaint, "survey").node == "survey"


def test_events_hold_codes_and_no_words():
    complaint = make_complaint(description=THREAT)
    message = complaint.messages.get()

    classified, risk = last(complaint, "message.classified"), last(complaint, "risk.set")

    assert (classified.payload, risk.payload) == (None, None)
    assert (classified.author_kind, risk.author_kind) == ("system", "system")
    assert classified.codes | {"rules": []} == {
        "message": message.pk, "level": 4, "signals": ["threat"], "rules": [], "lexicon": "2.2", "model": 2,
    }  # fmt: skip
    assert risk.codes == {"from": 0, "to": 4, "signals": ["threat"], "cause": "message", "message": message.pk}
    assert not any("12315" in str(event.codes) for event in (classified, risk))


def test_filing_takes_as_many_statements_for_an_angry_text_as_for_a_calm_one():
    def count(text: str) -> int:
        filing = make_filing(description=text)
        with CaptureQueriesContext(connection) as asked:
            file_complaint(filing)
        return len(asked)

    count(CALM)

    assert count(ANGRY) == count(CALM)
    assert count(THREAT) == count(CALM) + 1  # who leads the team


def test_only_an_upset_message_looks_back_and_with_one_statement():
    complaint = make_complaint(description=THREAT)  # nothing rises any more

    def count(text: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            post_customer_message(complaint, body=text)
        return len(asked)

    count(DISPLEASED)

    assert count(DISPLEASED) == count("请问今天能发货么") + 1


def test_what_was_said_before_counts_until_we_answered():
    complaint, agent = make_complaint(), make_user()
    for _each in range(3):
        post_customer_message(complaint, body=DISPLEASED)
    assert fresh(complaint).risk_level == 3

    other = make_complaint()
    post_customer_message(other, body=DISPLEASED)
    post_reply(other, body="您好，马上为您查。", by=agent, expected_version=None)
    post_customer_message(other, body="有点着急")
    assert fresh(other).risk_level == 1


def test_free_words_in_an_answer_count_and_codes_of_choices_do_not():
    assert make_complaint(answers={"more": "不然我就去法院起诉"}).risk_level == 4
    assert make_complaint(answers={"kind": "poor", "wish": "scam"}).risk_level == 0


@pytest.mark.parametrize(("is_on", "level"), [(True, 1), (False, 0)])
def test_the_model_sees_what_the_lists_do_not_know_unless_it_is_off(settings, is_on, level):
    settings.BIHUAN_EMOTION_MODEL = is_on
    complaint = make_complaint(description="又是这样，太不像话")

    assert complaint.risk_level == level
    assert last(make_complaint(description=ANGRY), "message.classified").codes["model"] == (2 if is_on else 0)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.sampled_from([CALM, DISPLEASED, ANGRY, FURIOUS, THREAT, SAFETY, "谢谢", "Thanks!", "别急，慢慢来"]), min_size=1, max_size=5)
)
def test_adding_a_message_never_lowers_anything(messages):
    complaint = make_complaint(description=messages[0])
    before = (complaint.risk_level, complaint.priority, rank(complaint))

    for body in messages[1:]:
        post_customer_message(complaint, body=body)
        now = fresh(complaint)
        after = (now.risk_level, now.priority, rank(complaint))
        assert after[0] >= before[0]
        assert after[1] >= before[1]
        assert after[2] <= before[2]
        before = after


def test_a_less_upset_message_neither_overwrites_the_reason_nor_adds_one():
    complaint = make_complaint(description=THREAT)

    post_customer_message(complaint, body=DISPLEASED)

    assert fresh(complaint).risk_signals == "threat"
    assert kinds(complaint).count("risk.set") == 1
    assert last(complaint, "message.classified").codes["level"] == 1


def test_a_person_lowers_it_with_a_reason_and_it_stays_low():
    complaint, agent = make_complaint(description=THREAT), make_user()

    set_risk(complaint, level=1, reason="客户说是气话，已致歉。", by=agent, expected_version=complaint.version)
    post_customer_message(complaint, body="请问今天能发货么")

    now = fresh(complaint)
    assert (now.risk_level, now.risk_signals, now.priority) == (1, "", High)
    event = last(complaint, "risk.set")
    assert (event.actor_id, event.author_kind) == (agent.pk, "human")
    assert event.codes == {"from": 4, "to": 1, "cause": "person"}
    assert event.payload == {"reason": "客户说是气话，已致歉。"}


def test_a_new_message_may_raise_it_again():
    complaint, agent = make_complaint(description=THREAT), make_user()
    set_risk(complaint, level=0, reason="误会", by=agent, expected_version=None)

    post_customer_message(complaint, body=THREAT)

    assert fresh(complaint).risk_level == 4
    assert complaint.follow_ups.count() == 1  # nobody has looked yet, so once is enough


def test_a_person_who_raises_it_sets_the_same_things_in_motion():
    complaint, agent = make_complaint(), make_user()

    set_risk(complaint, level=4, reason="电话里说要去12315", by=agent, expected_version=None)

    assert fresh(complaint).priority == High
    assert complaint.follow_ups.get().kind == "risk"


def test_sending_it_twice_sets_it_once():
    complaint, agent = make_complaint(description=THREAT), make_user()

    for _each in range(2):
        set_risk(complaint, level=2, reason="已沟通", by=agent, expected_version=complaint.version, request_id="r1")

    assert kinds(complaint).count("risk.set") == 2


@pytest.mark.parametrize(
    ("asked", "error"),
    [
        ({"reason": " "}, RefusedError),
        ({"level": 5}, RefusedError),
        ({"level": -1}, RefusedError),
        ({"level": 4}, RefusedError),
        ({"reason": "字" * 301}, RefusedError),
        ({"expected_version": 99}, VersionConflictError),
    ],
)
def test_it_is_refused_without_a_reason_a_level_or_the_latest_version(asked, error):
    complaint = make_complaint(description=THREAT)

    with pytest.raises(error):
        set_risk(complaint, **{"level": 1, "reason": "误会", "by": make_user(), "expected_version": None, **asked})

    assert fresh(complaint).risk_level == 4


@pytest.mark.parametrize("role", ["warehouse", "finance", "outsider"])
def test_whoever_may_not_label_may_not_set_it(role):
    complaint = make_complaint(description=THREAT)
    stranger = make_user("agent", teams=[]) if role == "outsider" else make_user(role)

    with pytest.raises(NotAllowedError):
        set_risk(complaint, level=1, reason="误会", by=stranger, expected_version=None)


def test_the_higher_level_survives_a_merge_and_goes_with_its_undoing():
    lead = make_user("lead", shops=[make_merchant()])
    order = make_order()
    danger, calm = (make_complaint("open", assignee=lead, order=order, description=text) for text in (THREAT, CALM))

    merge_complaints(danger, into=calm, by=lead, expected_version=None)
    assert (fresh(calm).risk_level, fresh(calm).risk_signals) == (4, "threat")
    assert calm.follow_ups.filter(done_at=None, kind="risk").count() == 1

    unmerge_complaint(danger, by=lead, expected_version=None)
    assert (fresh(calm).risk_level, fresh(calm).risk_signals) == (0, "")
    assert danger.follow_ups.filter(done_at=None, kind="risk").count() == 1
    assert set_priority(calm, priority=1, by=lead, expected_version=None).risk_level == 0


def test_a_message_on_a_joined_complaint_raises_the_one_that_answers_it():
    lead = make_user("lead", shops=[make_merchant()])
    order = make_order()
    child, survivor = (make_complaint("open", assignee=lead, order=order) for _each in range(2))
    merge_complaints(child, into=survivor, by=lead, expected_version=None)

    post_customer_message(child, body=THREAT)

    assert (fresh(survivor).risk_level, fresh(child).risk_level) == (4, 0)


@pytest.mark.parametrize("is_filed", [True, False])
@pytest.mark.parametrize(("text", "is_called"), [(ANGRY, False), (FURIOUS, True), (THREAT, True)])
def test_the_leads_of_the_team_are_called_from_very_angry_on(django_capture_on_commit_callbacks, is_filed, text, is_called):
    lead, complaint = make_user("lead"), None if is_filed else make_complaint()

    with django_capture_on_commit_callbacks() as news:
        make_complaint(description=text) if is_filed else post_customer_message(complaint, body=text)

    told = {each.args[0].topic for each in news if isinstance(each, partial) and isinstance(each.args[0], Pointer)}
    assert (f"user-{lead.pk}" in told) == is_called
