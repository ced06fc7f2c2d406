"""The codebook as a tree: what makes it whole."""

from collections.abc import Mapping
from typing import Literal

from assent_contracts.stances import CodeRole

Response = Literal["recognised", "rejected"]


class TreeBroken(Exception):
    """A parent that does not exist, or that is the code itself or below it."""


class RationaleUnclear(Exception):
    """A code about a rationale that does not say which and how parents met it, or another code that does."""


def check_parent(code: str, parent: str | None, parents: Mapping[str, str | None]) -> None:
    """Make sure that `code` may hang below `parent`; `parents` are those of all codes there are. Raises TreeBroken."""
    above = parent
    if above is not None and above not in parents:
        raise TreeBroken("the parent is no code of this study")
    while above is not None:
        if above == code:
            raise TreeBroken("a code cannot hang below itself")
        above = parents.get(above)


def check_rationale(role: CodeRole, rationale: str | None, response: Response | None) -> None:
    """A `rationale_response` code names a rationale and whether parents recognise or reject it; no other code does either.

    Raises RationaleUnclear.
    """
    stated = (rationale is not None, response is not None)
    if role == "rationale_response" and not all(stated):
        raise RationaleUnclear("a code of this role names a rationale and a response, recognised or rejected")
    if role != "rationale_response" and any(stated):
        raise RationaleUnclear("only a code of the role rationale_response names a rationale and a response")
