"""What the customers of the demo shop were asked afterwards, and what they said, as the services would have asked them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from complaints import timing
from complaints.lifecycle import Status
from complaints.models import Complaint, Survey
from complaints.scales import NOTICES, Scale, choose_scale, is_low, question_of
from complaints.services.act import Act
from complaints.services.surveys import follow_score

from .corpus import chance, texts

ANSWER_SHARE, ANSWER_SHARE_LEAN, COMMENT_SHARE, ASKED_ELSEWHERE_SHARE = 0.55, 0.35, 0.4, 0.06
# How many of today's scores are as they were in the beginning.
EVER_WORSE = 0.2
# How many say whether it was solved the first time; how many of the discontent and of the content say that it was.
TOLD_SHARE, ONCE_SHARE = 0.8, (0.2, 0.85)
SCORES: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {
    Scale.CSAT: ((5, 4, 3, 2, 1), (46, 28, 12, 7, 7)),
    Scale.CES: ((7, 6, 5, 4, 3, 2, 1), (24, 28, 21, 11, 7, 5, 4)),
    Scale.NPS: ((10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0), (21, 18, 22, 13, 8, 7, 3, 3, 2, 1, 2)),
}
# What the agent who gave the result set in motion.
OF_RESULT = ("survey.invited", "survey.suppressed")
LEFT_AFTER = timedelta(seconds=3)
# A low score of the last days has just reached the leads.
ALARM_FOR = timedelta(days=3)


@dataclass(order=True)
class Coming:
    """An event that happens while the complaint's story goes on, or after it."""

    at: datetime
    kind: str = field(compare=False)
    row: dict[str, Any] = field(compare=False)
    codes: dict[str, Any] = field(compare=False)
    changes: dict[str, Any] = field(compare=False)


class Questions:
    """The surveys of one story. What comes later waits in ``coming`` until the story has reached that moment."""

    def __init__(self, story: Any) -> None:
        self.story = story
        self.rows: list[dict[str, Any]] = []
        self.coming: list[Coming] = []

    @cached_property
    def luck(self) -> Random:
        return chance(self.story.plan.seed, "survey", self.story.number)

    def ask_about_round(self) -> None:
        """How it was, or how easy; two hours after the result."""
        story = self.story
        row = self._row(choose_scale(story.id), story.row["cycle"], solver_id=story.agent)
        why = self._reason_to_spare(row)
        if why:
            row["suppressed_by"] = why
            self._note("survey.suppressed", row, {"reason": why}, at=story.at)
            return
        self._ask(row, leaves_at=story.at + timing.SURVEY_AFTER)

    def ask_about_shop(self) -> None:
        """Whether the shop would be recommended, when the last question is two weeks old."""
        story = self.story
        if not story.who.email or story.plan.is_lean:
            return
        asked = [row["invited_at"] for row in self.rows if "suppressed_by" not in row]
        leaves_at = max([story.at + timing.SURVEY_AFTER, *(at + timing.SURVEY_EVERY for at in asked)])
        self._ask(self._row(Scale.NPS, Survey.OF_SHOP, invited_at=leaves_at), leaves_at=leaves_at)

    def end(self) -> None:
        """The complaint was opened again."""
        for row in self.rows:
            if "suppressed_by" not in row and "expired_at" not in row:
                row["expired_at"] = self.story.at
                self.coming = [each for each in self.coming if each.row is not row]
                self._note("survey.expired", row, _had(row) | {"cause": "reopened"}, at=self.story.at)

    def catch_up(self, until: datetime) -> None:
        """Tell what happened up to a moment."""
        while self.coming and min(self.coming).at <= until:
            each = min(self.coming)
            self.coming.remove(each)
            each.row |= each.changes
            self._note(each.kind, each.row, each.codes if each.kind != "survey.expired" else _had(each.row) | each.codes, at=each.at)

    def write(self) -> None:
        """The rows, once the story has reached the present."""
        self.catch_up(self.story.plan.now)
        for row in self.rows:
            self.story.tables[Survey].add(**row)

    def _row(self, scale: str, cycle: int, **about: Any) -> dict[str, Any]:
        story = self.story
        about = {"invited_at": story.at} | about
        key = story.plan.base["complaints_survey"] + story.number * 3 + cycle + 1
        row = {"id": key, "complaint_id": story.id, "cycle": cycle, "scale": str(scale), "wording": 1, "helper_ids": [], **about}
        row["expires_at"] = row["invited_at"] + timing.SURVEY_WINDOW
        self.rows.append(row)
        return row

    def _reason_to_spare(self, row: dict[str, Any]) -> str:
        if not self.story.who.email:
            return Survey.Suppression.NO_CONTACT.value
        is_again = any(each is not row and "delivered_at" in each for each in self.rows)
        return Survey.Suppression.CAP.value if is_again or self.luck.random() < ASKED_ELSEWHERE_SHARE else ""

    def _ask(self, row: dict[str, Any], *, leaves_at: datetime) -> None:
        self._note("survey.invited", row, {}, at=self.story.at)
        self.story.tell(NOTICES[Scale(row["scale"])], at=leaves_at, values={"survey": row["id"]})
        arrived_at = leaves_at + LEFT_AFTER
        self._plan("survey.delivered", row, {"way": "mail"}, at=arrived_at, delivered_at=arrived_at)
        if self.luck.random() < (ANSWER_SHARE_LEAN if self.story.plan.is_lean else ANSWER_SHARE):
            self._plan_answer(row, at=arrived_at + timedelta(minutes=self.luck.randint(5, 1_800)))
        else:
            self._plan("survey.expired", row, {"cause": "time"}, at=row["expires_at"], expired_at=row["expires_at"])

    def _plan_answer(self, row: dict[str, Any], *, at: datetime) -> None:
        luck = self.luck
        scores, weights = SCORES[row["scale"]]
        score = self._better(at, lambda: luck.choices(scores, weights)[0])
        named = list(question_of(Survey(scale=row["scale"])).reasons)
        reasons = [luck.choice(named)] if score < scores[0] - 1 else []
        is_told = self.story.suffix == "zh" and row["scale"] != Scale.NPS and luck.random() < COMMENT_SHARE
        once = (luck.random() < ONCE_SHARE[score > 3]) if row["scale"] == Scale.CSAT and luck.random() < TOLD_SHARE else None
        answer = {"score": score, "solved_once": once, "reasons": reasons, "comment": luck.choice(texts()["survey_zh"]) if is_told else ""}
        codes = {"score": score, "reasons": reasons} | ({} if once is None else {"once": once})
        self._plan("survey.answered", row, codes, at=at, **answer, answered_at=at, version=2)

    def _better(self, at: datetime, draw: Callable[[], int]) -> int:
        """A score; the younger it is, the likelier it is the better one of two."""
        plan, score = self.story.plan, draw()
        if not plan.is_lean and self.luck.random() > plan.age_of(at) + EVER_WORSE:
            return max(score, draw())
        return score

    def _plan(self, kind: str, row: dict[str, Any], codes: dict[str, Any], *, at: datetime, **changes: Any) -> None:
        self.coming.append(Coming(at, kind, row, codes, changes))

    def _note(self, kind: str, row: dict[str, Any], codes: dict[str, Any], *, at: datetime) -> None:
        """An event, as ``codes_of`` describes its survey; a very large shop keeps those of answers only."""
        if self.story.plan.is_lean and not self._is_answered(row):
            return
        about = {"survey": row["id"], "version": row["wording"], "solver": row.get("solver_id"), "helpers": row["helper_ids"]}
        payload = {"comment": row["comment"]} if kind == "survey.answered" else None
        author = "customer" if payload or codes.get("cause") == "reopened" else ""
        by = self.story.agent if kind in OF_RESULT and row["cycle"] else None
        codes = about | {name: row[name] for name in ("scale", "cycle")} | codes
        self.story.chain.add(kind, at, codes, payload=payload, actor=by, author=author)

    def _is_answered(self, row: dict[str, Any]) -> bool:
        return "answered_at" in row or any(each.row is row and each.kind == "survey.answered" for each in self.coming)


def alarm_leads(first_id: int, now: datetime) -> None:
    """Leads have just been called about the low scores of the last days."""
    lately = Survey.objects.filter(complaint__gt=first_id, answered_at__gt=now - ALARM_FOR, expired_at__isnull=True)
    for survey in lately.exclude(complaint__status=Status.MERGED).order_by("pk").select_related("complaint"):
        if is_low(survey.scale, survey.score):
            act = Act(Complaint.objects.get(pk=survey.complaint_id), by=None, at=now)
            follow_score(act, survey)
            act.finish(raises_version=False)


def _had(row: dict[str, Any]) -> dict[str, bool]:
    return {"had_answer": "answered_at" in row, "was_delivered": "delivered_at" in row}
