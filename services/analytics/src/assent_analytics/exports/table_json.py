"""A table as JSON, for those who draw it themselves."""

from dataclasses import asdict
from typing import Any

from assent_analytics.domain.table import Cell, Table


def table_object(table: Table) -> dict[str, Any]:
    """The table's parts; each cell has its wording, its mark and its numbers by name."""
    return {
        "caption": table.caption,
        "stub": table.stub,
        "columns": [asdict(column) for column in table.columns],
        "rows": [{"label": row.label, "level": row.level, "cells": [_cell(cell) for cell in row.cells]} for row in table.rows],
        "footnotes": table.notes,
    }


def _cell(cell: Cell) -> dict[str, Any]:
    return {"text": cell.text, "mark": cell.mark, **dict(cell.numbers)}
