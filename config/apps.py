from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.module_loading import autodiscover_modules


class ConfigConfig(AppConfig):
    name = "config"
    default = True

    def ready(self) -> None:
        from config import celery, checks  # noqa: F401 - makes the Celery application the default one and registers the checks

        # Every process knows every task (hints are routed by name), sweep and periodic job.
        autodiscover_modules("tasks")


class DeskAdminConfig(SimpleAdminConfig):
    default = False
    default_site = "config.admin.BihuanAdminSite"

    def ready(self) -> None:
        super().ready()
        autodiscover_modules("admin")
