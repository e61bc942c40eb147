from .facts import Arrival, Call, Cycle, Delivery, Effort, Fact, Money, Round, Talk, Target, Verdict
from .rollups import (
    ALL_MERCHANTS,
    STRIDE,
    ArrivalRollup,
    CallRollup,
    CycleRollup,
    DeliveryRollup,
    EffortRollup,
    MoneyRollup,
    Rollup,
    RoundRollup,
    TalkRollup,
    TargetRollup,
    VerdictRollup,
    durations_of,
    sums_of,
)
from .state import AnalyticsCursor, DirtyNode, FillRange, MetricVersion

__all__ = [
    "ALL_MERCHANTS", "STRIDE", "AnalyticsCursor", "Arrival", "ArrivalRollup", "Call", "CallRollup", "Cycle", "CycleRollup", "Delivery",
    "DeliveryRollup", "DirtyNode", "Effort", "EffortRollup", "Fact", "FillRange", "MetricVersion", "Money", "MoneyRollup", "Rollup",
    "Round", "RoundRollup", "Talk", "TalkRollup", "Target", "TargetRollup", "Verdict", "VerdictRollup", "durations_of", "sums_of",
]  # fmt: skip
