"""The pages of the rules: read in words, proposed by one, published by another, signed where nobody has."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.factories import make_merchant, make_user
from tests.workflows.policies.builders import TYPE, make_manager, propose, publish, shipped
from workflows.models import CasePolicy
from workflows.policies.content import content_of
from workflows.policies.publishing import sign_shipped_policy

pytestmark = pytest.mark.django_db
URL = f"/admin/build/policies/{TYPE}/"
LIST = "/admin/build/policies/"


@pytest.fixture(autouse=True)
def rules():
    shipped()


def browse(user: User, *, language: str = "en") -> Client:
    user.language = language
    user.save()
    client = Client()
    client.force_login(user)
    return client


def written(**changes: Any) -> dict[str, Any]:
    """The form of a new version as a browser sends it, with some of it changed."""
    newest = CasePolicy.objects.filter(type=TYPE).order_by("-version").first()
    content = content_of(newest)
    rows, answers = content.pop("reasons"), {"step": "propose", "expected_version": newest.version}
    for name, value in content.items():
        if value is None or value is False:
            continue
        answers[name] = "on" if value is True else f"{value / 100:.2f}" if name.endswith("_fen") else value
    answers |= {"reasons-TOTAL_FORMS": len(rows) + 1, "reasons-INITIAL_FORMS": len(rows)}
    for at, (code, row) in enumerate(rows.items()):
        answers |= {f"reasons-{at}-code": code} | {f"reasons-{at}-{name}": value for name, value in row.items()}
    return {name: value for name, value in (answers | changes).items() if value is not None}


def text(answer) -> str:
    return answer.content.decode()


def newest() -> CasePolicy:
    return CasePolicy.objects.filter(type=TYPE).order_by("-version").first()


def test_the_rules_are_told_in_words(django_assert_num_queries):
    client = browse(make_user("agent"))
    client.get(LIST)

    page, one = text(client.get(LIST)), text(client.get(URL))

    assert "Return without a reason" in page
    assert "not signed" in page
    assert "7 days" in one
    assert "Changed my mind (customer is liable)" in one


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("lead", 200), ("admin", 200), ("finance", 403), ("warehouse", 403)])
def test_who_works_on_cases_reads_them(role, status):
    client = browse(make_user(role))

    assert (client.get(LIST).status_code, client.get(URL).status_code) == (status, status)


@pytest.mark.parametrize("role", ["agent", "lead", "admin"])
def test_who_only_reads_changes_nothing(role):
    client = browse(make_user(role))

    for answers in (written(), {"step": "sign", "version": 1}, {"step": "publish", "version": 1}):
        assert client.post(URL, answers).status_code == 403
    assert CasePolicy.objects.filter(type=TYPE).count() == 1


def test_a_manager_proposes_and_a_colleague_publishes():
    one, other = make_manager(), make_manager()

    asked = browse(one).post(URL, written(auto_limit_fen="80.00", window_days="10"))
    own = browse(one).post(URL, {"step": "publish", "version": 2})
    done = browse(other).post(URL, {"step": "publish", "version": 2})

    assert (asked.status_code, own.status_code, done.status_code) == (303, 403, 303)
    policy = newest()
    assert (policy.version, policy.auto_limit_fen, policy.window_days) == (2, 8_000, 10)
    assert (policy.proposed_by, policy.published_by) == (one, other)


def test_what_a_proposal_changes_is_shown_to_whoever_publishes():
    propose(auto_limit_fen=8_000, freight="customer", freight_cap_fen=1_000)

    page = text(browse(make_manager()).get(URL))

    assert "¥50.00 → ¥80.00" in page
    assert "Publish this version" in page


def test_a_proposal_that_is_worse_for_customers_says_so_and_waits():
    propose(window_days=30)
    publish(newest())
    proposal = propose(seen=2, window_days=10)
    client = browse(make_manager())

    page = text(client.get(URL))
    too_soon = client.post(
        URL, {"step": "publish", "version": 3, "effective_from": f"{timezone.localtime() + timedelta(days=2):%Y-%m-%dT%H:%M}"}
    )

    assert "worse for customers" in page
    assert "announced at least 7 days ahead" in page
    assert too_soon.status_code == 409
    assert CasePolicy.objects.get(pk=proposal.pk).published_at is None


def test_what_the_rules_refuse_stands_at_its_field():
    answer = browse(make_manager()).post(URL, written(window_days="3", auto_limit_fen="66.60"))

    page = text(answer)
    assert answer.status_code == 422
    assert "The law gives customers at least 7 days." in page
    assert page.index('name="window_days"') < page.index("Propose a new version") + len(page)
    assert 'value="66.60"' in page
    assert newest().version == 1


@pytest.mark.parametrize(
    "broken",
    [{"receipt": "nonsense"}, {"auto_limit_fen": "abc"}, {"reasons-0-name_en": ""}, {"reasons-0-code": "Not a code"}, {"checks": ["x"]}],
)
def test_what_is_filled_in_wrongly_is_kept(broken):
    answer = browse(make_manager()).post(URL, written(freight_cap_fen="12.34") | broken)

    assert answer.status_code == 422
    assert 'value="12.34"' in text(answer)
    assert newest().version == 1


def test_a_reason_is_added_and_one_taken_away():
    rows = {"reasons-0-code": "", "reasons-0-name_zh": "", "reasons-0-name_en": ""}
    rows |= {"reasons-3-code": "too_late", "reasons-3-name_zh": "来得太晚", "reasons-3-name_en": "Too late"}
    rows |= {"reasons-3-liable": "carrier", "reasons-3-evidence": ["photo"]}

    assert browse(make_manager()).post(URL, written(**rows)).status_code == 303

    reasons = newest().reasons
    assert set(reasons) == {"wrong_choice", "unlike_expected", "too_late"}
    assert reasons["too_late"] == {"name_zh": "来得太晚", "name_en": "Too late", "liable": "carrier", "evidence": ["photo"]}


def test_a_version_without_a_reason_is_refused():
    gone = {f"reasons-{at}-{name}": "" for at in range(3) for name in ("code", "name_zh", "name_en")}

    answer = browse(make_manager()).post(URL, written(**gone))

    assert answer.status_code == 422
    assert "Name at least one reason." in text(answer)


def test_who_was_slower_sees_the_other_proposal_and_keeps_their_own():
    answers = written(window_days="12")
    propose(window_days=20)

    answer = browse(make_manager()).post(URL, answers)

    assert answer.status_code == 409
    assert re.findall(r'<input[^>]*name="expected_version"[^>]*>', text(answer))[0].count('value="2"') == 1
    assert 'value="12"' in text(answer)


def test_shipped_rules_are_signed_with_one_button():
    manager = make_manager()
    client = browse(manager)
    assert "Sign these rules" in text(client.get(URL))

    done = client.post(URL, {"step": "sign", "version": 1})

    assert done.status_code == 303
    assert (newest().version, newest().published_by) == (2, manager)
    assert "Sign these rules" not in text(client.get(URL))
    assert client.post(URL, {"step": "sign", "version": 2}).status_code == 409


def test_an_unknown_type_or_version_is_not_found():
    client = browse(make_manager())

    assert client.get("/admin/build/policies/nothing/").status_code == 404
    assert client.get(URL, {"version": 9}).status_code == 404
    assert client.post(URL, {"step": "publish", "version": "x"}).status_code == 404


def test_an_old_version_can_be_looked_at():
    sign_shipped_policy(shipped(), by=make_manager())

    assert "Version 1" in text(browse(make_user("agent")).get(URL, {"version": 1}))


def test_the_list_of_cases_says_that_nobody_has_signed():
    manager, agent = make_manager(), make_user("agent")
    words = "Nobody has signed the rules of 9 kinds of request"
    assert words in text(browse(manager).get(reverse("admin:cases")))
    assert "Nobody has signed" not in text(browse(agent).get(reverse("admin:cases")))

    for policy in CasePolicy.objects.filter(version=1):
        sign_shipped_policy(policy, by=manager)

    assert "Nobody has signed" not in text(browse(manager).get(reverse("admin:cases")))


def test_the_configuration_says_so_to_administrators():
    make_merchant()

    assert "Nobody has signed the rules of" in text(browse(make_user("admin")).get(reverse("admin:configuration")))


def test_chinese_pages_are_chinese():
    page = text(browse(make_manager(), language="zh-hans").get(URL))

    assert "售后规则" in page
    assert "Sign these rules" not in page
