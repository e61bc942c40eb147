"""The ring: the one shape of the product. It fills as a complaint moves and closes when it is done."""

from math import cos, pi, sin

TRACK = '<circle class="ring__track" cx="8" cy="8" r="6"/>'
HALF = '<path class="ring__arc" d="M8 2a6 6 0 0 1 0 12"/>'

# One drawing per stage, on a 16 grid with radius 6. The state machines give each state its stage.
STAGES = {
    "next": TRACK,  # not a state: what is still to come in a timeline
    "new": f'{TRACK}<circle class="ring__dot" cx="8" cy="8" r="2"/>',
    "ours": TRACK + HALF,
    "customer": f'{TRACK}{HALF}<path class="ring__mark" d="M6.8 6.2v3.6M9.2 6.2v3.6"/>',
    "outside": '<circle class="ring__arc" cx="8" cy="8" r="6" stroke-dasharray="3.9 2.383" stroke-dashoffset="1.95"/>',
    "answered": f'{TRACK}<path class="ring__arc" d="M8 2A6 6 0 1 1 2.8 5"/>',
    "closed": '<circle class="ring__arc" cx="8" cy="8" r="6"/><path class="ring__mark" d="M5.5 8.2l1.8 1.8 3.3-3.8"/>',
    "reopened": f'{TRACK}<path class="ring__arc" d="M8 14A6 6 0 0 1 8 2"/><path class="ring__mark" d="M6.6-.2 9 2 6.6 4.2"/>',
    "withdrawn": f'{TRACK}<path class="ring__mark" d="M5.2 10.8l5.6-5.6"/>',
}

DIAL_RADIUS, DIAL_GAP = 66, 9


def ring(stage: str, size: int = 16) -> str:
    """Draw the ring of a stage as inline SVG (16 in chips, 20 in timelines, 28 on cards)."""
    box = f'viewBox="0 0 16 16" width="{size}" height="{size}"'
    return f'<svg class="ring ring--{stage}" {box} fill="none" aria-hidden="true">{STAGES[stage]}</svg>'


def dial_arcs(steps: int, done: int) -> list[tuple[str, str]]:
    """Divide the dial into one arc per promised step; returns (class, path) clockwise from twelve o'clock."""
    share, gap = 2 * pi / steps, DIAL_GAP / DIAL_RADIUS
    states = ("done" if step < done else "now" if step == done else "next" for step in range(steps))
    return [(state, _arc(step * share + gap / 2, (step + 1) * share - gap / 2)) for step, state in enumerate(states)]


def _arc(start: float, end: float) -> str:
    (x1, y1), (x2, y2) = ((80 + DIAL_RADIUS * sin(angle), 80 - DIAL_RADIUS * cos(angle)) for angle in (start, end))
    return f"M{x1:.1f} {y1:.1f}A{DIAL_RADIUS} {DIAL_RADIUS} 0 {int(end - start > pi)} 1 {x2:.1f} {y2:.1f}"
