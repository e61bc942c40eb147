"""Spikes: series of complaints that are suddenly far above what the same hours of other weeks had."""
