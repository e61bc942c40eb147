"""Stock admin of this floor: people and teams, calendars, shifts. Every change goes through ``accounts.services``."""

from . import calendars, people, shifts

__all__ = ["calendars", "people", "shifts"]
