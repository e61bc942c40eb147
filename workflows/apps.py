from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkflowsConfig(AppConfig):
    name = "workflows"
    verbose_name = _("After-sales")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from complaints.registry import register_file_keeper
        from workflows.notices import register_notices
        from workflows.panels import register_panels
        from workflows.services.accompanying import register_guards
        from workflows.services.unclaimed import known_photos

        register_notices()
        register_panels()
        register_guards()
        register_file_keeper(known_photos)
