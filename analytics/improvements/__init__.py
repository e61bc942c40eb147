"""Improvement items: what is changed at the source of complaints, by whom, and whether it helped."""
