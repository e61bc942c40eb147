"""Line drawings of empty pages and errors, each made from the ring on a 96 grid."""

ACCENT = 'class="drawing__accent"'

DRAWINGS = {
    # All done: the ring is closed.
    "done": f'<circle cx="48" cy="48" r="30"/><path {ACCENT} d="M35 49l9 9 18-20"/><path d="M14 82h68M24 88h20"/>',
    # Nothing found: the ring is a lens.
    "search": f'<circle cx="42" cy="42" r="26"/><path {ACCENT} d="M61 61l19 19"/><path d="M31 42a11 11 0 0 1 11-11"/>',
    # Nothing came in: the ring rests in a tray.
    "inbox": f'<path d="M12 54l10-28h52l10 28v24H12zM12 54h20c2 8 8 12 16 12s14-4 16-12h20"/><circle {ACCENT} cx="48" cy="36" r="11"/>',
    # No order: a parcel with an open ring.
    "parcel": f'<path d="M14 32l34-16 34 16v36L48 84 14 68zM14 32l34 15 34-15M48 47v37"/><path {ACCENT} d="M70 62a9 9 0 1 0 4 7"/>',
    # Page not there: the dot left the ring.
    "lost": f'<path d="M66 24a30 30 0 1 0 12 24" stroke-dasharray="6 5"/><circle {ACCENT} cx="82" cy="26" r="5"/>'
    '<path d="M40 40h.1M56 40h.1M40 62c5-5 11-5 16 0"/>',
    # Not allowed: the ring is the shackle of a lock.
    "forbidden": '<path d="M32 44V34a16 16 0 0 1 32 0v10"/><rect x="22" y="44" width="52" height="38" rx="8"/>'
    f'<circle {ACCENT} cx="48" cy="60" r="5"/><path {ACCENT} d="M48 65v7"/>',
    # Something broke: the ring has a crack.
    "broken": f'<path d="M44 18a30 30 0 1 0 10 0"/><path {ACCENT} d="M52 8l-8 14 9 6-6 12"/><path d="M38 52h.1M58 52h.1M39 66h18"/>',
    # Begin here: the ring waits for its first dot.
    "start": f'<path d="M62 22a30 30 0 1 0 16 26" /><path {ACCENT} d="M48 36v24M36 48h24"/><circle {ACCENT} cx="73" cy="31" r="4"/>',
}


def drawing(name: str) -> str:
    """Draw one of the eight, 96 pixels square, in the ink of its surroundings."""
    return (
        f'<svg class="drawing" viewBox="0 0 96 96" width="96" height="96" fill="none" stroke-width="2" stroke-linecap="round" '
        f'stroke-linejoin="round" aria-hidden="true">{DRAWINGS[name]}</svg>'
    )
