from .exports import ListExport
from .facts import STAY, Arrival, Call, Cycle, Delivery, Effort, Fact, Money, Passage, Reading, Round, Talk, Target, Verdict
from .imports import ImportedEvent, ImportedFinding, ImportedLog
from .loop import Improvement, ImprovementComplaint, ImprovementStep, Spike, SpikeStep
from .marks import Goal, Remark, TileOrder
from .reports import ReportMail, ReportRecipient, SavedReport
from .research import ResearchCohort, ResearchExport, ResearchPage, Step
from .rollups import (
    ALL_MERCHANTS,
    STRIDE,
    ArrivalRollup,
    CallRollup,
    CycleRollup,
    DeliveryRollup,
    EffortRollup,
    MoneyRollup,
    PassageRollup,
    ReadingRollup,
    Rollup,
    RoundRollup,
    TalkRollup,
    TargetRollup,
    VerdictRollup,
    durations_of,
    sums_of,
)
from .snapshots import Snapshot
from .state import AnalyticsCursor, DirtyNode, FillRange, MetricVersion

__all__ = [
    "ALL_MERCHANTS", "STAY", "STRIDE", "AnalyticsCursor", "Arrival", "ArrivalRollup", "Call", "CallRollup", "Cycle", "CycleRollup",
    "Delivery", "DeliveryRollup", "DirtyNode", "Effort", "EffortRollup", "Fact", "FillRange", "Goal", "ImportedEvent", "ImportedFinding",
    "ImportedLog", "Improvement", "ImprovementComplaint", "ImprovementStep", "ListExport", "MetricVersion", "Money", "MoneyRollup",
    "Passage", "PassageRollup", "Reading", "ReadingRollup", "Remark", "ReportMail", "ReportRecipient", "ResearchCohort",
    "ResearchExport", "ResearchPage", "Rollup", "Round", "RoundRollup", "SavedReport", "Snapshot", "Spike", "SpikeStep", "Step", "Talk",
    "TalkRollup", "Target", "TargetRollup", "TileOrder", "Verdict", "VerdictRollup", "durations_of", "sums_of",
]  # fmt: skip
