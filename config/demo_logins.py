"""The logins of the demo shop. Their password is public, so they must never stand where others can reach the house."""

from dataclasses import dataclass

from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password

DEMO_PASSWORD = "bihuan-demo"  # noqa: S105 - public on purpose


@dataclass(frozen=True)
class DemoLogin:
    """One person of the demo shop and what they do there."""

    role: str


DEMO_LOGINS = {
    "lin.agent": DemoLogin("agent"),
    "zhou.lead": DemoLogin("lead"),
    "han.warehouse": DemoLogin("warehouse"),
    "qian.finance": DemoLogin("finance"),
    "shen.manager": DemoLogin("manager"),
    "gu.admin": DemoLogin("admin"),
}


def standing_demo_logins() -> list[str]:
    """Which demo logins exist, are active and still have the public password. Equal hashes are tried once: trying is slow on purpose."""
    users = get_user_model().objects.filter(username__in=DEMO_LOGINS, is_active=True).values_list("username", "password")
    is_public = {encoded: check_password(DEMO_PASSWORD, encoded) for encoded in {encoded for _, encoded in users}}
    standing = {name for name, encoded in users if is_public[encoded]}
    return [name for name in DEMO_LOGINS if name in standing]
