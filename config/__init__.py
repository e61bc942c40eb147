"""The composition root: settings, start, health and everything that joins the apps."""

SETUP_COMMANDS = ("setup_roles", "setup_calendars", "setup_defaults", "setup_cases")
