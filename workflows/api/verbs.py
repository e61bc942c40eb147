"""The verbs of a case that a machine may use, each with its input and its service: the work of a warehouse, never a verdict or money."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from complaints.api.uploads import own_uploads
from foundation.exceptions import Reason, RefusedError
from foundation.rest import StrictSerializer
from foundation.verbs import lock, require_version
from workflows.api import written
from workflows.cases.inspections import lines_now
from workflows.models import Case
from workflows.services.arriving import scan_in
from workflows.services.inspecting import begin_inspection, fail_inspection, pass_inspection, record_line
from workflows.services.splitting import split_case

Results = Iterable[Mapping[str, Any]]
STRANGE_PIECE = Reason("piece_unknown", _("A piece is not among those that this case inspects."), _("Read the case again."))


@dataclass(frozen=True)
class Verb:
    """A verb of the API: what it takes in and what it calls with ``(case, by=, request_id=, expected_version=, **input)``."""

    takes: type[StrictSerializer]
    calls: Callable[..., Any]


def _pass(case: Case, *, results: Results = (), **how: Any) -> None:
    _write_down(case, results, **how)
    pass_inspection(case, **how)


def _fail(case: Case, *, results: Results = (), words: str = "", **how: Any) -> None:
    _write_down(case, results, **how)
    fail_inspection(case, words=words, **how)


def _write_down(case: Case, results: Results, *, by: User, expected_version: int, **_key: Any) -> None:
    """Everything about each piece, in the order that was sent; what the caller saw of the case is asked first."""
    require_version(lock(case), expected_version)
    lines = {line.claim.unit_id: line for line in lines_now(case).values()}
    for result in results:
        if result["unit"] not in lines:
            raise RefusedError([STRANGE_PIECE])
        found = {name: value for name, value in result.items() if name not in ("unit", "photos")}
        record_line(lines[result["unit"]], photos=own_uploads(result.get("photos", ()), by=by), by=by, **found)


VERBS: dict[str, Verb] = {
    "scan_in": Verb(written.ScanInWrite, scan_in),
    "begin_inspection": Verb(written.VersionWrite, begin_inspection),
    "record_results": Verb(written.RecordWrite, _write_down),
    "pass_inspection": Verb(written.ResultsWrite, _pass),
    "fail_inspection": Verb(written.FailWrite, _fail),
    "split": Verb(written.SplitWrite, split_case),
}
