"""Versions of definitions: since when each holds, and a seal on each, so that none changes under its number."""

import json
from pathlib import Path

from django.utils import timezone

from analytics.models import MetricVersion

from .registry import all_metrics

SEALS = Path(__file__).parent / "versions.json"


def current_seals() -> dict[str, str]:
    """The digest of every definition as the code has it."""
    return {each.key: each.digest for each in all_metrics()}


def kept_seals() -> dict[str, str]:
    """The digests that were written down when each version was made."""
    return json.loads(SEALS.read_text(encoding="utf-8"))


def write_seals() -> list[str]:
    """Write down versions that are new; returns those that have changed under their number, which are left as they were."""
    kept, current = kept_seals() if SEALS.exists() else {}, current_seals()
    changed = [key for key, digest in current.items() if kept.get(key, digest) != digest]
    SEALS.write_text(json.dumps(current | kept, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return changed


def note_versions() -> int:
    """Note the day from which on this house has a version; its curves are marked there. Returns how many were new."""
    known = set(MetricVersion.objects.values_list("metric", "version"))
    today = timezone.localdate()
    new = [
        MetricVersion(metric=each.id, version=each.version, digest=each.digest, since=today)
        for each in all_metrics()
        if (each.id, each.version) not in known
    ]
    return len(MetricVersion.objects.bulk_create(new, ignore_conflicts=True))
