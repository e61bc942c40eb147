"""Imports of event logs: what another help desk has recorded becomes facts of the ledger, so that figures can be compared."""

from .mapping import Mapping, MappingError, load_mapping
from .run import ImportSummary, RefusedLogError, import_log

__all__ = ["ImportSummary", "Mapping", "MappingError", "RefusedLogError", "import_log", "load_mapping"]
