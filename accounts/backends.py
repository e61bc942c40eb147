"""Who a session belongs to: one query for the user, the roles and the teams."""

from functools import cache

from django.contrib.auth.backends import ModelBackend

from accounts.models import User
from foundation.crypto import EncryptedTextField

WITH_ROLES_AND_TEAMS = """
    SELECT {columns},
        ARRAY(SELECT g.name FROM auth_group g JOIN accounts_user_groups ug ON ug.group_id = g.id WHERE ug.user_id = u.id) AS group_names,
        ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = u.id) AS all_teams,
        ARRAY(SELECT team_id FROM accounts_membership WHERE user_id = u.id AND is_lead) AS led_teams
    FROM accounts_user u WHERE u.id = %s
"""


class StaffBackend(ModelBackend):
    """Password log-in. Permissions come from the roles in code (``User.permission_names``), so none are fetched."""

    def get_user(self, user_id):
        user = next(iter(User.objects.raw(_session_query(), [user_id])), None)
        if user is None or not self.user_can_authenticate(user):
            return None
        user.role_names = user.roles_of(user.group_names)
        user.team_ids, user.led_team_ids = frozenset(user.all_teams), frozenset(user.led_teams)
        return user


@cache
def _session_query() -> str:
    """Secrets stay in the table until somebody asks for them."""
    plain = [field.column for field in User._meta.concrete_fields if not isinstance(field, EncryptedTextField)]
    return WITH_ROLES_AND_TEAMS.format(columns=", ".join(f'u."{column}"' for column in plain))
