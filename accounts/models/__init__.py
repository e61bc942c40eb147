"""People who work here: users, teams, skills, presence, capacity and authority; when the house works; and who looked at what."""

from .calendars import Calendar, CalendarDay, CalendarVersion, PublicDay
from .limits import AccessLog, AuthorityLimit
from .people import PasswordMail, RecoveryCode, RoleGrant, User
from .teams import AgentSkill, Membership, Presence, Shift, Skill, Team

__all__ = [
    "AccessLog", "AgentSkill", "AuthorityLimit", "Calendar", "CalendarDay", "CalendarVersion", "Membership", "PasswordMail", "Presence",
    "PublicDay", "RecoveryCode", "RoleGrant", "Shift", "Skill", "Team", "User",
]  # fmt: skip
