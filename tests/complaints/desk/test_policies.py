"""The page of promises: what is in force, what it means for a complaint, and publishing with a preview."""

import pytest
import time_machine

from accounts.services import load_calendars
from complaints.models import SlaPolicy
from complaints.sla.defaults import load_sla_defaults
from complaints.sla.policies import forget_policies
from complaints.sla.presets import PRESETS
from tests.factories import make_category, make_merchant, make_user

pytestmark = pytest.mark.django_db
VIP = {
    "code": "vip", "name_zh": "会员", "name_en": "VIP", "is_overlay": "yes", "rank": "310", "first": "10 min", "next": "30 min",
    "calendar": "extended", "tiers": ["vip"], "is_active": "on", "expected_version": "1", "reason": "大促",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _shipped(db):
    load_calendars()
    load_sla_defaults()
    make_category()
    forget_policies()
    yield
    forget_policies()


@pytest.fixture
def house(desk):
    """The desk of a manager."""
    desk.login_as(make_user("manager", shops=[make_merchant()]))
    return desk


def versions() -> dict[str, int]:
    newest = SlaPolicy.objects.order_by("code", "-version").distinct("code")
    return {policy.code: policy.version for policy in newest if policy.version > 1}


def test_everybody_on_the_desk_reads_the_promises_and_their_overlaps(desk, url):
    page = desk.get(url("policies")).content.decode()

    assert "绿色通道" in page and "会员 + 绿色通道" in page
    assert url("policy", "vip") not in page


def test_a_vip_in_the_green_channel_gets_the_earlier_of_both(house, url):
    sample = {"priority": 1, "tier": "vip", "is_green": "on", "channel": "web", "origin": "customer", "category": "logistics.stalled"}
    page = house.get(url("policies"), sample | {"risk": 0, "at": "2026-11-24T10:00"}).content.decode()

    assert "11-24 10:15" in page and "11-26 10:00" in page


def test_a_sample_that_cannot_be_read_keeps_what_was_typed(house, url):
    answer = house.get(url("policies"), {"tier": "vip", "at": "gestern", "priority": 1})

    assert answer.status_code == 422 and "gestern" in answer.content.decode()


def test_a_preview_shows_the_change_and_publishes_nothing(house, url):
    answer = house.post(url("policy", "vip"), VIP | {"step": "preview"})

    page = answer.content.decode()
    assert answer.status_code == 200 and versions() == {}
    assert 'id="preview"' in page and "csrfmiddlewaretoken=" not in page


def test_a_preview_can_be_sent_as_an_address(desk, house, url):
    desk.login_as(make_user("lead"))

    page = desk.get(url("policy", "vip"), VIP).content.decode()

    assert 'id="preview"' in page and 'value="publish"' not in page


def test_a_manager_publishes_and_comes_back_to_the_table(house, url):
    answer = house.post(url("policy", "vip"), VIP | {"step": "publish"})

    assert (answer.status_code, answer["Location"]) == (303, url("policies"))
    assert versions() == {"vip": 2}
    assert SlaPolicy.objects.get(code="vip", version=2).targets == {"first": 10, "next": 30}


def test_a_lead_proposes_but_does_not_publish(desk, lead, url):
    desk.login_as(lead)

    answer = desk.post(url("policy", "vip"), VIP | {"step": "publish"})

    assert answer.status_code == 403 and versions() == {}


@pytest.mark.parametrize(("field", "value"), [("first", "soon"), ("rank", ""), ("calendar", ""), ("first", "0")])
def test_a_bad_answer_stands_at_its_field_and_the_others_are_kept(house, url, field, value):
    answer = house.post(url("policy", "vip"), VIP | {field: value, "step": "publish"})

    page = answer.content.decode()
    assert answer.status_code == 422 and versions() == {}
    assert f'href="#id_{field}"' in page and "大促" in page


def test_a_version_that_somebody_published_meanwhile_is_not_overwritten(house, url):
    house.post(url("policy", "vip"), VIP | {"step": "publish"})

    answer = house.post(url("policy", "vip"), VIP | {"first": "5 min", "step": "publish"})

    assert answer.status_code == 409 and versions() == {"vip": 2}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_shows_what_it_changes_and_is_published_as_a_whole(house, url, preset):
    page = house.get(url("policy-preset", preset)).content.decode()
    seen = {f"seen-{code}": 1 for code in ("standard", "high", "logistics", "vip", "green")}
    answer = house.post(url("policy-preset", preset), {"reason": "开张", **seen})

    changes = {
        "standard": {},
        "sale": {"standard": 2, "high": 2},
        "lean": dict.fromkeys(["standard", "high", "logistics", "vip", "green"], 2),
    }
    assert versions() == changes[preset]
    assert answer.status_code == (303 if changes[preset] else 409)
    assert ('name="reason"' in page) == bool(changes[preset])


def test_a_preset_does_not_overwrite_what_was_published_after_it_was_looked_at(house, url):
    house.post(url("policy", "vip"), VIP | {"step": "publish"})

    answer = house.post(url("policy-preset", "lean"), {"reason": "开张", "seen-vip": 1, "seen-standard": 1})

    assert answer.status_code == 409 and versions() == {"vip": 2}


@pytest.mark.parametrize(("today", "codes"), [("2026-10-31", 0), ("2026-11-01", 2)])
@pytest.mark.parametrize("path", ["/admin/desk/sla/", "/admin/configuration/"])
def test_who_looks_after_promises_is_warned_sixty_days_before_public_days_end(client, today, codes, path):
    role = "admin" if "configuration" in path else "manager"
    with time_machine.travel(f"{today} 12:00 +0800", tick=False):
        client.force_login(make_user(role, shops=[make_merchant()]), backend="accounts.backends.StaffBackend")
        page = client.get(path).content.decode()

    assert page.count("2026-12-31") == codes
