"""Pages of the figures below ``/admin/reports/``. Every figure on them comes from ``analytics.metrics.asking``."""
