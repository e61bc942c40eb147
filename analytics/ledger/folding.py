"""The fold: events of one merge group to its facts. Pure: the same input gives the same rows, whenever and wherever it runs."""

from collections.abc import Callable, Iterator

from analytics.models import Fact

from .arrivals import fold_arrivals
from .costs import fold_money
from .cycles import fold_cycles
from .entries import Group, Settings
from .history import History
from .passages import fold_passages
from .rounds import fold_rounds
from .talks import fold_calls, fold_talks
from .targets import fold_targets
from .verdicts import fold_verdicts
from .work import fold_effort

FOLDS: tuple[Callable[[History], Iterator[Fact]], ...] = (
    fold_arrivals,
    fold_rounds,
    fold_effort,
    fold_cycles,
    fold_passages,
    fold_targets,
    fold_verdicts,
    fold_talks,
    fold_calls,
    fold_money,
)


def fold(group: Group, settings: Settings) -> list[Fact]:
    """Every fact of a group; none without a filing (a chain that is still being written)."""
    history = History(group, settings)
    if not any(True for _ in history.of("complaint.filed", own=True)):
        return []
    return [fact for each in FOLDS for fact in each(history)]
