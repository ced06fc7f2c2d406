"""A table as HTML that screen readers can walk: caption, scopes, footnotes; every word escaped."""

from html import escape

from assent_analytics.domain.table import Cell, Row, Table

STYLE = """
body { font-family: system-ui, sans-serif; color: #1a1a1a; margin: 2rem; line-height: 1.4 }
table { border-collapse: collapse; border-block: 2px solid #1a1a1a }
caption { text-align: start; font-weight: 600; padding-block: .5rem; max-width: 60rem }
th, td { padding: .3rem .8rem; text-align: end; vertical-align: bottom }
thead th { border-block-end: 1px solid #1a1a1a }
tbody th { text-align: start; font-weight: 400 }
tbody th[colspan] { font-weight: 600; padding-block-start: .7rem }
thead th:first-child { text-align: start }
th.span { text-align: center }
td { font-variant-numeric: tabular-nums; white-space: nowrap }
td.suppressed, td.missing { color: #595959 }
.level1 { padding-inline-start: 1.8rem } .level2 { padding-inline-start: 3rem }
.notes { font-size: .85rem; max-width: 60rem; color: #404040 }
"""


def table_page(table: Table, *, language: str = "en") -> str:
    """A page with nothing but the table, complete in itself."""
    notes = "".join(f"<li>{escape(note)}</li>" for note in table.notes)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(language)}"><head><meta charset="utf-8"><title>{escape(table.caption)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>\n<body>\n{table_element(table)}\n'
        f'<ul class="notes">{notes}</ul>\n</body></html>\n'
    )


def table_element(table: Table) -> str:
    """The table alone."""
    body = "\n".join(_row(row, len(table.columns)) for row in table.rows)
    return (
        f"<table>\n<caption>{escape(table.caption)}</caption>\n<thead>\n{_head(table)}</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _head(table: Table) -> str:
    labels = "".join(f'<th scope="col">{escape(column.label)}</th>' for column in table.columns)
    stub = escape(table.stub)
    if not any(span for span, _ in table.spans):
        return f'<tr><th scope="col">{stub}</th>{labels}</tr>\n'
    spans = "".join(
        f'<th scope="colgroup" class="span" colspan="{width}">{escape(span)}</th>' if span else f'<td colspan="{width}"></td>'
        for span, width in table.spans
    )
    return f"<tr><td></td>{spans}</tr>\n" + f'<tr><th scope="col">{stub}</th>{labels}</tr>\n'


def _row(row: Row, columns: int) -> str:
    if not row.cells:
        return f'<tr><th scope="rowgroup" colspan="{columns + 1}">{escape(row.label)}</th></tr>'
    cells = "".join(map(_cell, row.cells))
    return f'<tr><th scope="row" class="level{row.level}">{escape(row.label)}</th>{cells}</tr>'


def _cell(cell: Cell) -> str:
    if cell.mark == "suppressed":
        return f'<td class="suppressed"><abbr title="suppressed">{escape(cell.text)}</abbr></td>'
    return f'<td class="{cell.mark}">{escape(cell.text)}</td>'
