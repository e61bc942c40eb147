"""Stock admin of this floor: people and teams, calendars, shifts. Every change goes through ``accounts.services``."""

from . import people

__all__ = ["people"]
