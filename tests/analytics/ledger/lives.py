"""Lives that complaints lead through the real services, on a day that is moved along. What the state refuses does not happen."""

from datetime import date, timedelta
from itertools import count
from typing import Any

from django.db import transaction

from accounts.models import Presence
from complaints.assignment.claim import assign_waiting
from complaints.chat.callbacks import ATTEMPTS, book_callback, cancel_callback, log_attempt
from complaints.chat.hours import Window
from complaints.chat.sessions import accept_chat, decline_offer, end_chat, file_chat, leave_queue, rate_chat, start_chat, turn_into_message
from complaints.chat.timers import run_chat_timers
from complaints.models import ChatSession, Complaint, FollowUp, LegalRule, Message, Survey
from complaints.services import (
    appeal_complaint,
    assign_complaint,
    begin_complaint,
    bind_order,
    confirm_complaint,
    correct_effort,
    decline_complaint,
    escalate_complaint,
    give_up_complaint,
    hand_back,
    hand_over,
    log_call,
    mark_spam,
    merge_complaints,
    post_customer_message,
    post_note,
    post_reply,
    release_complaint,
    reopen_complaint,
    resolve_complaint,
    restore_complaint,
    resume_complaint,
    retract_message,
    set_category,
    set_priority,
    snooze_complaint,
    split_complaint,
    transfer_complaint,
    unbind_order,
    unmerge_complaint,
    wake_complaint,
    withdraw_complaint,
)
from complaints.services.act import lock_act
from complaints.services.clocks import run_due_clocks
from complaints.services.delivery import record_sent
from complaints.services.external import note_external
from complaints.services.invitations import expire_due_surveys
from complaints.services.pauses import pause_clock, resume_clock
from complaints.services.surveys import answer_survey
from complaints.services.timers import run_timers
from foundation.events import HEAD_FIELDS, EventSpec, append_events
from foundation.exceptions import ReasonedError
from foundation.verbs import lock
from tests.complaints.assignment.builders import make_agent
from tests.factories import make_category, make_complaint, make_customer, make_filing, make_order, make_team, make_user
from tests.journeys import SOLVED

ANY: dict[str, Any] = {"expected_version": None}
CHANNELS = ("web", "email", "phone", "wechat")
SAYINGS = ("还是没有收到。", "谢谢！", "什么时候能处理？", "好的，收到")
MOST = 4


class House:
    """A few complaints of one customer, two orders of theirs, and who works on them."""

    def __init__(self, day: Any) -> None:
        self.day, self.numbers = day, count(1)
        self.agents = [make_agent(), make_agent()]
        self.lead = make_user("lead", teams=[make_team(), make_team("refunds")])
        self.other_team = make_team("refunds")
        self.categories = [make_category(), make_category("logistics.lost"), make_category("refund.slow", team=self.other_team)]
        customer = make_customer(phone="13800001234")
        self.orders = [make_order(customer=customer), make_order(lines=2, customer=customer), make_order()]
        for order in self.orders:
            self.tell(order, "order.placed", skus=sorted(order.lines.values_list("sku", flat=True)), province="上海")
        self.file(0)

    def live(self, verb: str, seconds: int, number: int) -> None:
        """Let time pass, then try something. What fails for a reason changes nothing."""
        self.day.later(seconds=seconds)
        try:
            with transaction.atomic():
                STEPS[verb](self, number)
        except ReasonedError:
            return

    def one(self, number: int) -> Complaint:
        found = list(Complaint.objects.order_by("pk"))
        return found[number % len(found)]

    def staff(self, complaint: Complaint, number: int) -> dict[str, Any]:
        """Whoever has it, else anybody; now and then the lead."""
        who = self.lead if number % 4 == 3 else complaint.assignee or self.agents[number % 2]
        return {"by": who, **ANY}

    # What customers do.

    def file(self, number: int) -> None:
        if Complaint.objects.count() >= MOST:
            return
        order = [None, *self.orders][number % 4]
        about = {"category": self.categories[number % 3], "channel": CHANNELS[number % 4], "order": order, "priority": number % 4}
        if number % 5 == 4:
            file_chat(make_filing(**about | {"channel": "chat"}))
        elif number % 7 == 6:
            make_complaint(by=self.agents[0], origin="agent", **about)
        else:
            make_complaint(origin="rule" if number % 9 == 8 else "customer", **about)

    def say(self, number: int) -> None:
        post_customer_message(self.one(number), body=SAYINGS[number % 4], channel=CHANNELS[number % 2])

    def end_it(self, number: int) -> None:
        verb = (confirm_complaint, reopen_complaint, withdraw_complaint, resume_complaint)[number // 4 % 4]
        verb(self.one(number), as_customer=True)

    def escalate(self, number: int) -> None:
        complaint = self.one(number)
        if number % 2:
            appeal_complaint(complaint, reason="不同意")
        else:
            escalate_complaint(complaint, as_customer=True)

    def talk(self, number: int) -> None:
        session = ChatSession.objects.filter(state__in=ChatSession.LIVE).select_related("complaint").order_by("pk").first()
        if session is None:
            start_chat(self.one(number), body="有人吗？")
            return
        verbs = [
            (accept_chat, {"by": session.agent}), (accept_chat, {"by": session.agent}), (decline_offer, {}), (leave_queue, {}),
            (end_chat, {"as_customer": True}), (end_chat, {"by": session.agent}), (turn_into_message, {}),
        ]  # fmt: skip
        verb, about = verbs[number % 7]
        if "by" not in about or about["by"] is not None:
            verb(session, **about)

    def rate(self, number: int) -> None:
        if number % 3 == 0 and (session := ChatSession.objects.order_by("-pk").first()):
            rate_chat(session, rating=1 + number % 5)
        elif survey := Survey.objects.order_by("-pk").first():
            answer_survey(survey, score=1 + number % 5, once=(None, True, False)[number % 3])

    # What the house does.

    def reply(self, number: int) -> None:
        complaint = self.one(number)
        then = ("", "", "ask_customer", "resolve")[number // 5 % 4]
        inputs = {"then_inputs": {"reason_code": "lost", "liability": {"carrier": 70, "shop": 30}}} if then == "resolve" else {}
        in_chat = ChatSession.objects.filter(complaint=complaint, state="active").exists()
        post_reply(complaint, body="您好，正在核实。", then=then, in_chat=in_chat, **inputs, **self.staff(complaint, number))

    def take_back(self, number: int) -> None:
        message = Message.objects.filter(author_kind="human", kind="public").order_by("-pk").first()
        if message is not None:
            retract_message(message, by=message.author)

    def note(self, number: int) -> None:
        complaint = self.one(number)
        by = self.staff(complaint, number)
        if number % 2:
            post_note(complaint, body="内部备注", by=by["by"])
        else:
            log_call(complaint, summary="电话沟通", is_reached=bool(number % 3), **by)

    def wait(self, number: int) -> None:
        complaint = self.one(number)
        by = self.staff(complaint, number)
        verb = number // 4 % 6
        if verb == 0:
            begin_complaint(complaint, **by)
        elif verb == 1:
            tomorrow = date.fromordinal(self.day.at.date().toordinal() + 1)
            department = ("warehouse", "finance", "carrier", "supplier")[number % 4]
            hand_over(complaint, department=department, owner="小陈", expected_on=tomorrow, **by)
        elif verb == 2:
            hand_back(complaint, summary="已找到", **by)
        elif verb == 3:
            snooze_complaint(complaint, until=self.day.at + timedelta(minutes=30 + number), reason="等回电", **by)
        elif verb == 4:
            wake_complaint(complaint, **by)
        else:
            run_timers()

    def resolve(self, number: int) -> None:
        complaint = self.one(number)
        by = self.staff(complaint, number)
        verb = number // 4 % 5
        if verb < 3:
            resolve_complaint(complaint, **SOLVED, **by)
        elif verb == 3:
            decline_complaint(complaint, facts="超出期限", reason_code="late", basis="规则 1", **by | {"by": self.lead})
        else:
            give_up_complaint(complaint, summary="多次未接", **by)

    def open_again(self, number: int) -> None:
        complaint = self.one(number)
        reopen_complaint(complaint, reason="看漏了", by=complaint.resolved_by or self.lead, **ANY)

    def join(self, number: int) -> None:
        complaint, by = self.one(number), {"by": self.lead, **ANY}
        if complaint.merged_into_id and number % 3:
            unmerge_complaint(complaint, **by)
        else:
            merge_complaints(complaint, into=self.one(number // 4 + 1), reason="同一件事", **by)

    def split(self, number: int) -> None:
        complaint = self.one(number)
        messages = list(complaint.messages.filter(author_kind="customer").values_list("pk", flat=True))[:2]
        if Complaint.objects.count() < MOST:
            split_complaint(complaint, messages=messages, category=self.categories[number % 3], by=self.lead, **ANY)

    def doubt(self, number: int) -> None:
        complaint = self.one(number)
        if complaint.status == "spam":
            restore_complaint(complaint, by=self.lead, **ANY)
        elif number % 3 == 0:
            mark_spam(complaint, reason="广告", by=self.lead, **ANY)

    def give(self, number: int) -> None:
        complaint, by = self.one(number), {"by": self.lead, **ANY}
        verb = number // 4 % 4
        if verb == 0:
            Presence.objects.update(heartbeat_at=self.day.at, state="ready")
            assign_waiting()
        elif verb == 1:
            assign_complaint(complaint, to=self.agents[number % 2], reason="他熟", **by)
        elif verb == 2:
            release_complaint(complaint, **by)
        else:
            transfer_complaint(complaint, team=[make_team(), self.other_team][number % 2], **by)

    def label(self, number: int) -> None:
        complaint, by = self.one(number), self.staff(self.one(number), number)
        verb = number // 4 % 4
        if verb == 0:
            set_category(complaint, category=self.categories[number % 3], **by)
        elif verb == 1:
            set_priority(complaint, priority=number % 4, **by)
        elif verb == 2:
            bind_order(complaint, order=self.orders[number % 3], **by)
        else:
            unbind_order(complaint, **by)

    def outside(self, number: int) -> None:
        rule = LegalRule.objects.exclude(platform="law").order_by("pk")[number % 3]
        about = {"external_no": f"E{next(self.numbers)}", "received_at": self.day.at - timedelta(hours=number % 5)}
        note_external(self.one(number), rule=rule, due_at=self.day.at + timedelta(days=3), by=self.lead, **about, **ANY)

    def call(self, number: int) -> None:
        call = FollowUp.objects.filter(kind="callback", done_at__isnull=True).select_related("complaint", "run").order_by("pk").first()
        if call is None or number % 4 == 0:
            start = self.day.at + timedelta(hours=1)
            book_callback(self.one(number), Window(start, start + timedelta(hours=2)))
        elif number % 4 == 1:
            cancel_callback(call)
        else:
            log_attempt(call, outcome=str(ATTEMPTS[number % 5]), summary="已说明", by=self.agents[number % 2])

    def time(self, number: int) -> None:
        complaint, by = self.one(number), {"by": self.lead, **ANY}
        verb = number // 4 % 4
        if verb == 0:
            pause_clock(complaint, reason=("regulator", "disaster")[number % 2], until=self.day.at + timedelta(days=2), **by)
        elif verb == 1:
            resume_clock(complaint, **by)
        else:
            self.sweep(number)

    def sweep(self, _number: int) -> None:
        while run_due_clocks():
            pass
        run_timers()
        run_chat_timers()
        expire_due_surveys()

    def work(self, number: int) -> None:
        complaint, agent = self.one(number), self.agents[number % 2]
        contact = complaint.contacts.order_by("pk").first()
        if number % 4 == 0:
            correct_effort(complaint, agent=agent, contact=contact.pk, delta=timedelta(minutes=number), reason="线下", by=self.lead, **ANY)
            return
        act = lock_act(complaint, "effort", by=None)
        times = {"active_ms": 1100 * number, "hold_ms": 100 * number, "wrapup_ms": 7}
        act.note("effort.recorded", codes={"agent": agent.pk, "contact": contact and contact.pk, **times}, at=self.day.at)
        act.finish(raises_version=False)

    def deliver(self, number: int) -> None:
        order = self.orders[number % 3]
        kinds = ("order.shipped", "order.delivered", "order.confirmed")
        if number % 2:
            carrier = {"carrier": ("SF", "YTO")[number % 4 // 2], "warehouse": number % 3, "shipment": 1 + number % 2}
            self.tell(order, "shipment.scanned", status="in_transit", **carrier)
        else:
            self.tell(order, kinds[number % 3], province=("上海", "四川")[number % 2], skus=["A1"] if number % 3 else ["A1", "B2"])

    def send(self, _number: int) -> None:
        """Mail that is due leaves; a survey in it is delivered by that."""
        for row in list(self.one(0).outbox.model.objects.filter(state="queued", next_at__lte=self.day.at)):
            record_sent(row)

    def tell(self, order: Any, kind: str, **codes: Any) -> None:
        order = lock(order)
        append_events(order, [EventSpec(kind, {"merchant": order.merchant_id, **codes})])
        order.save(update_fields=HEAD_FIELDS)


STEPS = {
    "file": House.file, "say": House.say, "end it": House.end_it, "escalate": House.escalate, "talk": House.talk, "rate": House.rate,
    "reply": House.reply, "take back": House.take_back, "note": House.note, "wait": House.wait, "resolve": House.resolve,
    "open again": House.open_again, "join": House.join, "split": House.split, "doubt": House.doubt, "give": House.give,
    "label": House.label, "outside": House.outside, "call": House.call, "time": House.time, "sweep": House.sweep, "work": House.work,
    "deliver": House.deliver, "send": House.send,
}  # fmt: skip
VERBS = [*STEPS, "file", *["say", "reply", "reply", "resolve", "join", "give", "talk", "end it"]]
