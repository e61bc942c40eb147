"""Who a session belongs to: one query for the user, the roles and the teams."""

from functools import cache

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from foundation.crypto import EncryptedTextField

ROLES_AND_TEAMS = """
        ARRAY(SELECT g.name FROM auth_group g JOIN accounts_user_groups ug ON ug.group_id = g.id WHERE ug.user_id = u.id) AS group_names,
        ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = u.id) AS all_teams,
        ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = u.id AND is_lead) AS led_teams"""


class StaffBackend(ModelBackend):
    """Password log-in. Permissions come from the roles in code (``User.permission_names``), so none are fetched."""

    def get_user(self, user_id):
        user = next(iter(User.objects.raw(_session_query(), [user_id])), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        return bring_rights(user, user.group_names, user.all_teams, user.led_teams)


def bring_rights(user: User, group_names: list[str], all_teams: list[int], led_teams: list[int]) -> User:
    """Let a user know the roles and teams that came along with the row."""
    user.role_names = user.roles_of(group_names)
    user.team_ids, user.led_team_ids = frozenset(all_teams), frozenset(led_teams)
    return user


@cache
def _session_query() -> str:
    """Secrets stay in the table until somebody asks for them."""
    plain = [field.column for field in User._meta.concrete_fields if not isinstance(field, EncryptedTextField)]
    columns = ", ".join(f'u."{column}"' for column in plain)
    return f"SELECT {columns}, {ROLES_AND_TEAMS} FROM accounts_user u WHERE u.id = %s"  # noqa: S608 - names of our own columns
