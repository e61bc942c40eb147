from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplaintsConfig(AppConfig):
    name = "complaints"
    verbose_name = _("Complaints")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from complaints import receivers  # noqa: F401 - connects them
        from complaints.canned_figures import count_uses, cut_uses
        from complaints.registry import Panel, register_panel
        from knowledge.figures import register_uses

        articles = Panel("articles", _("Articles"), "admin:desk-articles", "knowledge.view_article", 20, shortcut="b", is_open=False)
        register_panel(articles)
        register_uses(count_uses, cut_uses)
