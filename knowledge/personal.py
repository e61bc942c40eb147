"""Prepared texts hold placeholders, nothing about customers."""

from foundation.personal import Table

TABLES = (
    Table(
        label="knowledge.CannedReply",
        why="prepared texts",
        kept="configuration",
        none="id code tier scene category_code team owner title_zh title_en body_zh body_en initials version is_active created_at",
    ),
    Table(label="knowledge.CannedReplyVersion", why="earlier wordings", kept="configuration", none="id reply number body_zh body_en by at"),
)
