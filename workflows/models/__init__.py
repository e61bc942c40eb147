from .breaker import GatewayHealth
from .case import Case, CasePolicy, CaseUnit, CheckResult, Resolution
from .flow import FlowDefinition, FlowVersion, Step
from .goods import InspectionLine, Outbound, Parcel, ParcelCase, Repair, TrackEvent, UnclaimedParcel, WarehouseScan
from .money import Anomaly, LedgerEntry, PaymentBalance, Refund, RefundableUnit, RefundAttempt, RefundEvent, RefundLine
from .provider import AnomalyAct, InboundNotification, Statement, StatementAct, StatementLine, StatementPull
from .tracking import CaseCursor, ParcelNews
from .work import Appeal, Approval, ApprovalStep, AuthorityUse, CaseClock, Recovery, Task

__all__ = [
    "Anomaly", "AnomalyAct", "Appeal", "Approval", "ApprovalStep", "AuthorityUse", "Case", "CaseClock", "CaseCursor", "CasePolicy",
    "CaseUnit", "CheckResult", "FlowDefinition", "FlowVersion", "GatewayHealth", "InboundNotification", "InspectionLine", "LedgerEntry",
    "Outbound", "Parcel", "ParcelCase", "ParcelNews", "PaymentBalance", "Recovery", "Refund", "RefundAttempt", "RefundEvent",
    "RefundLine", "RefundableUnit", "Repair", "Resolution", "Statement", "StatementAct", "StatementLine", "StatementPull", "Step", "Task",
    "TrackEvent", "UnclaimedParcel", "WarehouseScan",
]  # fmt: skip
