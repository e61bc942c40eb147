"""Articles for machines."""
