"""Versions of definitions: who proposes and who publishes, what is refused, and that open cases keep the version they began with (T16)."""

from datetime import timedelta
from threading import Thread

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from foundation.exceptions import NotAllowedError, RefusedError, VersionConflictError
from tests.factories import make_user
from tests.workflows.builders import make_case
from tests.workflows.flows.builders import task
from tests.workflows.flows.living import follow, make_version, open_tasks, standing
from workflows.flows.conditions import TYPES
from workflows.flows.defaults import default_body
from workflows.flows.gates import gates_on
from workflows.flows.house import house_of
from workflows.flows.lint import lint
from workflows.flows.parsing import parse_definition
from workflows.models import Case, FlowDefinition, FlowVersion
from workflows.services.flow_versions import (
    NOTICE,
    current_version,
    drop_proposal,
    load_default_flows,
    propose_flow,
    publish_flow,
)

pytestmark = pytest.mark.django_db
REASON = "按新规定"


@pytest.fixture(autouse=True)
def staff():
    load_default_flows()
    for role in ("agent", "lead", "manager", "finance", "warehouse"):
        make_user(role)


@pytest.fixture
def manager():
    return User.objects.get(groups__name="manager")


@pytest.fixture
def lead():
    return User.objects.get(groups__name="lead")


def definition(type="return_quality"):
    return FlowDefinition.objects.get(type=type)


def changed(change, type="return_quality"):
    """The shipped body with one thing changed."""
    body = default_body(type)
    change(body["phases"])
    return body


def quicker(phases):
    phases["return"]["seq"][1]["sla"] = "PT12H"


def slower(phases):
    phases["return"]["seq"][1]["sla"] = "PT30H"


def dearer(phases):
    phases["review"]["seq"][1]["when"] = ["amount", ">", 40_000]


def propose(body, *, by, type="return_quality", reason=REASON):
    newest = FlowVersion.objects.filter(definition__type=type).order_by("-number").first()
    return propose_flow(definition(type), body=body, by=by, expected=newest.sha256, reason=reason)


def put(proposal, *, by, **options):
    options = {"expected": proposal.sha256, "reason": REASON, "is_acknowledged": True} | options
    return publish_flow(proposal.definition, by=by, **options)


def codes_of(error):
    return [reason.code for reason in error.value.reasons]


# -- shipped versions


def test_every_type_has_its_shipped_version_in_force_once():
    again = load_default_flows()

    assert again == 0
    assert sorted(FlowDefinition.objects.values_list("type", flat=True)) == sorted(TYPES)
    assert {version.number for version in FlowVersion.objects.all()} == {1}
    assert all(current_version(each).body == default_body(each) for each in TYPES)


def test_the_command_of_the_start_loads_them():
    for number, each in enumerate(FlowDefinition.objects.all()):
        FlowDefinition.objects.filter(pk=each.pk).update(type=f"old{number}")

    call_command("setup_cases", verbosity=0)

    assert FlowDefinition.objects.filter(type__in=TYPES, versions__number=1).count() == len(TYPES)


@pytest.mark.parametrize("case_type", TYPES)
def test_the_shipped_definitions_are_clean_in_a_house_with_people(case_type):
    found = lint(parse_definition(default_body(case_type)), house_of(case_type))

    assert [str(each) for each in found] == []


def test_a_house_without_people_is_told_so():
    User.objects.filter(groups__name="warehouse").update(is_active=False)

    found = lint(parse_definition(default_body("return_quality")), house_of("return_quality"))

    assert {(each.rule, each.key) for each in found} == {("L6", "inspect")}


# -- proposals


def test_a_lead_proposes_and_there_is_one_proposal(lead):
    first = propose(changed(quicker), by=lead)
    second = propose(changed(slower), by=lead)

    assert (first.pk, first.number) == (second.pk, 2)
    assert FlowVersion.objects.get(pk=first.pk).body["phases"]["return"]["seq"][1]["sla"] == "PT30H"
    assert current_version("return_quality").number == 1


def test_an_agent_proposes_nothing():
    with pytest.raises(NotAllowedError):
        propose(changed(quicker), by=User.objects.get(groups__name="agent"))


def test_a_proposal_over_somebody_elses_is_a_conflict(lead, manager):
    seen = current_version("return_quality").sha256
    propose(changed(quicker), by=lead)

    with pytest.raises(VersionConflictError):
        propose_flow(definition(), body=changed(slower), by=manager, expected=seen, reason=REASON)


def test_what_cannot_be_read_is_refused_with_its_node(lead):
    body = changed(lambda phases: phases["review"]["seq"][0].update(sla="soon"))

    with pytest.raises(RefusedError) as refused:
        propose(body, by=lead)

    assert [reason.text for reason in refused.value.reasons] == [
        "phases.review.seq[0].sla (review): Give a duration such as PT4H, P3D or P1DT12H, at most a year."
    ]


def test_proposing_what_is_there_already_is_refused(lead):
    with pytest.raises(RefusedError) as refused:
        propose(default_body("return_quality"), by=lead)

    assert codes_of(refused) == ["nothing_new"]


def test_a_proposal_can_be_thrown_away_and_a_published_version_cannot(lead, manager):
    proposal = propose(changed(quicker), by=lead)
    drop_proposal(definition(), by=lead, expected=proposal.sha256)

    assert FlowVersion.objects.filter(definition=definition()).count() == 1
    with pytest.raises(VersionConflictError):
        drop_proposal(definition(), by=lead, expected=current_version("return_quality").sha256)


# -- publication


def test_a_manager_publishes_and_new_cases_get_it(lead, manager):
    proposal = propose(changed(quicker), by=lead)

    published = put(proposal, by=manager)

    assert current_version("return_quality") == published
    assert (published.published_by, published.reason) == (manager, REASON)


def test_a_lead_publishes_nothing(lead):
    proposal = propose(changed(quicker), by=lead)

    with pytest.raises(NotAllowedError) as refused:
        put(proposal, by=lead)

    assert codes_of(refused) == ["no_permission"]


def test_a_definition_with_findings_is_refused_by_name_of_node(lead, manager):
    body = changed(lambda phases: phases["return"]["seq"].append({"notify": "nowhere", "key": "news"}))
    proposal = propose(body, by=lead)

    with pytest.raises(RefusedError) as refused:
        put(proposal, by=manager)

    assert [(reason.code, str(reason.text)) for reason in refused.value.reasons] == [
        ("flow.L14", "L14 phases.return.seq[2] (news): There is no template “nowhere”. Write it, or name another.")
    ]
    assert current_version("return_quality").number == 1


def test_whoever_proposed_does_not_publish_what_touches_approvals(manager):
    proposal = propose(changed(dearer), by=manager)

    with pytest.raises(NotAllowedError) as refused:
        put(proposal, by=manager, effective_from=timezone.now() + NOTICE + timedelta(days=1))

    assert codes_of(refused) == ["second_person"]


def test_whoever_proposed_may_publish_what_touches_neither_money_nor_approvals(manager):
    assert put(propose(changed(quicker), by=manager), by=manager).number == 2


def test_what_customers_feel_is_announced_ahead(lead, manager):
    proposal = propose(changed(slower), by=lead)

    with pytest.raises(RefusedError) as refused:
        put(proposal, by=manager, effective_from=timezone.now() + NOTICE - timedelta(hours=1))
    published = put(proposal, by=manager, effective_from=timezone.now() + NOTICE + timedelta(hours=1))

    assert codes_of(refused) == ["effective_from"]
    assert current_version("return_quality").number == 1
    assert current_version("return_quality", at=published.effective_from) == published


def test_a_definition_is_published_within_a_year(lead, manager):
    with pytest.raises(RefusedError) as refused:
        put(propose(changed(quicker), by=lead), by=manager, effective_from=timezone.now() + timedelta(days=400))

    assert codes_of(refused) == ["effective_from"]


def test_the_differences_are_acknowledged_and_the_reason_said(lead, manager):
    proposal = propose(changed(quicker), by=lead)

    with pytest.raises(RefusedError) as refused:
        put(proposal, by=manager, is_acknowledged=False, reason=" ")

    assert codes_of(refused) == ["reason", "acknowledge"]


def test_publishing_what_was_changed_meanwhile_is_a_conflict(lead, manager):
    seen = propose(changed(quicker), by=lead)
    propose(changed(slower), by=lead)

    with pytest.raises(VersionConflictError):
        put(seen, by=manager)


def test_an_old_version_comes_back_as_a_new_one(lead, manager):
    put(propose(changed(quicker), by=lead), by=manager)

    back = put(propose(default_body("return_quality"), by=lead), by=manager, effective_from=timezone.now() + NOTICE + timedelta(days=1))

    assert (back.number, back.body) == (3, default_body("return_quality"))


def test_a_published_version_is_never_changed_by_anybody(lead, manager):
    published = put(propose(changed(quicker), by=lead), by=manager)

    for change in (lambda: FlowVersion.objects.filter(pk=published.pk).update(reason="x"), published.delete):
        with pytest.raises(IntegrityError, match="what was published stays"), transaction.atomic():
            change()


@pytest.mark.parametrize(
    "fields", [{"published_by": None, "number": 2}, {"effective_from": None}, {"effective_from": timezone.now() - timedelta(days=3)}]
)
def test_nothing_unsigned_or_backdated_is_published(manager, fields):
    at = timezone.now()
    row = {"number": 3, "body": {}, "sha256": "x", "published_by": manager, "published_at": at, "effective_from": at} | fields

    with pytest.raises(IntegrityError, match="workflows_flowversion_signed"), transaction.atomic():
        FlowVersion.objects.create(definition=definition(), **row)


@pytest.mark.django_db(transaction=True)
def test_two_managers_who_publish_at_once_get_one_version(lead, manager):
    proposal = propose(changed(quicker), by=lead)
    other, outcomes = make_user("manager"), []

    def run(by):
        try:
            outcomes.append(put(proposal, by=by).number)
        except VersionConflictError:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [Thread(target=run, args=[each]) for each in (manager, other)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(map(str, outcomes)) == ["2", "conflict"]


# -- pinning


def test_a_publication_leaves_open_cases_as_they_are():
    case = make_case(flow=current_version("return_quality"), state="in_review")
    follow(case)
    before = standing(case), open_tasks(case), [str(reason.cure) for reason in gates_on(Case.objects.get(pk=case.pk), "approve")]
    body = changed(lambda phases: phases["review"]["seq"].insert(0, task("extra", before=["approve"])))
    newer = make_version(body["phases"])

    follow(Case.objects.get(pk=case.pk))
    after = standing(case), open_tasks(case), [str(reason.cure) for reason in gates_on(Case.objects.get(pk=case.pk), "approve")]

    assert current_version("return_quality") == newer
    assert before == after


def test_a_case_without_a_version_follows_the_shipped_one():
    case = make_case(state="received")

    follow(case)

    assert standing(case) == {"arrival": "open"}
