"""The figures as a table, on the screen and in docs/performance.md."""

from benchmarks.house import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- figures -->", "<!-- /figures -->"


def write_report(results: dict, *, machine: str) -> None:
    """Replace the figures between the two marks; the words around them are written by hand."""
    text = "\n".join(f"### {volume:,} complaints\n\n{draw_table(figures)}\n" for volume, figures in results.items())
    print(text)
    page = PAGE.read_text()
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    PAGE.write_text(f"{head}{BEGIN}\n\nMeasured on: {machine}.\n\n{text}\n{END}{tail}")


def draw_table(figures: list) -> str:
    lines = ["| operation | cases | web | database | together | slowness | at rest | bar | statements | bytes |"]
    lines.append("|--|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    for figure in figures:
        spent = " | ".join(f"{part:.1f}" for part in (figure.web, figure.database, figure.total))
        about = f"{figure.statements} | {figure.bytes:,}"
        rest = f"{figure.slowness:.2f} | {figure.at_rest:.1f}"
        lines.append(f"| {figure.operation} | {figure.cases} | {spent} | {rest} | ≤ {figure.limit:g} | {about} |")
    return "\n".join(lines)
