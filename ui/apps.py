from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "ui"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from ui import ticks  # noqa: F401 - names yes and no in the stock admin
