"""The logins of the demo shop. Their password is public, so they must never stand where others can reach the house."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model

DEMO_PASSWORD = "bihuan-demo"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class DemoLogin:
    """One person of the demo shop and what they do there."""

    role: str
    password: str = DEMO_PASSWORD


DEMO_LOGINS = {
    "lin.agent": DemoLogin("agent"),
    "zhou.lead": DemoLogin("lead"),
    "han.warehouse": DemoLogin("warehouse"),
    "qian.finance": DemoLogin("finance"),
    "shen.manager": DemoLogin("manager"),
    "gu.admin": DemoLogin("admin"),
}


def standing_demo_logins() -> list[str]:
    """Which demo logins exist, are active and still have the public password."""
    users = get_user_model().objects.filter(username__in=DEMO_LOGINS, is_active=True)
    standing = {user.username for user in users if user.check_password(DEMO_LOGINS[user.username].password)}
    return [name for name in DEMO_LOGINS if name in standing]
