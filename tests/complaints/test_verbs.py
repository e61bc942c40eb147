"""Every state × role × verb: what the table allows works, everything else is refused in words and writes nothing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from complaints import services
from complaints.lifecycle import VERBS, Status, Who
from complaints.models import Complaint, Event, Message, Outbox
from foundation.exceptions import NotAllowedError, ReasonedError, RefusedError
from tests.factories import make_complaint, make_merchant, make_team, make_user
from tests.journeys import SOLVED

pytestmark = pytest.mark.django_db

STAFF = {"expected_version": None}


def ask(complaint, by, _):
    return services.ask_customer(complaint, body="请补充照片。", by=by, **STAFF)


def hand_over(complaint, by, _):
    return services.hand_over(complaint, department="carrier", owner="小李", expected_on=timezone.localdate(), by=by, **STAFF)


def snooze(complaint, by, _):
    return services.snooze_complaint(complaint, until=timezone.now() + timedelta(hours=1), reason="等回电", by=by, **STAFF)


def decline(complaint, by, _):
    return services.decline_complaint(complaint, facts="已超过期限。", reason_code="expired", basis="售后规则 3.2 v1", by=by, **STAFF)


def merge(complaint, by, _):
    survivor = Complaint.objects.exclude(pk=complaint.pk).filter(status=Status.NEW).first()
    return services.merge_complaints(complaint, into=survivor, by=by, **STAFF)


def split(complaint, by, _):
    first = complaint.messages.order_by("id").first()
    return services.split_complaint(complaint, messages=[first.pk], category=complaint.category, by=by, **STAFF)


USE: dict[str, Callable[[Complaint, Any, bool], Any]] = {
    "begin": lambda complaint, by, _: services.begin_complaint(complaint, by=by),
    "ask_customer": ask,
    "answer": lambda complaint, by, _: services.answer_complaint(complaint, summary="客户来电。", by=by, **STAFF),
    "no_answer": lambda complaint, by, _: services.miss_answer(complaint),
    "hand_over": hand_over,
    "hand_back": lambda complaint, by, _: services.hand_back(complaint, summary="已找到。", by=by, **STAFF),
    "snooze": snooze,
    "wake": lambda complaint, by, _: services.wake_complaint(complaint, by=by),
    "resolve": lambda complaint, by, _: services.resolve_complaint(complaint, by=by, **SOLVED, **STAFF),
    "decline": decline,
    "give_up": lambda complaint, by, _: services.give_up_complaint(complaint, summary="联系不上。", by=by, **STAFF),
    "confirm": lambda complaint, by, as_customer: services.confirm_complaint(complaint, by=by, as_customer=as_customer),
    "reopen": lambda complaint, by, as_customer: services.reopen_complaint(complaint, by=by, as_customer=as_customer, reason="没有解决"),
    "appeal": lambda complaint, by, _: services.appeal_complaint(complaint, reason="不同意。"),
    "withdraw": lambda complaint, by, as_customer: services.withdraw_complaint(
        complaint, by=by, as_customer=as_customer, reason="来电撤回"
    ),
    "resume": lambda complaint, by, as_customer: services.resume_complaint(complaint, by=by, as_customer=as_customer),
    "merge": merge,
    "unmerge": lambda complaint, by, _: services.unmerge_complaint(complaint, by=by, **STAFF),
    "split": split,
    "mark_spam": lambda complaint, by, _: services.mark_spam(complaint, by=by, reason="广告", **STAFF),
    "restore": lambda complaint, by, _: services.restore_complaint(complaint, by=by, **STAFF),
    "escalate": lambda complaint, by, as_customer: services.escalate_complaint(complaint, by=by, as_customer=as_customer),
}
# Verbs without a door of this kind: the service offers no way to call them so.
CUSTOMER_DOORS = {"confirm", "reopen", "appeal", "withdraw", "resume", "escalate"}
CUSTOMER_ONLY, SYSTEM_ONLY = "appeal", "no_answer"
RIGHTS = {
    "customer": {Who.CUSTOMER},
    "system": {Who.SYSTEM},
    "assignee": {Who.ASSIGNEE, Who.AGENT},
    "colleague": {Who.AGENT},
    "lead": {Who.ASSIGNEE, Who.AGENT, Who.LEAD},
    "manager": {Who.ASSIGNEE, Who.AGENT, Who.LEAD},
    "outsider": set(),
    "foreign_lead": set(),
    "foreign_manager": set(),
    "warehouse": set(),
    "finance": set(),
    "admin": set(),
    "integration": set(),
}
# What guards forbid although the table allows it, in the situations that the journeys lead to.
GUARDED = {
    ("give_up", None, None),  # the customer has not been silent yet
    ("appeal", Status.RESOLVED, None),  # solved, not declined
    ("unmerge", None, "colleague"),  # somebody else merged it
}

# Asking is a reply, and the first reply begins the work: one act leads from new to waiting.
THROUGH_BEGIN = ("ask_customer", Status.NEW)


def has_door(verb: str, role: str) -> bool:
    if role == "customer":
        return verb in CUSTOMER_DOORS
    return verb != CUSTOMER_ONLY and (verb != SYSTEM_ONLY or role == "system")


def is_guarded(verb: str, status: str, role: str) -> bool:
    return any(cell[0] == verb and cell[1] in (None, status) and cell[2] in (None, role) for cell in GUARDED)


def make_cast(assignee) -> dict[str, Any]:
    shop, other_shop = make_merchant(), make_merchant("other")
    elsewhere = make_team("quality")
    return {
        "customer": None,
        "system": None,
        "assignee": assignee,
        "colleague": make_user(),
        "lead": make_user("lead"),
        "manager": make_user("manager", shops=[shop]),
        "outsider": make_user(teams=[elsewhere]),
        "foreign_lead": make_user("lead", teams=[elsewhere]),
        "foreign_manager": make_user("manager", shops=[other_shop]),
        "warehouse": make_user("warehouse", teams=[make_team()]),
        "finance": make_user("finance", teams=[make_team()]),
        "admin": make_user("admin", teams=[make_team()]),
        "integration": make_user("integration", teams=[make_team()]),
    }


def count_rows() -> tuple[int, ...]:
    return Event.objects.count(), Message.objects.count(), Outbox.objects.count(), sum(Complaint.objects.values_list("version", flat=True))


def try_verb(verb: str, complaint: Complaint, by: Any, role: str) -> str:
    """Use a verb, note how it went, and undo it."""
    with transaction.atomic():
        before = count_rows()
        try:
            with transaction.atomic():
                USE[verb](complaint, by, role == "customer")
            outcome = "done"
        except ReasonedError as error:
            assert error.reasons and all(str(reason.text) for reason in error.reasons)
            outcome = "refused"
            assert count_rows() == before, f"{verb} by {role} was refused and wrote all the same"
        transaction.set_rollback(True)
    return outcome


def expected(verb: str, status: str, role: str) -> str:
    row = VERBS[verb]
    is_allowed = (status in row.sources or (verb, status) == THROUGH_BEGIN) and bool(RIGHTS[role] & row.who)
    return "done" if is_allowed and not is_guarded(verb, status, role) else "refused"


@pytest.mark.parametrize("status", Status.values)
def test_every_role_may_use_exactly_the_verbs_of_the_table(status):
    assignee = make_user()
    complaint = make_complaint(status, assignee=assignee)
    make_complaint()  # somewhere to merge into
    cast = make_cast(assignee)

    cells = [(verb, role) for verb in VERBS for role in cast if has_door(verb, role)]
    found = {(verb, role): try_verb(verb, complaint, cast[role], role) for verb, role in cells}

    assert found == {(verb, role): expected(verb, status, role) for verb, role in found}


@pytest.mark.parametrize("status", Status.values)
def test_buttons_say_what_the_services_do(status):
    assignee = make_user()
    complaint = make_complaint(status, assignee=assignee)
    make_complaint()
    roles = {"assignee": assignee, "colleague": make_user(), "lead": make_user("lead")}

    for role, by in roles.items():
        shown = {each["verb"]: each["allowed"] for each in services.explain_verbs(complaint, by)}
        shown.pop("ask_customer") if status == Status.NEW else None
        done = {verb: try_verb(verb, complaint, by, role) == "done" for verb in shown}
        assert shown == done


def test_a_refusal_of_right_and_one_of_state_are_told_apart():
    complaint = make_complaint(Status.CLOSED)

    with pytest.raises(NotAllowedError):
        services.begin_complaint(complaint, by=make_user(teams=[make_team("quality")]))
    with pytest.raises(RefusedError):
        services.escalate_complaint(complaint, as_customer=True)


def test_a_guard_from_above_is_heard_by_service_and_button():
    from complaints import guards
    from foundation.exceptions import Reason

    complaint = make_complaint()

    def parcel_under_way(_complaint, _by):
        return [Reason("parcel", "A parcel is on its way.")]

    guards.register("withdraw", parcel_under_way)
    try:
        with pytest.raises(RefusedError) as refusal:
            services.withdraw_complaint(complaint, as_customer=True)
        shown = next(each for each in services.explain_verbs(complaint, None, as_customer=True) if each["verb"] == "withdraw")
    finally:
        guards.unregister("withdraw", parcel_under_way)

    assert [reason.code for reason in refusal.value.reasons] == ["parcel"]
    assert not shown["allowed"]
