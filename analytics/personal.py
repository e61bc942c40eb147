"""Facts and sums hold codes, numbers and moments; nothing in them names a customer, and nothing of it is text that somebody wrote."""

from django.db import models

from analytics.ledger.families import FAMILIES, SHARED
from foundation.personal import Table

# Text is a code of the shop's own; another column of text has to be thought about here first.
CODES = frozenset({*SHARED, "excluded", "outcome", "kind", "scale", "currency", "bearer", "article", "key"})

IN_THE_LOOP = "as long as the shop; it is what was learnt"


def _plain(model: type[models.Model]) -> str:
    fields = model._meta.concrete_fields
    return " ".join(field.name for field in fields if field.name in CODES or not isinstance(field, models.CharField | models.TextField))


def _table(model: type[models.Model], why: str) -> Table:
    return Table(label=model._meta.label, why=why, kept="as long as the events", none=_plain(model))


TABLES = (
    *(_table(family.fact, "figures: facts folded from events") for family in FAMILIES.values()),
    *(_table(family.rollup, "figures: sums of facts") for family in FAMILIES.values()),
    Table(label="analytics.AnalyticsCursor", why="how far the figures are", kept="configuration", none="id consumer feed pos"),
    Table(label="analytics.DirtyNode", why="sums to be made new", kept="until they are", none="family source level idx due_at"),
    Table(label="analytics.FillRange", why="how far a rebuild is", kept="until it is done", none="name done_id last_id started_at pos"),
    Table(
        label="analytics.MetricVersion", why="since when a definition holds", kept="configuration", none="id metric version digest since"
    ),
    Table(
        label="analytics.Snapshot",
        why="answers to questions about figures that take long to count",
        kept="a week after somebody last asked",
        none="id next_at claimed_by fence attempts key question needs state payload watermark error asked_at started_at done_at",
    ),
    Table(
        label="analytics.Spike",
        of="staff",
        why="what suddenly goes wrong more often, and why",
        kept=IN_THE_LOOP,
        none="id version kind code cross value team merchant state until count median phi z history latest_until latest_count latest_z"
        " calmed_at found_at due_at escalated_at folded_under cause improvement closed_at",
        content="explanation",
    ),
    Table(
        label="analytics.SpikeStep",
        of="staff",
        why="who did what about a spike",
        kept=IN_THE_LOOP,
        none="id spike verb by at codes",
        content="note",
    ),
    Table(
        label="analytics.Improvement",
        of="staff",
        why="what is changed at the source of complaints, and whether it helped",
        kept=IN_THE_LOOP,
        none="id version department category reason merchant warehouse carrier sku province control_by control_value target_percent team"
        " state proposed_by proposed_at owner due_on accepted_at done_at measured closed_at closed_by came_back",
        content="title cause action",
    ),
    Table(
        label="analytics.ImprovementStep",
        of="staff",
        why="who did what about an improvement item",
        kept=IN_THE_LOOP,
        none="id improvement verb by at codes",
        content="note",
    ),
    Table(
        label="analytics.ImprovementComplaint",
        why="which complaints speak for an improvement item",
        kept="with the complaint",
        none="id improvement complaint by at",
    ),
    Table(
        label="analytics.ImportedLog",
        why="a log of another help desk, for comparing figures",
        kept="until it is deleted",
        none="id name file_name file_bytes sha256 format mapping_name mapping mapping_digest state read_to folded_to counts activities"
        " words statistics started_at finished_at by",
    ),
    Table(
        label="analytics.ImportedEvent",
        why="what happened when in an imported log; people are numbers",
        kept="with the log",
        none="log position line case_key at kind activity actor team codes",
    ),
    Table(
        label="analytics.ImportedFinding",
        why="which lines of a log could not be taken",
        kept="with the log",
        none="id log line code",
    ),
    Table(
        label="analytics.ResearchCohort",
        why="periods published for research, without anything personal",
        kept="for ever, so that no two exports differ",
        none="id merchant first_on last_on step version columns k l row_count suppressed_count codes figures made_at",
    ),
    Table(label="analytics.ResearchPage", why="the rows of those periods", kept="with the period", none="id cohort number body"),
    Table(
        label="analytics.ResearchExport",
        of="staff",
        why="who took which data for research, and why",
        kept="for ever, as part of the record",
        none="id next_at claimed_by fence attempts asked_by asked_at merchant_ids first_on last_on step k l columns floors state"
        " done_count period_count row_count suppressed_count digest why about ended_at",
        content="reason",
    ),
    Table(
        label="analytics.ListExport",
        of="staff",
        why="lists of figures that somebody has made into files, and what for",
        kept="30 days; the file for one",
        none="id next_at claimed_by fence attempts asked_by asked_at state done_count row_count ended_at key metric part query name"
        " extension why entry scope byte_count",
        content="reason",
    ),
    Table(
        label="analytics.Goal",
        of="staff",
        why="what figures should reach",
        kept="for ever: past days are judged by it",
        none="id metric scope subject_id value valid_from set_by set_at",
    ),
    Table(label="analytics.Remark", why="what happened on a day", kept="with the figures", none="id day text by at removed_at"),
    Table(
        label="analytics.SavedReport",
        of="staff",
        why="pages of figures that somebody keeps and has sent",
        kept="with the account",
        none="id owner name board metric query shared team role rhythm weekday month_day hour is_paused due_at saved_at removed_at",
    ),
    Table(
        label="analytics.ReportRecipient",
        of="staff",
        why="who gets a report by mail",
        kept="with the report",
        none="id report user",
    ),
    Table(
        label="analytics.ReportMail",
        of="staff",
        why="to whom a report went, or why not",
        kept="90 days",
        none="id next_at claimed_by fence attempts report recipient due_at key state why created_at ended_at",
    ),
    Table(
        label="analytics.TileOrder", of="staff", why="tiles as somebody wants them", kept="with the account", none="id user board metrics"
    ),
)
