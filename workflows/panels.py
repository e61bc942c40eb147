"""What this floor shows on pages of the floors beneath it."""

from django.utils.translation import gettext_lazy as _

from complaints.registry import Panel, QueueView, TrackerSection, register_panel, register_queue_view, register_tracker_section


def register_panels() -> None:
    """Fill the places that complaints leave free."""
    from complaints.desk.events import register_titles
    from complaints.privacy.erasure import register_eraser
    from workflows.desk.telling import TITLES
    from workflows.desk.waiting import FOR_AGENTS
    from workflows.portal.section import section_of
    from workflows.services.erasing import erase_cases

    register_tracker_section(
        TrackerSection("after-sales", _("After-sales"), "workflows:return", shows=section_of, template="workflows/portal/_section.html")
    )
    register_panel(Panel("cases", _("After-sales"), "admin:case-panel", permission="workflows.work_case", position=10))
    register_queue_view(QueueView("returns", _("Returns to handle"), condition=FOR_AGENTS, permission="workflows.work_case", position=10))
    register_eraser(erase_cases)
    register_titles(TITLES)
