"""Coded rows as the new responses that most of them become: with an id, a respondent's token, and what the other services hear.

Everything is made here, so that whoever keeps the rows has only to write them. Which rows are new, and who has a token already, is the
service's to find out (keep_rows).
"""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from assent_kit.identifiers import new_ids
from assent_survey.formats.coded_columns import concat, content_of
from assent_survey.formats.reading import Order

SILENT = '"answers":{},"missing":{},"groups":{}'  # what is told without consent
SAME = ("row", "response", "respondent", "said", "size", "finished", "revision", "problems")
_LEFT_PADDED: Any = pc.utf8_lpad
_CHOOSE: Any = pc.if_else


def drafts_of(rows: pa.Table, order: Order) -> dict[str, list[Any]]:
    """The columns of `keep_rows.Row`. Ids are in the order of the file, tokens in that of the rows."""
    ids, tokens = _ids_of(rows), new_ids("rsd", rows.num_rows)
    columns: dict[str, Any] = {name: rows.column(name) for name in SAME}
    columns["arrival"] = concat(f"dlv{order.id[3:]}", _LEFT_PADDED(rows.column("row").cast(pa.string()), 9, "0"))
    columns["content"] = content_of(rows.column("core"), rows.column("kept"))
    columns["state"] = _states(rows, order, ids, tokens)
    return {"id": ids, "token": tokens} | {name: column.to_pylist() for name, column in columns.items()}


def _ids_of(rows: pa.Table) -> list[str]:
    places = np.argsort(np.argsort(rows.column("row").to_numpy()))
    ids = new_ids("rsp", rows.num_rows)
    return [ids[place] for place in places.tolist()]


def _states(rows: pa.Table, order: Order, ids: list[str], tokens: list[str]) -> Any:
    """What the other services hear of each response: `settle_response.state_of`, as JSON."""
    about = f'"collection":"{order.collection}","instrument":"{order.instrument}","number":{order.number}'
    core = _CHOOSE(rows.column("consented"), rows.column("core"), SILENT)
    complete = _CHOOSE(rows.column("finished"), "true", "false")
    names = (f'{{"study":"{order.study}","response":"', pa.array(ids), '","respondent":"', pa.array(tokens), f'",{about},')
    return concat(*names, core, ",", rows.column("told"), ',"complete":', complete, ',"test":false}')
