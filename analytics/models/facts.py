"""Facts: what a fold makes of events, one table for each family. Nothing in them depends on when they were computed.

A row belongs to a merge group (``root_id``, the surviving complaint; an order or a reading session in their own families) and carries
where it counts (``day``, cut in the shop's zone) and by what it can be split. Empty text and 0 stand for "none". Whatever is left out of
every count (``excluded``: spam, merged …) has flags of 0 and no duration.
"""

from django.contrib.postgres.fields import DateRangeField
from django.contrib.postgres.indexes import GistIndex
from django.db import models
from django.db.models import Q

from .fields import Amount, Duration, Flag, with_buckets


class Fact(models.Model):
    """What every family shares. ``source`` 0 is this house, else an imported log."""

    pk = models.CompositePrimaryKey("source", "root_id", "ordinal")
    source = models.PositiveIntegerField(default=0)
    root_id = models.BigIntegerField()
    ordinal = models.PositiveIntegerField(default=0)
    day = models.DateField(null=True)
    at = models.DateTimeField(null=True)
    merchant = models.BigIntegerField(default=0)
    channel = models.CharField(max_length=20, default="")
    category = models.CharField(max_length=60, default="")
    reason = models.CharField(max_length=60, default="")
    team = models.BigIntegerField(default=0)
    agent = models.BigIntegerField(default=0)
    tier = models.CharField(max_length=20, default="")
    priority = models.PositiveSmallIntegerField(default=1)
    carrier = models.CharField(max_length=40, default="")
    warehouse = models.BigIntegerField(default=0)
    sku = models.CharField(max_length=80, default="")
    province = models.CharField(max_length=40, default="")
    language = models.CharField(max_length=10, default="")
    excluded = models.CharField(max_length=20, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self._meta.model_name} {self.root_id}/{self.ordinal}"


def indexed(family: str, *, is_open: Q | None = None) -> list[models.Index]:
    """By day for everything that reads a period; ``is_open`` is the small set whose age is counted when it is asked for."""
    by_day = models.Index(fields=["source", "day", "merchant"], name=f"analytics_{family}_day")
    return [by_day] + ([models.Index(fields=["source", "day"], condition=is_open, name=f"analytics_{family}_open")] if is_open else [])


# The days at whose end a round was open.
STAY = models.Func(models.F("day"), models.F("ended_on"), function="daterange", output_field=DateRangeField())


@with_buckets
class Arrival(Fact):
    """One complaint, on the day on which its customer first came. ``agent`` is who answered first, ``team`` where it arrived."""

    started_at = models.DateTimeField(null=True, help_text="Earliest contact of the customer.")
    stopped_at = models.DateTimeField(null=True, help_text="First public message of a person.")
    hour = models.PositiveSmallIntegerField(default=0)
    order_id = models.BigIntegerField(default=0)
    arrived = Flag()
    waits = Flag(help_text="Came by itself and was not withdrawn before an answer: everybody whose first response counts.")
    answered = Flag()
    waiting = Flag(help_text="Nobody has answered and nothing has ended.")
    silent = Flag(help_text="Ended without a word of a person.")
    left_early = Flag(help_text="Withdrawn before an answer.")
    by_house = Flag(help_text="Opened by a colleague or a rule: no first response.")
    by_rule = Flag(help_text="Opened by a rule before the customer asked.")
    replied = Flag()
    solved = Flag()
    declined = Flag()
    no_response = Flag()
    withdrawn = Flag()
    unresolved = Flag()
    resolvable = Flag(help_text="Not withdrawn.")
    completed = Flag()
    external = Flag(help_text="An authority or a platform has it.")
    promised = Flag(help_text="Had a clock for its first answer.")
    taken_in_time = Flag(help_text="Work had begun when that clock was due.")
    misjudged = Flag(help_text="A person raised its priority.")
    out_spam = Flag()
    out_merged = Flag()
    out_other = Flag()
    frt_s = Duration()
    frt_biz_s = Duration()
    frt_agent_s = Duration(help_text="From the first assignment.")
    first_update_s = Duration(help_text="Opened by the house: until the customer first heard of it.")

    class Meta:
        indexes = [
            *indexed("arrival", is_open=Q(waiting=1)),
            models.Index(fields=["order_id"], condition=Q(order_id__gt=0), name="analytics_arrival_order"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(answered__lte=models.F("waits")), name="analytics_arrival_answered_of_waits"),
            models.CheckConstraint(condition=Q(replied__lte=models.F("arrived")), name="analytics_arrival_replied_of_arrived"),
            models.CheckConstraint(condition=Q(completed__lte=models.F("arrived")), name="analytics_arrival_completed_of_arrived"),
            models.CheckConstraint(condition=Q(solved__lte=models.F("resolvable")), name="analytics_arrival_solved_of_resolvable"),
            models.CheckConstraint(condition=Q(taken_in_time__lte=models.F("promised")), name="analytics_arrival_taken_of_promised"),
        ]


@with_buckets
class Round(Fact):
    """One run of the customer's messages until a person answered, on the day on which that was decided. ``agent`` answered it."""

    started_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    rounds = Flag()
    later = Flag(help_text="Not the first of its complaint.")
    later_answered = Flag()
    later_waiting = Flag()
    unanswered = Flag(help_text="Ended with the complaint or the conversation.")
    minute = Flag(help_text="In a conversation between 8 and 23 o'clock, and decided within three minutes.")
    minute_kept = Flag()
    minute_left = Flag(help_text="The customer left before three minutes.")
    minute_waiting = Flag(help_text="Not answered yet: missed once three minutes have passed.")
    people = Flag(help_text="The last such round of a complaint on a day.")
    people_kept = Flag(help_text="… and no round of that day waited for three minutes.")
    nrt_s = Duration()
    nrt_biz_s = Duration()

    class Meta:
        indexes = indexed("round", is_open=Q(later_waiting=1) | Q(minute_waiting=1))
        constraints = [
            models.CheckConstraint(condition=Q(later_answered__lte=models.F("later")), name="analytics_round_answered_of_later"),
            models.CheckConstraint(condition=Q(minute_kept__lte=models.F("minute")), name="analytics_round_kept_of_minute"),
            models.CheckConstraint(condition=Q(people_kept__lte=models.F("people")), name="analytics_round_people_kept_of_people"),
        ]


@with_buckets
class Effort(Fact):
    """The time that one person spent on one contact, on the day of its last piece of work."""

    contact_id = models.BigIntegerField()
    contacts = Flag(help_text="Counts the contact once: with whom spent most on it.")
    shares = Flag()
    active_ms = Amount()
    hold_ms = Amount()
    wrapup_ms = Amount()
    effort_ms = Amount()
    handle_s = Duration(help_text="All work of everybody on the contact; on the row that counts it.")

    class Meta:
        indexes = indexed("effort")


@with_buckets
class Cycle(Fact):
    """One way from opening to resolution, on the day on which it ended; null while it is open. ``agent`` is who ended it.

    The first and the last resolution of a complaint carry what is counted once for each complaint, so that days add up.
    """

    opened_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(help_text="Earliest contact of the complaint: its age begins there.")
    number = models.PositiveSmallIntegerField(default=1)
    outcome = models.CharField(max_length=20, default="")
    open = Flag()
    ended = Flag()
    resolved = Flag(help_text="Solved or not upheld.")
    reopened = Flag(help_text="This cycle was taken up again.")
    first = Flag(help_text="The first resolution of the complaint.")
    once = Flag(help_text="… with which one contact was enough.")
    first_net = Flag(help_text="… that one contact can solve.")
    once_net = Flag()
    back = Flag(help_text="… taken up again within 14 days.")
    last = Flag(help_text="The last resolution of the complaint.")
    last_solved = Flag()
    gave_up = Flag(help_text="The last end of the complaint; its customer could not be reached.")
    moved = Flag(help_text="Changed the team after somebody had begun.")
    bounces = Amount(help_text="Times it came back to the team that it had left.")
    planned_moves = Amount()
    reassigned = Amount()
    attributed = Flag()
    effort_ms = Amount(help_text="All work on the complaint, on its last resolution.")
    cost_fen = Amount(help_text="Compensation in the shop's currency, on the last resolution.")
    by_shop = Amount()
    by_warehouse = Amount()
    by_carrier = Amount()
    by_supplier = Amount()
    by_platform = Amount()
    by_customer = Amount()
    by_nobody = Amount()
    us_s = Amount()
    customer_s = Amount()
    warehouse_s = Amount()
    finance_s = Amount()
    carrier_s = Amount()
    supplier_s = Amount()
    regulator_s = Amount()
    rt_first_s = Duration()
    rt_first_biz_s = Duration()
    rt_full_s = Duration()
    rt_full_biz_s = Duration()

    class Meta:
        indexes = [
            *indexed("cycle"),
            models.Index(fields=["source", "opened_at"], condition=Q(open=1), name="analytics_cycle_open"),
            models.Index(fields=["source", "ended_at"], name="analytics_cycle_ended"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(once__lte=models.F("first")), name="analytics_cycle_once_of_first"),
            models.CheckConstraint(condition=Q(once_net__lte=models.F("first_net")), name="analytics_cycle_once_net_of_net"),
            models.CheckConstraint(condition=Q(back__lte=models.F("first")), name="analytics_cycle_back_of_first"),
            models.CheckConstraint(condition=Q(last_solved__lte=models.F("last")), name="analytics_cycle_solved_of_last"),
            models.CheckConstraint(condition=Q(moved__lte=models.F("last")), name="analytics_cycle_moved_of_last"),
        ]


class Passage(Fact):
    """A round of a complaint that opened, and once more when it ended: what came in less what went out is what lies there.

    Both rows have the columns of the round, so that they balance under any filter; the one by which it came in also says until when
    it stood, so that what was open on a day can be listed.
    """

    began_at = models.DateTimeField(help_text="Earliest contact of the complaint: its age begins there.")
    ended_on = models.DateField(null=True, help_text="Null while it is open.")
    came = Flag(help_text="The first round of its complaint opened.")
    again = Flag(help_text="A later round opened.")
    opened = Flag()
    ended = Flag()

    class Meta:
        indexes = [
            *indexed("passage"),
            GistIndex(STAY, condition=Q(opened=1), name="analytics_passage_stay"),
        ]
        constraints = [models.CheckConstraint(condition=Q(came__lte=models.F("opened")), name="analytics_passage_came_of_opened")]


class Target(Fact):
    """One obligation with a deadline, on the day on which it was due. Cancelled ones are no facts."""

    kind = models.CharField(max_length=10, default="")
    run_id = models.BigIntegerField()
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)
    due = Flag()
    met = Flag()
    missed = Flag(help_text="Ended after it was due.")
    pending = Flag(help_text="Not ended: missed once it is past due.")
    waived = Flag(help_text="Left out with somebody's approval.")
    waived_met = Flag()
    decided = Flag(help_text="The last decided obligation of a complaint …")
    clean = Flag(help_text="… that has missed none.")

    class Meta:
        indexes = indexed("target", is_open=Q(pending=1))
        constraints = [
            models.CheckConstraint(condition=Q(met__lte=models.F("due")), name="analytics_target_met_of_due"),
            models.CheckConstraint(condition=Q(clean__lte=models.F("decided")), name="analytics_target_clean_of_decided"),
        ]


class Verdict(Fact):
    """One survey, on the day on which it was sent; one that was held back, on the day on which it would have been."""

    scale = models.CharField(max_length=10, default="")
    wording = models.PositiveSmallIntegerField(default=1)
    score = models.PositiveSmallIntegerField(null=True)
    sent = Flag()
    answered = Flag()
    good = Flag()
    bad = Flag()
    expired = Flag(help_text="Its answer counts no more, because the complaint was taken up again.")
    held_back = Flag()
    score_sum = Amount()
    told_once = Flag(help_text="Answered, and said whether it was solved the first time.")
    once = Flag(help_text="… and that it was.")

    class Meta:
        indexes = indexed("verdict")
        constraints = [
            models.CheckConstraint(condition=Q(told_once__lte=models.F("answered")), name="analytics_verdict_told_once_of_answered"),
            models.CheckConstraint(condition=Q(once__lte=models.F("told_once")), name="analytics_verdict_once_of_told_once"),
            models.CheckConstraint(condition=Q(answered__lte=models.F("sent")), name="analytics_verdict_answered_of_sent"),
            models.CheckConstraint(condition=Q(good__lte=models.F("answered")), name="analytics_verdict_good_of_answered"),
            models.CheckConstraint(condition=Q(bad__lte=models.F("answered")), name="analytics_verdict_bad_of_answered"),
        ]


@with_buckets
class Talk(Fact):
    """One conversation, on the day on which the customer queued for it. ``agent`` is who joined."""

    session_id = models.BigIntegerField()
    queued_at = models.DateTimeField()
    hour = models.PositiveSmallIntegerField(default=0)
    talks = Flag()
    queued = Flag(help_text="Not joined within five seconds.")
    joined = Flag()
    waiting = Flag()
    abandoned = Flag()
    short = Flag(help_text="Left within ten seconds: neither answered nor abandoned.")
    abandonable = Flag()
    converted = Flag()
    in_time = Flag(help_text="Joined within twenty seconds.")
    answerable = Flag()
    wait_s = Duration()

    class Meta:
        indexes = indexed("talk", is_open=Q(waiting=1))
        constraints = [
            models.CheckConstraint(condition=Q(queued__lte=models.F("talks")), name="analytics_talk_queued_of_talks"),
            models.CheckConstraint(condition=Q(abandoned__lte=models.F("abandonable")), name="analytics_talk_abandoned_of_queued"),
            models.CheckConstraint(condition=Q(in_time__lte=models.F("answerable")), name="analytics_talk_in_time_of_talks"),
        ]


class Call(Fact):
    """One call that was owed, on the day on which it was due."""

    kind = models.CharField(max_length=20, default="")
    due_at = models.DateTimeField()
    due = Flag()
    tried = Flag()
    reached = Flag()
    in_time = Flag()
    unhappy = Flag(help_text="Reached, and not settled.")
    refused = Flag()
    pending = Flag()

    class Meta:
        indexes = indexed("call", is_open=Q(pending=1))
        constraints = [
            models.CheckConstraint(condition=Q(reached__lte=models.F("due")), name="analytics_call_reached_of_due"),
            models.CheckConstraint(condition=Q(in_time__lte=models.F("due")), name="analytics_call_in_time_of_due"),
            models.CheckConstraint(condition=Q(tried__lte=models.F("due")), name="analytics_call_tried_of_due"),
        ]


class Money(Fact):
    """One confirmed movement of money, on the day on which it was confirmed."""

    kind = models.CharField(max_length=20, default="")
    currency = models.CharField(max_length=3, default="")
    bearer = models.CharField(max_length=20, default="")
    movements = Flag()
    quick = Flag(help_text="Compensation within 24 hours of the customer's first contact.")
    compensation = Flag()
    fen = Amount()

    class Meta:
        indexes = indexed("money")
        constraints = [models.CheckConstraint(condition=Q(quick__lte=models.F("compensation")), name="analytics_money_quick_of_grants")]


class Delivery(Fact):
    """One delivered order, on the day of its delivery; ``root_id`` is the order. ``sku`` is set for orders of one article."""

    delivered = Flag()
    parcels = Amount()
    complained = Flag()
    complained_net = Flag(help_text="… leaving out enquiries and what the customer withdrew.")
    external = Flag()

    class Meta:
        indexes = indexed("delivery")
        constraints = [
            models.CheckConstraint(condition=Q(complained__lte=models.F("delivered")), name="analytics_delivery_complained_of_all"),
            models.CheckConstraint(condition=Q(complained_net__lte=models.F("complained")), name="analytics_delivery_net_of_complained"),
            models.CheckConstraint(condition=Q(external__lte=models.F("delivered")), name="analytics_delivery_external_of_all"),
        ]


class Reading(Fact):
    """One settled session of reading in the help centre, on the day on which it began; ``root_id`` is the session.

    ``article`` is what helped, or else what was read first; ``category`` the kind of problem that it is about.
    """

    article = models.CharField(max_length=60, default="")
    sessions = Flag()
    helped = Flag(help_text="Somebody said that the article helped.")
    selfserved = Flag(help_text="… and did not complain within a day.")
    came_back = Flag(help_text="Complained within a day of what helped, or else of the last reading.")

    class Meta:
        indexes = indexed("reading")
        constraints = [
            models.CheckConstraint(condition=Q(helped__lte=models.F("sessions")), name="analytics_reading_helped_of_sessions"),
            models.CheckConstraint(condition=Q(selfserved__lte=models.F("helped")), name="analytics_reading_selfserved_of_helped"),
            models.CheckConstraint(condition=Q(came_back__lte=models.F("sessions")), name="analytics_reading_came_back_of_sessions"),
        ]
