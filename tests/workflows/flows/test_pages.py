"""The pages of definitions: who reads, proposes and publishes, messages at the line, differences in words, nothing written is lost."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from accounts.models import User
from tests.factories import make_user
from tests.workflows.flows.test_replay import past_case
from workflows.flows.defaults import default_body
from workflows.flows.text import write_text
from workflows.models import FlowVersion
from workflows.services.flow_versions import load_default_flows, propose_flow

pytestmark = pytest.mark.django_db
URL = "/admin/build/flows/return_quality/"


@pytest.fixture(autouse=True)
def house(client):
    load_default_flows()
    for role in ("agent", "lead", "manager", "finance", "warehouse", "admin"):
        make_user(role, language="en")


@pytest.fixture
def as_role(client):
    def enter(role):
        client.force_login(User.objects.get(groups__name=role))
        return client

    return enter


def text(change=lambda phases: None):
    body = default_body("return_quality")
    change(body["phases"])
    return write_text(body)


def quicker(phases):
    phases["return"]["seq"][1]["sla"] = "PT12H"


def dearer(phases):
    phases["review"]["seq"][1]["when"] = ["amount", ">", 40_000]


def newest():
    return FlowVersion.objects.filter(definition__type="return_quality").order_by("-number").first()


def post(client, step, **fields):
    return client.post(URL, {"step": step, "expected": newest().sha256} | fields)


def proposal(change=quicker, role="lead"):
    body = json.loads(text(change))
    by = User.objects.get(groups__name=role)
    return propose_flow(newest().definition, body=body, by=by, expected=newest().sha256, reason="By the new rules")


def words(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 200), ("lead", 200), ("manager", 200), ("admin", 200), ("warehouse", 403), ("finance", 403)]
)
def test_who_reads_definitions(as_role, role, status):
    client = as_role(role)

    assert [client.get("/admin/build/flows/").status_code, client.get(URL).status_code] == [status, status]


def test_the_list_names_versions_and_proposals(as_role):
    proposal()

    page = words(as_role("agent").get("/admin/build/flows/"))

    assert page.count("as shipped") == 9
    assert "version 2" in page
    assert User.objects.get(groups__name="lead").name in page


def test_the_list_costs_the_same_with_more_versions(as_role):
    client = as_role("agent")

    def cost():
        with CaptureQueriesContext(connection) as found:
            client.get("/admin/build/flows/")
        return len(found)

    client.get("/admin/build/flows/")
    before = cost()
    proposal()

    assert cost() == before


def test_an_agent_reads_and_changes_nothing(as_role):
    client = as_role("agent")
    page = words(client.get(URL))

    assert "readonly" in page
    assert "Keep as proposal" not in page
    assert post(client, "propose", text=text(quicker), reason="x").status_code == 403
    assert post(client, "check", text=text(quicker)).status_code == 403


def test_a_page_draws_the_tree_between_the_states_of_the_code(as_role):
    page = words(as_role("agent").get(URL))

    assert "Received, to be inspected" in page
    assert "approval, signed by: lead, finance" in page
    assert "Nothing added here." in page


def test_no_such_type_and_no_such_version_are_not_found(as_role):
    client = as_role("agent")

    assert client.get("/admin/build/flows/gift/").status_code == 404
    assert client.get(f"{URL}?version=7").status_code == 404


def test_a_lead_proposes_and_looks_at_it(as_role):
    client = as_role("lead")

    answer = post(client, "propose", text=text(quicker), reason="By the new rules")
    page = words(client.get(URL))

    assert (answer.status_code, answer["Location"]) == (303, URL)
    assert newest().body == json.loads(text(quicker))
    assert "“inspect”, within: 1 day → 12 hours." in page
    assert "Publish this version" not in page


def test_a_text_that_is_no_json_says_on_which_line_and_is_kept(as_role):
    broken = text().replace('"schema": 1,', '"schema": 1')

    answer = post(as_role("lead"), "propose", text=broken, reason="x")

    assert answer.status_code == 422
    assert '<a href="#line-3" data-line="3">line 3</a>' in words(answer)
    assert "this is not JSON here" in words(answer)
    assert answer.context["look"].text == broken
    assert newest().number == 1


def test_a_fault_stands_at_the_line_of_its_node(as_role):
    wrong = text(lambda phases: phases["return"]["seq"][1].update(sla="soon"))
    line = next(number for number, row in enumerate(wrong.splitlines(), start=1) if '"soon"' in row)

    answer = post(as_role("lead"), "check", text=wrong)

    (message,) = answer.context["look"].messages
    assert (answer.status_code, message.line, message.key, message.path) == (422, line, "inspect", "phases.return.seq[1].sla")
    assert f'id="line-{line}"' in words(answer)


def test_a_finding_of_the_rules_stands_at_the_line_of_its_node(as_role):
    wrong = text(lambda phases: phases["return"]["seq"].append({"notify": "nowhere", "key": "news"}))
    line = next(number for number, row in enumerate(wrong.splitlines(), start=1) if '"nowhere"' in row)

    answer = post(as_role("lead"), "check", text=wrong)

    (message,) = answer.context["look"].messages
    assert (answer.status_code, message.line, message.rule, message.key) == (200, line, "L14", "news")


def test_a_file_takes_the_place_of_the_text(as_role):
    upload = SimpleUploadedFile("flow.json", ("\ufeff" + text(quicker)).encode(), content_type="application/json")

    post(as_role("lead"), "propose", text=text(), file=upload, reason="By the new rules")

    assert newest().body == json.loads(text(quicker))


@pytest.mark.parametrize(("content", "said"), [(b"\xff\xfe\x00", "This file is not text in UTF-8."), (b" " * 200_001, "too large")])
def test_a_file_that_is_no_text_is_refused(as_role, content, said):
    answer = post(as_role("lead"), "propose", text=text(), file=SimpleUploadedFile("flow.json", content), reason="x")

    assert answer.status_code == 422
    assert said in words(answer)


def test_what_was_exported_can_be_brought_in_again(as_role):
    answer = as_role("agent").get(f"{URL}export/")

    assert answer["Content-Disposition"] == 'attachment; filename="return_quality-v1.json"'
    assert answer["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(answer.content) == default_body("return_quality")


def test_a_manager_publishes_what_a_lead_proposed(as_role):
    made = proposal()

    answer = post(as_role("manager"), "publish", reason="By the new rules", acknowledge="on", expected=made.sha256)

    assert answer.status_code == 303
    assert FlowVersion.objects.get(pk=made.pk).published_at is not None


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"acknowledge": ""}, "Read what changes, and confirm that you have."),
        ({"reason": ""}, "Say in at most 200 characters why it changes."),
        ({"effective_from": "gestern"}, "Enter a valid date/time."),
    ],
)
def test_a_publication_that_is_refused_says_why(as_role, fields, said):
    made = proposal()

    answer = post(as_role("manager"), "publish", **{"reason": "x", "acknowledge": "on", "expected": made.sha256} | fields)

    assert answer.status_code == 422
    assert said in words(answer)
    assert words(answer).count("<title>Error:") == 1
    assert FlowVersion.objects.get(pk=made.pk).published_at is None


def test_a_manager_does_not_publish_their_own_change_of_approvals(as_role):
    made = proposal(dearer, role="manager")
    later = (timezone.localtime() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")

    answer = post(as_role("manager"), "publish", reason="x", acknowledge="on", expected=made.sha256, effective_from=later)

    assert answer.status_code == 403
    assert "Another person publishes what you proposed." in words(answer)


def test_a_lead_publishes_nothing(as_role):
    made = proposal()

    assert post(as_role("lead"), "publish", reason="x", acknowledge="on", expected=made.sha256).status_code == 403


def test_a_text_written_over_a_change_of_somebody_else_is_kept_and_told(as_role):
    seen = newest().sha256
    proposal()
    mine = text(dearer)

    answer = post(as_role("manager"), "propose", text=mine, reason="x", expected=seen)

    assert answer.status_code == 409
    assert answer.context["look"].text.replace("\r\n", "\n") == mine
    assert "Somebody changed the proposal meanwhile." in words(answer)


def test_a_proposal_is_thrown_away(as_role):
    made = proposal()

    assert post(as_role("lead"), "drop", expected=made.sha256).status_code == 303
    assert newest().number == 1


def test_an_old_version_is_taken_up_again(as_role):
    made = proposal()
    post(as_role("manager"), "publish", reason="x", acknowledge="on", expected=made.sha256)

    page = as_role("lead").get(f"{URL}?version=1")

    assert page.context["look"].body == default_body("return_quality")
    assert "This is version 1. Proposed again it becomes a new version." in words(page)


def test_a_text_is_tried_on_past_cases(as_role):
    case = past_case(phases=default_body("return_quality")["phases"], amount=45_000)

    answer = post(as_role("lead"), "replay", text=text(dearer), last="10")

    assert answer.status_code == 200
    assert case.number in words(answer)
    assert "+ review.senior" in words(answer)
    assert "L15" in words(answer)


def test_what_customers_feel_and_what_needs_two_people_is_said_before(as_role):
    page = words(post(as_role("lead"), "check", text=text(dearer)))

    assert "Money or approvals change: two people" in page
    assert "review: “senior”: it is asked for in other cases than before." in page


def test_the_pages_are_chinese_for_a_chinese_reader(as_role):
    User.objects.update(language="zh-hans")
    with translation.override("zh-hans"):
        page = words(as_role("lead").get(URL))

    assert "版本" in page
