"""All events of a complaint, what was said in them, and how often it was ended."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

DAY = timedelta(days=1)
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class Event:
    at: datetime
    complaint: int
    seq: int
    kind: str
    actor: int | None
    author: str
    codes: dict


@dataclass
class Case:
    """All events of a surviving complaint and of those merged into it; later complaints of the same matter by when they came."""

    root: int
    events: list[Event]
    members: tuple[int, ...] = ()
    kin: tuple[datetime, ...] = ()
    business: object = None
    own: list[Event] = field(init=False)

    def __post_init__(self):
        self.events = sorted(self.events, key=lambda each: (each.at, each.complaint, each.seq))
        self.own = [each for each in self.events if each.complaint == self.root]


def secs(start, end):
    return max(0, int((end - start).total_seconds()))


def clean(row):
    return {name: value for name, value in row.items() if value not in (0, None, "")} | (
        {name: 0 for name in row if name.endswith("_s") and name not in PARTS and row[name] == 0}
    )


PARTS = ("us_s", "customer_s", "warehouse_s", "finance_s", "carrier_s", "supplier_s", "regulator_s")


# What was said.


def words(case):
    """(at, who, contact, actor) of everything that was said in public and still stands; thanks of customers are no words."""
    gone = {each.codes["message"] for each in case.events if each.kind == "message.retracted"}
    found = []
    for each in case.events:
        codes = each.codes
        if each.kind == "call.logged" and codes["reached"]:
            found.append((each.at, "human", codes["contact"], each.actor))
        if each.kind == "message.posted" and codes["public"] and codes["message"] not in gone:
            judged = [later.codes["thanks"] for later in case.events if is_judgement(later, codes["message"])]
            thanks = judged[-1] if judged else codes["thanks"]
            if not (codes["author_kind"] == "customer" and thanks):
                found.append((each.at, codes["author_kind"], codes["contact"], each.actor))
    return found


def is_judgement(event, message):
    return event.kind == "message.classified" and event.codes["message"] == message and "thanks" in event.codes


def customer_filings(case):
    return [each for each in case.events if each.kind == "complaint.filed" and each.codes["origin"] in ("customer", "integration")]


def filings(case):
    return [each for each in case.events if each.kind == "complaint.filed"]


def start(case):
    return (customer_filings(case) or filings(case))[0].at


def people_answers(case):
    return [word for word in words(case) if word[1] == "human" and word[0] >= start(case)]


def status(case):
    moves = [each.codes["to"] for each in case.own if each.kind == "status.changed"]
    return moves[-1] if moves else "new"


def left_out(case):
    marks = [each for each in case.own if each.kind == "excluded.set" or each.codes.get("verb") == "restore"]
    return bool(marks) and marks[-1].kind == "excluded.set" and marks[-1].codes["exclusion"]


def business(case, begin, end):
    return None if case.business is None else case.business(begin, end)


def first_channel(case):
    return (customer_filings(case) or filings(case))[0].codes["channel"]


def channel_of(case, contact):
    kinds = ("complaint.filed", "contact.added")
    found = [each.codes["channel"] for each in case.events if each.kind in kinds and each.codes["contact"] == contact]
    return found[-1] if found else None


# Cycles: (number, opened, ended, outcome, solver, reopened)


def all_cycles(case):
    found = [[1, next(each.at for each in case.own if each.kind == "complaint.filed"), None, "", 0, None]]
    for each in case.own:
        codes, last = each.codes, found[-1]
        if each.kind == "cycle.resolved":
            last[2:5] = each.at, codes["outcome"], codes["solver"] or 0
        if each.kind == "cycle.reopened":
            if codes["correction"]:
                last[2:5] = None, "", 0
            else:
                last[5] = each.at if codes["cause"] != "resumed" else None
                found.append([codes["cycle"], each.at, None, "", 0, None])
        if each.kind == "status.changed" and codes["verb"] == "withdraw" and last[3] not in ("solved", "declined"):
            last[2:5] = each.at, "withdrawn", 0
    return found


def good_ends(case):
    return [cycle for cycle in all_cycles(case) if cycle[2] and cycle[3] in ("solved", "declined")]
