"""What is said around the numbers of an analysis: titles, captions and footnotes, the same for tables and charts."""

from collections.abc import Mapping
from typing import Any

from assent_analytics.domain.table import whole


def caption(method: str, result: Mapping[str, Any]) -> str:
    """What the table is of, and whom it is about."""
    return f"{title(method)}. {whom(result)}"


def title(method: str) -> str:
    """What a method tells, in words."""
    return TITLES.get(method, method.replace("_", " ").capitalize())


def whom(result: Mapping[str, Any]) -> str:
    """Whom an analysis is about, and how many of them answered."""
    collection = result["collection"]
    base = f" Base: {whole(result['base'])} (unweighted)." if result.get("base") is not None else ""
    population = collection["population"]
    return f"{population[:1].upper()}{population[1:]}; {collection['wave']}.{base}"


TITLES = {
    "distribution": "Distribution of answers over everyone asked",
    "support": "Support and opposition over everyone asked",
    "table": "Answers by group",
    "proportion": "Share of everyone asked",
    "difference": "Difference between groups",
    "association": "Test of independence",
    "rank_test": "Rank test between groups",
    "pairwise": "Every pair of groups",
    "consensus": "Agreement among those who chose an option",
    "reliability": "Reliability of a scale",
    "scale": "A scale by group",
    "factors": "Factors behind the answers",
    "latent_classes": "Types of answers",
    "vignettes": "What features of a practice do to its judgement",
    "mrp": "Modelled shares",
    "path_model": "Trust and acceptance",
    "trend": "Change since an earlier collection",
}


def footnotes(request: Mapping[str, Any], result: Mapping[str, Any]) -> list[str]:
    """How the numbers were made, whom they are about, and what must be said with them."""
    design = result["design"]
    weights = {"declared": "the collection's weights", "raked": "weights raked to the collection's margins", "none": "no weights"}
    parts = [f"Estimated with {weights[request['design']['weights']]}"]
    parts += [f"{design['strata']} strata"] if design.get("strata") else []
    parts += [f"{design['clusters']} clusters"] if design.get("clusters") else []
    notes = [f"{', '.join(parts)}; standard errors: {design.get('variance', 'linearised')}."]
    if request.get("options"):
        notes.append(f"Counted: {'; '.join(_label(request, result, option) for option in request['options'])}.")
    if request.get("within"):
        chosen = "; ".join(
            f"{result['variables'].get(name, name)}: {', '.join(_group(result, name, group) for group in groups)}"
            for name, groups in request["within"].items()
        )
        notes.append(f"Only {chosen}.")
    return [*notes, *result["notes"]]


def _label(request: Mapping[str, Any], result: Mapping[str, Any], option: str) -> str:
    """An option that is counted, in the words of the item."""
    item = result["items"].get(request.get("item") or request.get("outcome") or "", {})
    labels = {one["option"]: one["label"] for one in item.get("options", ())}
    return str(labels.get(option) or option.replace("_", " ").capitalize())


def _group(result: Mapping[str, Any], variable: str, group: str) -> str:
    """A group in the study's words."""
    labels = {one["group"]: one["label"] for one in result.get("groups", {}).get(variable, ())}
    return str(labels.get(group, group))
