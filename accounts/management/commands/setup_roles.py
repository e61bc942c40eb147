"""manage.py setup_roles: make the groups equal to accounts.roles."""

from django.contrib.auth.models import Group, Permission
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Concat

from accounts.roles import PERMISSIONS


class Command(BaseCommand):
    """Create the seven role groups and give each exactly the permissions of ``accounts.roles``; safe to run at every start."""

    help = "Make the role groups equal to accounts.roles."

    @transaction.atomic
    def handle(self, *args, **options):
        wanted = frozenset().union(*PERMISSIONS.values())
        named = Permission.objects.annotate(name_of=Concat("content_type__app_label", Value("."), "codename"))
        known = {permission.name_of: permission for permission in named.filter(name_of__in=wanted)}
        if missing := sorted(wanted - known.keys()):
            raise CommandError(f"These permissions do not exist: {', '.join(missing)}. Run migrate first.")
        for role, names in PERMISSIONS.items():
            Group.objects.get_or_create(name=role)[0].permissions.set([known[name] for name in names])
        self.stdout.write(f"{len(PERMISSIONS)} roles are set up.")
