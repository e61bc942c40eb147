"""What is known about the staff."""

from foundation.personal import Table

WHILE_EMPLOYED = "as long as the account stands; closed accounts stay as the authors of what they did"

TABLES = (
    Table(
        label="accounts.User",
        of="staff",
        why="log-in, rights, and who answered whom",
        kept=WHILE_EMPLOYED,
        none="id is_superuser language is_staff is_active created_at totp_confirmed_at totp_last_step session_epoch preferences last_login",
        contact="email",
        identity="username name",
        secret="password totp_secret",  # noqa: S106 - names of fields
    ),
    Table(label="accounts.User_groups", why="roles", kept=WHILE_EMPLOYED, none="id user group"),
    Table(label="accounts.User_user_permissions", why="rights beside the roles; not used", kept=WHILE_EMPLOYED, none="id user permission"),
    Table(
        label="accounts.RecoveryCode",
        of="staff",
        why="log-in without the second factor",
        kept="until new ones are made",
        none="id user used_at",
        secret="digest",  # noqa: S106 - a name of a field
    ),
    Table(
        label="accounts.PasswordMail",
        why="mail to choose a password",
        kept="1 day",
        none="id next_at claimed_by fence attempts user is_invitation asked_at sent_at",
    ),
    Table(
        label="accounts.RoleGrant",
        why="who asked for a role and who gave it",
        kept=WHILE_EMPLOYED,
        none="id user role asked_by asked_at decided_by decided_at is_accepted",
    ),
    Table(label="accounts.Team", why="teams", kept="configuration", none="id code name_zh name_en is_active plans_shifts"),
    Table(label="accounts.Membership", why="who is in which team", kept=WHILE_EMPLOYED, none="id team user is_lead"),
    Table(label="accounts.Skill", why="skills", kept="configuration", none="id code name_zh name_en"),
    Table(label="accounts.AgentSkill", why="who can do what", kept=WHILE_EMPLOYED, none="id user skill level"),
    Table(
        label="accounts.Presence",
        of="staff",
        why="who can be given work now",
        kept="the latest state only",
        none="user state changed_at heartbeat_at capacity called_at called_by",
    ),
    Table(
        label="accounts.Shift",
        of="staff",
        why="who works when, with how much room, and who is on leave",
        kept=WHILE_EMPLOYED,
        none="id user starts_at ends_at capacity is_leave",
    ),
    Table(label="accounts.PublicDay", why="public holidays", kept="configuration", none="id date kind name_zh name_en notice year"),
    Table(label="accounts.Calendar", why="working hours", kept="configuration", none="id code name_zh name_en"),
    Table(label="accounts.CalendarDay", why="dates with other hours", kept="configuration", none="id calendar date windows reason"),
    Table(
        label="accounts.CalendarVersion",
        why="working hours as they stood when something was promised",
        kept="configuration",
        none="id calendar version zone week days follows_public_days covered_until published_at published_by reason",
    ),
    Table(
        label="accounts.AuthorityLimit",
        why="how much a role may decide",
        kept="for ever",
        none="id role scope window limit_fen version created_at",
    ),
    Table(
        label="accounts.AccessLog",
        of="staff",
        why="who saw which personal field, file or export",
        kept="BIHUAN_KEEP_ACCESS_LOG_DAYS",
        none="id at actor act subject_type subject_id field",
        identity="network",
        content="reason",
    ),
)
