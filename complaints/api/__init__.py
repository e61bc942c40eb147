"""Complaints for machines: /api/v1/complaints/ and /api/v1/attachments/. Every write goes through ``complaints.services``."""
