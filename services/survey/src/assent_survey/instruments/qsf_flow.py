"""The order in which a Qualtrics survey shows its questions: the flow, the blocks in it, the questions in them, on what conditions.

Not here: what a question asks (qsf).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from assent_survey.instruments.drafting import Drafting
from assent_survey.instruments.json_shape import listed, within, words
from assent_survey.instruments.plain_text import plain_line
from assent_survey.instruments.qsf_payload import conditions, description, keyed

_DEEPEST = 60
_LOST = {
    "EndSurvey": "an end of the survey",
    "WebService": "a call of a web service",
    "Authenticator": "a check of who answers",
    "ReferenceSurvey": "another survey inside this one",
    "TableOfContents": "a table of contents",
    "QuotaCheck": "a check of a quota",
    "SupplementalData": "data from elsewhere",
    "Conjoint": "a conjoint experiment",
}


@dataclass(frozen=True, slots=True)
class Placed:
    """A question where it is shown. `lost` says why its answer cannot be carried; `skips` where one jumps from it, a line each."""

    id: str
    section: str = ""
    routing: str = ""
    lost: str | None = None
    skips: str = ""


def placed_questions(elements: list[dict[str, Any]], drafting: Drafting) -> list[Placed]:
    """Every question that a block names, in the order of the flow; blocks that no flow shows, and the trash, come last as lost."""
    blocks = _blocks(elements)
    shown = [each for each in elements if words(each.get("Element")) == "FL"]
    found: dict[str, Placed] = {}
    visited: set[str] = set()
    for flow in shown:
        for id, routing in _walk(within(flow, "Payload"), "", drafting, 0):
            if id in visited:
                name = plain_line(words(blocks[id].get("Description"))) or id
                drafting.lose(f"block {name[:80]!r}", "it is shown again further on", "its questions where they come first")
            elif id in blocks:
                visited.add(id)
                _place(blocks[id], routing, None, found)
                _tell(blocks[id], drafting)
    for id, block in blocks.items():
        if id not in visited:
            _place(block, "", "it is in a block that the flow does not show" if visited else None, found)
    return list(found.values())


def _tell(block: dict[str, Any], drafting: Drafting) -> None:
    """That the questions of a block come in another order for each respondent, or only some of them."""
    if words(within(block, "Options").get("RandomizeQuestions")) not in ("", "false"):
        name = plain_line(words(block.get("Description")))[:80]
        drafting.lose(f"block {name!r}", "an order that is random, or a random part")


def _place(block: dict[str, Any], routing: str, lost: str | None, found: dict[str, Placed]) -> None:
    """The questions of a block, each where it comes first."""
    if words(block.get("Type")) == "Trash":
        lost = "it is in the trash"
    elif words(within(block, "Options").get("Looping")) not in ("", "None"):
        lost = "it is asked in a loop, whose answers are several"
    section = plain_line(words(block.get("Description")))
    for element in keyed(block.get("BlockElements")).values():
        id = words(element.get("QuestionID")) if isinstance(element, dict) else ""
        if id:
            found.setdefault(id, Placed(id, section, routing, lost, skips=skips(element.get("SkipLogic"))))


def skips(logic: Any) -> str:
    """Where one jumps after a question, in Qualtrics' words; in those of its own notation where it has none."""
    return "\n".join(_skip(each) for each in keyed(logic).values() if isinstance(each, dict))


def _skip(jump: dict[str, Any]) -> str:
    told = description(jump)
    when = " ".join(each for name in ("Locator", "Condition") if (each := words(jump.get(name))))
    where = f"Skip To {words(jump.get('SkipToDestination'))}"
    return told or (f"If {when}, Then {where}" if when else where)


def _blocks(elements: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Every block by its id."""
    found: dict[str, dict[str, Any]] = {}
    for element in elements:
        if words(element.get("Element")) != "BL":
            continue
        for key, block in keyed(element.get("Payload")).items():
            if isinstance(block, dict):
                found.setdefault(words(block.get("ID")) or key, block)
    return found


def _walk(node: dict[str, Any], routing: str, drafting: Drafting, depth: int) -> Iterator[tuple[str, str]]:
    """The blocks under a node with their conditions, in order."""
    kind = words(node.get("Type"))
    where = f"flow {words(node.get('FlowID'))[:40] or '?'}"
    if depth > _DEEPEST:
        drafting.lose(where, f"a flow nested deeper than {_DEEPEST}")
        return
    if kind in ("Block", "Standard"):
        yield words(node.get("ID")), routing
    elif kind == "Branch":
        own = conditions(node.get("BranchLogic"))
        routing = f"({routing}) and ({own})" if routing and own else routing or own
    elif kind == "BlockRandomizer":
        drafting.lose(where, "an order that is random, or a random part")
    elif kind == "EmbeddedData":
        for each in listed(node, "EmbeddedData"):
            name = words(each.get("Field"))
            drafting.lose(f"{where}, {name[:80]}", "embedded data, which is no question", field=name)
    elif kind in _LOST:
        drafting.lose(where, _LOST[kind])
    for each in keyed(node.get("Flow")).values():
        if isinstance(each, dict):
            yield from _walk(each, routing, drafting, depth + 1)
