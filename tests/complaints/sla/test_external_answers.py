"""Four eyes on what goes to an authority: who proposes does not approve, and what nobody approved is not given there."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.services import load_calendars
from complaints.models import ClockRun, ExternalRecord, LegalRule
from complaints.services.external import answer_external, note_external
from complaints.services.external_answers import approve_external_answer, draft_external_answer
from complaints.sla.defaults import load_sla_defaults
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.complaints.builders import codes, fresh
from tests.complaints.sla.builders import ANY
from tests.factories import make_complaint, make_team, make_user

pytestmark = pytest.mark.django_db
WORDS = "已补发，11月20日签收。"


@pytest.fixture
def complaint():
    load_calendars()
    load_sla_defaults()
    return make_complaint()


@pytest.fixture
def record(complaint):
    rule = LegalRule.objects.get(code="12315.notice")
    return note_external(complaint, rule=rule, external_no="31200", received_at=timezone.now(), by=None)


@pytest.fixture
def agent(complaint):
    return make_user()


def refusals(act, *args, **options) -> list[str]:
    with pytest.raises((RefusedError, NotAllowedError)) as refused:
        act(*args, **options)
    return [reason.code for reason in refused.value.reasons]


def draft(complaint, record, by, words=WORDS):
    return draft_external_answer(complaint, record=record, reply=words, by=by, **ANY)


def approve(complaint, record, by):
    return approve_external_answer(complaint, record=record, by=by, **ANY)


def test_proposed_approved_by_another_and_given_with_proof(complaint, record, agent):
    colleague = make_user()

    draft(complaint, record, agent)
    approve(complaint, record, colleague)
    answer_external(complaint, record=record, proof="回执 8831", by=agent)

    record.refresh_from_db()
    assert (record.stage, record.reply, record.drafted_by, record.approved_by) == ("answered", WORDS, agent, colleague)
    assert ClockRun.objects.get(external=record).state == "met"
    steps = [event.codes["step"] for event in complaint.events.filter(kind="external.changed").order_by("seq")]
    assert steps == ["noted", "drafted", "approved", "answered"]


@pytest.mark.parametrize("role", ["agent", "lead"])
def test_nobody_approves_their_own_words(complaint, record, role):
    person = make_user(role)
    draft(complaint, record, person)

    assert refusals(approve, complaint, record, person) == ["own"]


def test_a_superuser_does_not_either(complaint, record):
    person = make_user("lead", is_superuser=True)
    draft(complaint, record, person)

    assert refusals(approve, complaint, record, person) == ["own"]


def test_the_table_knows_no_approval_of_ones_own_words(record, agent):
    with pytest.raises(IntegrityError), transaction.atomic():
        ExternalRecord.objects.filter(pk=record.pk).update(drafted_by=agent, approved_by=agent)


def test_what_nobody_approved_is_not_given_there(complaint, record, agent):
    nothing = refusals(answer_external, complaint, record=record, proof="回执", by=agent)
    draft(complaint, record, agent)
    proposed = refusals(answer_external, complaint, record=record, proof="回执", by=make_user())

    assert (nothing, proposed) == (["not_approved"], ["not_approved"])
    assert ClockRun.objects.get(external=record).state == "running"


def test_other_words_are_approved_anew(complaint, record, agent):
    colleague = make_user()
    draft(complaint, record, agent)
    approve(complaint, record, colleague)

    draft(complaint, record, colleague, "另一种说法。")

    assert refusals(answer_external, complaint, record=record, proof="回执", by=agent) == ["not_approved"]
    assert refusals(approve, complaint, record, colleague) == ["own"]
    assert approve(complaint, record, agent).approved_by == agent


def test_only_the_words_that_were_read_are_approved(complaint, record, agent):
    draft(complaint, record, agent)
    read = fresh(complaint).version
    draft(complaint, record, agent, "另一种说法。")

    with pytest.raises(VersionConflictError):
        approve_external_answer(complaint, record=record, by=make_user(), expected_version=read)


def test_nothing_is_approved_where_nothing_is_proposed_or_twice(complaint, record, agent):
    assert refusals(approve, complaint, record, agent) == ["nothing"]
    draft(complaint, record, make_user())
    approve(complaint, record, agent)

    assert refusals(approve, complaint, record, make_user()) == ["approved"]
    assert refusals(draft, complaint, record, agent, "  ") == ["reply"]


def test_somebody_who_does_not_see_the_complaint_proposes_and_approves_nothing(complaint, record, agent):
    outsider = make_user(teams=[make_team("refund")])
    draft(complaint, record, agent)

    assert "own" not in refusals(approve, complaint, record, outsider)
    assert refusals(draft, complaint, record, outsider, "x")
    assert ExternalRecord.objects.get().approved_by is None


def test_sending_the_same_proposal_twice_is_one_act(complaint, record, agent):
    for _time in range(2):
        draft_external_answer(complaint, record=record, reply=WORDS, by=agent, request_id="r1", **ANY)

    assert complaint.events.filter(kind="external.changed", codes__step="drafted").count() == 1
    assert codes(complaint, "external.changed")["step"] == "drafted"
