"""From an analysis's result to a table, in the layout of its method."""

from collections.abc import Callable, Mapping
from typing import Any

from assent_analytics.domain.table import Table
from assent_analytics.service.analyses.common_layout import common
from assent_analytics.service.analyses.regression_layout import regression
from assent_analytics.service.analyses.summary_layout import summary

LAYOUTS: dict[str, Callable[[str, Mapping[str, Any], Mapping[str, Any]], Table]] = {"table": summary, "regression": regression}


def tabulate(method: str, request: Mapping[str, Any], result: Mapping[str, Any]) -> Table:
    """The table of an analysis."""
    return LAYOUTS.get(method, common)(method, request, result)
