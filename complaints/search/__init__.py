"""Complaints found by their words, within what the person who asks may see."""
