"""What moves on open pages while somebody looks at them: pointers over one stream per browser, never content."""

from complaints.live.publishing import publish

__all__ = ["publish"]
