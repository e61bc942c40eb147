"""What the pages of the demo shop's agents would have measured of their work."""

from complaints.effort.windows import in_ms

from .corpus import share

WORK = 5
SHORTEST_MS, SPREAD_MS = 70_000, 540_000
MOST_EVENTS = 100


def effort_codes(story) -> dict[str, int]:
    """The work on the answer that the agent has just given: a little over a minute to ten, short ones more often."""
    chance = share(story.plan.seed, WORK, story.number * MOST_EVENTS + story.chain.seq)
    ended, filed = in_ms(story.at), in_ms(story.row["filed_at"])
    active_ms = min(SHORTEST_MS + int(SPREAD_MS * chance**2), ended - filed)
    times = {"active_ms": active_ms, "hold_ms": 0, "wrapup_ms": 0}
    return {"agent": story.agent, "contact": story.contact_id, **times, "from": ended - active_ms, "to": ended}
