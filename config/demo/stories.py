"""Complaints of the demo shop, told from filing to closing. Rows and events are what the services would have written then."""

from datetime import datetime, timedelta
from math import sqrt
from random import Random
from typing import Any
from uuid import UUID

from complaints import timing
from complaints.lifecycle import Status
from complaints.models import Complaint, Contact, Decision, Event, FilingConsent, Message, Outbox
from complaints.numbers import check_digit
from complaints.privacy_notice import current_notice
from complaints.services.notices import MAX_AGE

from .chain import Chain
from .corpus import Person, texts
from .effort import effort_codes
from .orders import DemoOrder
from .people import index_of
from .plan import Plan, Tables, Topic
from .rhythm import in_working_hours
from .seasons import SHOP_OFFSET, strain
from .surveys import Questions

MESSAGES, EVENTS, OUTBOX = 16, 48, 24
REFUNDED_SHARE, COMPENSATED_SHARE, COMPENSATIONS = 0.6, 0.25, (500, 800, 1000, 1500, 2000, 3000)
BEARERS = {"carrier": "carrier", "supplier": "supplier"}
SECOND = timedelta(seconds=1)
NO_MAIL_YET = timedelta(seconds=3)


class Story:
    """One complaint while it is told: each act moves ``at`` on and adds what that act leaves behind."""

    def __init__(
        self,
        plan: Plan,
        tables: Tables,
        number: int,
        luck: Random,
        *,
        topic: Topic,
        who: Person,
        order: DemoOrder | None,
        filed_at: datetime,
    ) -> None:
        self.plan, self.tables, self.number, self.topic = plan, tables, number, topic
        self.who, self.order, self.at = who, order, filed_at
        self.luck = luck
        self.suffix = "en" if who.language == "en" else "zh"
        self.said = texts()["topics"][topic.code]
        self.id = plan.complaint_id(number)
        self.chain = Chain(tables[Event], self.id, plan.base["complaints_event"] + number * EVENTS + 1)
        self.message_id = plan.base["complaints_message"] + number * MESSAGES
        self.outbox_id = plan.base["complaints_outbox"] + number * OUTBOX
        self.contact_id = plan.base["complaints_contact"] + number + 1
        self.agent, self.assigned = 0, 0
        self.questions = Questions(self)
        self.row: dict[str, Any] = self._first_row(filed_at)

    def later(self, low: float, high: float) -> datetime:
        """Let a time between so many hours pass; where the present comes sooner, half of what is left until then."""
        at = self.at + timedelta(hours=self.luck.uniform(low, high))
        at = min(at, self.at + (self.plan.now - self.at) / 2).replace(microsecond=0)
        by_day = at if self.plan.is_lean else in_working_hours(at, self.luck)
        self.at = by_day if by_day < self.plan.now else at
        return self.at

    @property
    def slowness(self) -> float:
        """How much longer everything takes than in a large shop: long in the beginning and in the days of a sale, by now quicker."""
        if self.plan.is_lean:
            return 1
        filed_at = self.row["filed_at"]
        return (0.7 + 0.8 * self.plan.age_of(filed_at)) * sqrt(strain(filed_at))

    def change_team(self, team_id: int) -> None:
        """Another team has to answer; whoever had it has it no more."""
        row = self.row
        self.note("team.changed", {"from": row["team_id"], "to": team_id}, by=self.agent)
        row["team_id"] = team_id
        codes = {"agent": self.agent, "team": team_id, "cause": "transferred"}
        self.note("unassigned", codes, by=self.agent)
        row["assignee_id"], self.agent = None, 0

    def pick(self, key: str, *, topical: bool = False) -> str:
        """One of the sentences of this kind in the customer's language, filled in."""
        sentences = (self.said if topical else texts())[f"{key}_{self.suffix}" if key else self.suffix]
        return self.fill(self.luck.choice(sentences))

    def fill(self, sentence: str) -> str:
        order, luck = self.order, self.luck
        line = order.lines[0] if order else None
        values = {
            "goods": (line["title_en"].lower() if self.suffix == "en" else line["title"])
            if line
            else ("parcel" if self.suffix == "en" else "商品"),
            "waybill": order.waybill if order else "",
            "carrier": order.carrier[2 if self.suffix == "en" else 1] if order else ("the carrier" if self.suffix == "en" else "快递"),
            "order": order.number if order else "",
            "amount": f"{(order.total_fen if order else 9900) / 100:.2f}",
            "small": luck.choice((5, 8, 10, 15, 20)),
            "days": luck.randint(3, 7),
            "name": self.who.name,
            "agent": self.plan.names.get(self.agent, ""),
        }
        return sentence.format(**values)

    def tell(self, node: str, *, at: datetime | None = None, message: int | None = None, values: dict | None = None) -> None:
        """A notice that was sent then, or waits until its time has come."""
        due = at or self.at
        is_due = due <= self.plan.now
        if not self.who.email or (self.plan.is_lean and is_due) or not (is_due or self.plan.sends_mail):
            return
        self.outbox_id += 1
        sent = {"state": "sent", "sent_at": due + NO_MAIL_YET, "attempts": 1} if is_due else {}
        self.tables[Outbox].add(
            id=self.outbox_id,
            key=UUID(int=self.luck.getrandbits(128), version=4),
            complaint_id=self.id,
            event_seq=self.chain.seq,
            node=node,
            language=self.who.language,
            message_id=message,
            values=values or {},
            next_at=due,
            expires_at=due + MAX_AGE,
            created_at=self.at,
            **sent,
        )

    def note(self, kind: str, codes: dict[str, Any], *, payload: dict | None = None, by: int | None = None, author: str = "") -> None:
        self.questions.catch_up(self.at)
        self.chain.add(kind, self.at, codes, payload=payload, actor=by, author=author)

    def move(self, verb: str, to: str, *, by: int | None = None, author: str = "") -> None:
        codes = {"from": self.row["status"], "to": to, "verb": verb, "cycle": self.row["cycle"]}
        self.row |= {"status": to, "version": self.row["version"] + 1}
        self.note("status.changed", codes, by=by, author=author)

    def say(self, body: str, *, author: str = "customer", kind: str = "public", is_thanks: bool = False) -> int:
        """Put a message into the thread."""
        self.message_id += 1
        is_customer, is_public = author == "customer", kind == "public"
        writer = None if is_customer else self.agent
        contact = self.contact_id if is_customer else None
        leaves_at = self.at + timing.UNDO_SEND if is_public and not is_customer else None
        self.tables[Message].add(
            id=self.message_id,
            complaint_id=self.id,
            contact_id=contact,
            kind=kind,
            author_kind=author,
            author_id=writer,
            body=body,
            language=self.who.language,
            is_thanks=is_thanks,
            created_at=self.at,
            leaves_at=leaves_at,
        )
        codes = {
            "message": self.message_id,
            "contact": contact,
            "author_kind": author,
            "public": is_public,
            "thanks": is_thanks,
        }
        self.note("message.posted", codes, payload={"body": body}, by=writer, author=author)
        if is_public:
            self.row["last_message_at"] = self.at
        return self.message_id

    def file(self, body: str) -> None:
        """The complaint comes in."""
        row, order = self.row, self.order
        self.tables[Contact].add(id=self.contact_id, complaint_id=self.id, channel=row["channel"], origin="customer", at=self.at)
        self.prove_notice()
        codes = {
            "contact": self.contact_id,
            "channel": row["channel"],
            "origin": "customer",
            "merchant": self.plan.merchant_id,
            "order": order.id if order else None,
            "matched_by": "phone" if order else "",
            "lines": row["line_ids"],
            "category": self.topic.code,
            "form": self.topic.form_version,
            "team": self.topic.team_id,
            "priority": row["priority"],
            "tier": self.who.tier if order else "",
            "language": self.who.language,
            "amount_fen": row["amount_fen"],
            "wish": row["wish"],
        }
        row["description"], row["subject"] = body, body.splitlines()[0][:80]
        payload = {"subject": row["subject"], "answers": row["answers"], "order_text": row["order_text"]}
        self.note("complaint.filed", codes, payload=payload, author="customer")
        self.say(body)
        self.tell("acknowledged")

    def prove_notice(self) -> None:
        """Which notice of personal data stood on the form."""
        notice = current_notice(self.who.language)
        self.tables[FilingConsent].add(
            id=self.plan.base["complaints_filingconsent"] + self.number + 1,
            complaint_id=self.id,
            version=notice.version,
            language=notice.language,
            text_digest=notice.digest,
            channel=self.row["channel"],
            way=FilingConsent.Way.SHOWN,
            at=self.at,
        )

    def assign(self, agent: int, cause: str = "sweep") -> None:
        """Somebody gets it."""
        was, self.agent = self.row.get("assignee_id"), agent
        self.row["assignee_id"] = agent
        decision = self.plan.base["complaints_decision"] + self.assigned * self.plan.complaints + self.number + 1
        self.assigned += 1
        if not self.plan.is_lean or self.row["status"] == Status.NEW:
            self.tables[Decision].add(id=decision, complaint_id=self.id, at=self.at, cause=cause, winner_id=agent)
        self.note("assigned", {"agent": agent, "was": was, "team": self.row["team_id"], "cause": cause, "decision": decision})
        self.tell("assigned")

    def reply(self, body: str, *, node: str = "reply") -> int:
        """A public answer of the assignee; the first one begins the work."""
        message = self.say(body, author="human")
        if self.row["status"] == Status.NEW:
            self.move("begin", Status.OPEN, by=self.agent)
        self.row |= {"needs_reply": False, "unanswered_since": None}
        self.row["first_reply_at"] = self.row.get("first_reply_at") or self.at
        if node:
            self.tell(node, at=self.at + timing.UNDO_SEND, message=message)
        if not self.plan.is_lean:
            self.note("effort.recorded", effort_codes(self))
        return message

    def hear(self, body: str) -> None:
        """The customer writes again and waits for an answer."""
        self.say(body)
        self.row |= {"needs_reply": True, "unanswered_since": self.row.get("unanswered_since") or self.at}

    def end(self, outcome: str, text: str, node: str) -> None:
        """The result, with its reason, and the question how it went."""
        row = self.row
        message = self.reply(text, node="")
        self.move("decline" if outcome == "declined" else "resolve", Status.RESOLVED, by=self.agent)
        row |= {
            "outcome": outcome,
            "resolution": text,
            "reason_code": self.topic.code,
            "resolved_at": self.at,
            "resolved_by_id": self.agent,
            "timer_at": self.at + timing.CONFIRM_WAIT,
        }
        liability = {} if outcome == "declined" else {self.said["party"]: 100}
        row["liability"] = liability
        if not self.plan.is_lean:
            self.note("reason.set", {"reason": self.topic.code}, by=self.agent)
            if liability:
                self.note("liability.set", {"liability": liability}, by=self.agent)
        solved = {"outcome": outcome, "cycle": row["cycle"], "solver": self.agent}
        self.note("cycle.resolved", solved, payload={"resolution": text}, by=self.agent)
        self.tell(node, at=self.at + timing.UNDO_SEND, message=message)
        self.questions.ask_about_round()
        if outcome == "solved" and not self.plan.is_lean and row["cycle"] == 1:
            self.pay_back()

    def pay_back(self) -> None:
        """Money that reached the customer before the house kept cases: of such, only the fact is known, and what it was for."""
        goods = self.row["amount_fen"] if self.topic.code.startswith("refund.") else 0
        about = {"case": 0, "refund": 0, "currency": "CNY"}
        party = self.said["party"]
        bearer = BEARERS.get(party, "merchant")
        if goods and self.luck.random() < REFUNDED_SHARE:
            self.later(1, 5)
            self.note("refund.succeeded", {**about, "fen": goods, "kind": "goods", "bearer": bearer})
        elif self.luck.random() < COMPENSATED_SHARE:
            self.later(0.2, 5)
            fen = self.luck.choice(COMPENSATIONS)
            self.note("refund.succeeded", {**about, "fen": fen, "kind": "compensation", "bearer": bearer})

    def write(self) -> None:
        """The row itself, once everything has been told."""
        self.questions.write()
        self.tables[Complaint].add(head_seq=self.chain.seq, head_hash=self.chain.hash, **self.row)

    def _first_row(self, filed_at: datetime) -> dict[str, Any]:
        plan, topic, who, order, luck = self.plan, self.topic, self.who, self.order, self.luck
        promise = filed_at + timedelta(hours=topic.promise_hours)
        lines = order.lines[:1] if order and topic.asks_lines else []
        return {
            "id": self.id,
            "number": make_number(plan.seed, self.number, filed_at),
            "merchant_id": plan.merchant_id,
            "customer_id": plan.customer_id(who.number) if order else None,
            "order_id": order.id if order else None,
            "category_id": topic.id,
            "form_id": topic.form_id,
            "wish": luck.choice(self.said["wish"]),
            "answers": answer_questions(topic, luck, filed_at),
            "line_ids": [line["id"] for line in lines],
            "order_text": order.number if order else f"QH{filed_at:%y%m}{luck.randrange(10**5):05}",
            "order_snapshot": take_snapshot(order, filed_at) if order else {},
            "amount_fen": sum(line["paid_fen"] for line in lines),
            "status": Status.NEW,
            "status_before": "",
            "priority": max(topic.priority, 2) if who.tier == "vip" and order else topic.priority,
            "channel": luck.choices(("web", "mail", "wechat", "phone"), (80, 8, 8, 4))[0],
            "language": who.language,
            "team_id": topic.team_id,
            "cycle": 1,
            "contact_name": who.name,
            "contact_phone": who.phone,
            "contact_phone_index": index_of(who.phone, "phone"),
            "contact_email": who.email,
            "contact_email_index": index_of(who.email, "email"),
            "is_proven": order is not None,
            "filed_at": filed_at,
            "promise_at": promise,
            "due_at": promise,
            "needs_reply": True,
            "unanswered_since": filed_at,
            "last_message_at": filed_at,
            "version": 1,
        }


def make_number(seed: int, number: int, filed_at: datetime) -> str:
    """A number that no other complaint of this seed has."""
    digits = f"{filed_at + SHOP_OFFSET:%y%m%d}{(number * 63_018_037 + seed * 15_485_863) % 10**8:08}"
    return f"C{digits}{check_digit(digits)}"


def answer_questions(topic: Topic, luck: Random, filed_at: datetime) -> dict[str, Any]:
    """Plausible answers to the questions of the form."""
    day = (filed_at - timedelta(days=luck.randint(1, 5))).date().isoformat()
    answers = {}
    for question in topic.fields:
        kind = question["type"]
        if kind == "choice":
            answers[question["key"]] = luck.choice(question["options"])["code"]
        elif kind in ("date", "datetime"):
            answers[question["key"]] = day if kind == "date" else f"{day}T{luck.randint(9, 21):02}:{luck.choice((0, 15, 30, 45)):02}+08:00"
        elif kind in ("number", "money"):
            answers[question["key"]] = luck.randint(1, 3) if kind == "number" else luck.randint(500, 9900)
        elif question["required"]:
            answers[question["key"]] = "见上面的描述" if kind == "long" else f"{luck.randrange(10**6):06}"
    return answers


def take_snapshot(order: DemoOrder, filed_at: datetime) -> dict[str, Any]:
    """What the order said when it was complained of."""
    journey = order.journey
    known = {name: at for name in ("placed_at", "shipped_at", "delivered_at") if (at := getattr(journey, name)) and at <= filed_at}
    promised = {name: at for name in ("promised_ship_at", "promised_delivery_at") if (at := getattr(journey, name))}
    return {
        "id": order.id,
        "number": order.number,
        "status": "delivered" if "delivered_at" in known else "shipped" if "shipped_at" in known else "paid",
        "currency": "CNY",
        "total_fen": order.total_fen,
        "freight_fen": 0,
        "lines": [{name: line[name] for name in ("id", "title", "variant", "quantity", "paid_fen")} for line in order.lines],
        "waybills": [order.waybill] if "shipped_at" in known else [],
        "proof": "phone",
        **{name: at.isoformat() for name, at in (known | promised).items()},
    }
