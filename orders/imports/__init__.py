"""Imports of order files: profiles are data, every odd row is named with its file and line, nothing stops the import."""

from .profile import Profile, ProfileError, load_profile
from .run import ImportFailedError, ImportSummary, run_import

__all__ = ["ImportFailedError", "ImportSummary", "Profile", "ProfileError", "load_profile", "run_import"]
