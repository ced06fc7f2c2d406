"""Print an evidence view as tables for a terminal, in the order of the view. Only what the view says; nothing is computed here.

The view is the JSON of `GET …/proposals/{proposal}/evidence`; a part that it leaves out is left out. Long lists are cut, and say so.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.box import SIMPLE
from rich.console import Console, Group, RenderableType
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from assent_standalone.demo import LABEL

View = dict[str, Any]

READINGS = {
    "withheld_by_named_groups": ("WITHHELD BY NAMED GROUPS", "red"),
    "contested": ("CONTESTED", "yellow"),
    "supported_with_conditions": ("SUPPORTED, WITH CONDITIONS", "green"),
    "insufficient_evidence": ("INSUFFICIENT EVIDENCE", "cyan"),
}
GROUNDS = {
    "eligibility": "who may be in it",
    "model_input": "what its model takes in",
    "past_over_representation": "over-represented before",
    "judgement": "judgement",
}
STAKEHOLDERS = {
    "national_government": "Nation",
    "local_government": "Council",
    "data_analytics_company": "Company",
    "charity_or_advocacy": "Charity",
    "parenting_site": "Parenting",
    "news_media": "News",
    "other": "Other",
}
MISSING = {"dont_know": "Don't know", "refused": "Preferred not to say", "break_off": "Stopped before this question"}
SUPPRESSED = "suppressed"
PASSAGES_SHOWN = 3
GAPS_SHOWN = 8
QUOTATIONS_SHOWN = 5


ACROSS_GROUPS = {
    "shown": "; shown to be alike across groups",
    "not_shown": "; not shown to be alike across groups",
    "contradicted": "; not alike across groups",
}


def show(view: View, console: Console) -> None:
    """Print the whole view."""
    console.print()
    console.print(Rule(Text(view["title"].removeprefix(f"{LABEL}: "), style="bold"), style="bold"))
    console.print(Text(LABEL, style="black on yellow"), justify="center")
    if view.get("rebuilding"):
        console.print("The read models are being rebuilt; nothing else can be said meanwhile.")
    for part in _parts(view):
        console.print(part)
        console.print()


def _parts(view: View) -> Iterator[RenderableType]:
    """The parts that the view has, in its order."""
    printers: dict[str, Callable[[Any], RenderableType]] = {
        "profile": _profile,
        "targets": _targets,
        "items": _items,
        "held_data": _held_data,
        "conditions": _conditions,
        "voices": _voices,
        "rationales": _rationales,
        "coverage": _coverage,
        "missing": _missing,
        "consent": _consent,
    }
    for name, printer in printers.items():
        if view.get(name):
            yield printer(view[name])
    if view.get("citation"):
        yield Text(f"Cite as: {view['citation']}", style="dim")


def _profile(profile: View) -> RenderableType:
    words, colour = READINGS[profile["reading"]]
    lines = [Text(words, style=f"bold {colour}"), *(Text(f"• {_plain(reason)}") for reason in profile["because"])]
    if profile["groups"]:
        lines.append(Text("Named: " + "; ".join(profile["groups"]), style="bold"))
    settings = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in profile["settings"].items())
    before = "fixed before the evidence was shown" if profile["preregistered"] else "not fixed before the evidence was shown"
    lines.append(Text(f"Thresholds ({before}): {settings}", style="dim"))
    lines.append(Text(_robustness(profile["robustness"]), style="dim"))
    return Panel(Group(*lines), title="Profile: a reading with its reasons, never a pass mark", border_style=colour)


def _robustness(robustness: View) -> str:
    """How often the reading stays when something is decided otherwise."""
    same = f"The same in {robustness['same']} of {robustness['of']} recomputations"
    differs = "; ".join(f"{name}: {READINGS[other][0].lower()}" for name, other in robustness["differs"].items())
    return f"{same}. {differs}" if differs else same


def _targets(targets: list[View]) -> RenderableType:
    table = _table("Who is likely to be singled out", "Who", "On what ground", "Survey", "Heard in", "Reading")
    for target in targets:
        heard = target["heard_in"]
        ground = GROUNDS[target["basis"]] + (", a document says" if target.get("passage") else "")
        table.add_row(
            target["label"] + (" (declared afterwards)" if target["post_hoc"] else ""),
            ground,
            target["survey"].replace("_", " "),
            f"{_count(heard['focus_groups'], 'group')}, {_count(heard['interviews'], 'interview')}",
            target["reading"],
        )
    return table


def _items(items: list[View]) -> RenderableType:
    """Items on which the reading rests are shown with their groups; the others in a line each."""
    resting = [item for item in items if item.get("counts")]
    others = [item for item in items if not item.get("counts")]
    parts: list[RenderableType] = []
    for item in resting:
        parts += [_distribution(item), _groups(item["groups"]), *_standing(item)]
    if others:
        table = _table(
            "Other questions that come near, and other samples", "Question", "Match", "Asked of", "Acceptable", "Not acceptable"
        )
        for item in others:
            table.add_row(_item_name(item), _match(item), _asked(item), _figure(item.get("support")), _figure(item.get("refusal")))
        parts.append(table)
    return Group(*parts)


def _distribution(item: View) -> RenderableType:
    asked = Text.assemble((_item_name(item).capitalize(), "bold"), f" — {_match(item)}; {_asked(item)}")
    table = _table("", "Answer", "Of all asked (95 %)")
    for option, share in item["distribution"].items():
        table.add_row(item["options"].get(option) or MISSING[option], _figure(share))
    table.add_row()
    for label, share in (("Acceptable in all", item.get("support")), ("Not acceptable", item.get("refusal"))):
        table.add_row(Text(label, style="bold"), _figure(share))
    return Group(asked, Text(item["wording"], style="italic"), table)


def _groups(groups: list[View]) -> RenderableType:
    table = _table("Acceptable, by group", "Group", "Share (95 %)", "Gap to the rest", "p (Holm)", "Base")
    _by_variable(table, groups, _estimate)
    return table


def _standing(item: View) -> Iterator[Text]:
    """Which groups may be the lowest, and how far people agree."""
    names = {(group["variable"], group["group"]): group["label"] for group in item["groups"]}
    if lowest := item.get("lowest_set"):
        yield Text("May be the lowest: " + "; ".join(names[one["variable"], one["group"]] for one in lowest))
    if found := item.get("consensus"):
        peak = ", ".join(item["options"][option] for option in found["at"])
        measures = {
            "agreement": "agreement (Van der Eijk)",
            "net_agreement": "net agreement",
            "polarization": "polarisation (PCI2)",
        }
        figures = ", ".join(f"{label} {found[name]:.2f}" for name, label in measures.items() if name in found)
        across = ACROSS_GROUPS.get(found.get("across_groups", ""), "")
        yield Text(f"Of {found['options']} options most chose “{peak}”: {figures}{across}")


def _by_variable(table: Table, rows: list[View], cells: Callable[[View], Iterable[RenderableType]]) -> None:
    """A row for each group, under the name of its variable; an intersection keeps its whole label."""
    variable = None
    for row in rows:
        name, _, category = row["label"].partition(": ")
        whole = "&" in row["group"] or not category
        if row["variable"] != variable and not whole:
            table.add_row(Text(name, style="bold"))
        variable = row["variable"]
        table.add_row(row["label"] if whole else f"  {category}", *cells(row))


def _estimate(group: View) -> Iterable[RenderableType]:
    """Share, gap, p and base of a group; or only the mark that they are withheld, with the direction where it is known."""
    if group.get("suppressed"):
        return (Text(_withheld(group), style="dim"),)
    gap = group.get("gap")
    difference = f"{100 * gap['difference']:+.0f} ({100 * gap['low']:+.0f} to {100 * gap['high']:+.0f})" if gap else ""
    p_value = _p(gap["p_holm"]) if gap and "p_holm" in gap else ""
    base = f"{group['base']}{' (small)' if group.get('small_base') else ''}" if "base" in group else ""
    return _figure(group.get("support")), difference, p_value, base


def _held_data(held: list[View]) -> RenderableType:
    table = _table("What families say is held about them", "What", "Data", "Said in")
    for one in held:
        table.add_row(one["label"], ", ".join(one["data_types"]), _count(one["sessions"], "session"))
    return table


def _conditions(conditions: list[View]) -> RenderableType:
    table = _table("What would change minds", "Change", "Met by the proposal", "Where it comes from", last_folds=True)
    for condition in conditions:
        table.add_row(
            condition["label"], condition["met_by_proposal"], "; ".join(dict.fromkeys(map(_plain, condition["evidence"])))
        )
    return table


def _voices(voices: View) -> RenderableType:
    lines: list[Text] = [Text(voices["searched"]["sentence"]), Text(f"How they were chosen: {voices['selection']}", style="dim")]
    if not voices["available"]:
        lines.append(Text("The service that keeps the conversations is away; no words can be shown.", style="yellow"))
    for title, name in (("In their words", "quotations"), ("And the other way", "counter_quotations")):
        if voices[name]:
            lines.append(Text(f"\n{title}", style="bold"))
        lines += [_quotation(quotation) for quotation in voices[name][:QUOTATIONS_SHOWN]]
        if len(voices[name]) > QUOTATIONS_SHOWN:
            lines.append(Text(f"… and {len(voices[name]) - QUOTATIONS_SHOWN} more", style="dim"))
    hidden = ", ".join(f"{stance}: {band.replace('_', ' ')}" for stance, band in voices["not_quotable"].items())
    if hidden:
        lines.append(Text(f"\nNot to be quoted, by stance: {hidden}", style="dim"))
    return Panel(Group(*lines), title="Voices", border_style="blue")


def _quotation(quotation: View) -> Text:
    who = quotation.get("cohort") or "a cohort that is not named"
    about = f"{quotation['stance']}, {quotation['code'].replace('_', ' ')}; {quotation['session_kind'].replace('_', ' ')}, {who}"
    return Text.assemble((f"“{quotation['text']}”", "italic"), (f"  — {about}", "dim"))


def _rationales(rationales: list[View]) -> RenderableType:
    """A row for each rationale: how many of the sampled documents of each kind of stakeholder give it, and how parents met it."""
    sampled = {use["stakeholder"]: use["documents_sampled"] for each in rationales for use in each["by_stakeholder"]}
    headings = [f"{STAKEHOLDERS[kind]}\nof {documents}" for kind, documents in sampled.items()]
    table = _table("Reasons, and how many of the sampled documents give each", "Reason", *headings, "Parents")
    table.padding = (0, 0)  # the widest table: with air around its columns it breaks words at 80 characters
    for stance in ("for", "against"):
        table.add_row(Text(stance.capitalize(), style="bold"))
        for each in (one for one in rationales if one["stance"] == stance):
            given = {use["stakeholder"]: str(use["documents"] or "·") for use in each["by_stakeholder"]}
            table.add_row(f"  {each['label']}", *(given.get(kind, "") for kind in sampled), each["parents"].replace("_", " "))
    shown = [passage for each in rationales for passage in each["passages"] if passage.get("text")][:PASSAGES_SHOWN]
    lines = [
        Text.assemble((f"“{passage['text']}”", "italic"), (f"  — {passage.get('title', '').removeprefix(f'{LABEL}: ')}", "dim"))
        for passage in shown
    ]
    return Group(table, *lines)


def _coverage(coverage: list[View]) -> RenderableType:
    table = _table("What each strand knows of whom", "Group", "Survey", "Focus groups", "Interviews")
    _by_variable(table, coverage, lambda row: [_known(row[strand]) for strand in ("survey", "focus_groups", "interviews")])
    return table


def _known(word: str) -> Text:
    return Text(word.replace("_", " "), style="green" if word == "reliable" else "red" if word == "none" else "dim")


def _missing(missing: list[View]) -> RenderableType:
    table = _table("What cannot be said", "What", "Why it matters", last_folds=True)
    for row in missing[:GAPS_SHOWN]:
        table.add_row(row["what"], row["why_it_matters"])
    if len(missing) > GAPS_SHOWN:
        table.caption = f"… and {len(missing) - GAPS_SHOWN} more"
    return table


def _consent(consent: View) -> RenderableType:
    forms = ", ".join(consent["forms"]) or "none"
    responses = consent.get("responses", "under 10")
    return Text(
        f"Consent: {responses} responses; {consent['quotations']} quotations, on form {forms}; "
        f"withdrawn: {consent['withdrawn'].replace('_', ' ')}",
        style="dim",
    )


def _table(title: str, *headings: str, last_folds: bool = False) -> Table:
    table = Table(title=Text(title, style="bold") if title else None, box=SIMPLE, pad_edge=False, expand=last_folds)
    table.title_justify = table.caption_justify = "left"
    for number, heading in enumerate(headings, start=1):
        last = last_folds and number == len(headings)
        table.add_column(heading, ratio=2 if last else 1 if last_folds else None, overflow="fold")
    return table


def _plain(words: str) -> str:
    """A sentence of the view without the ids in it, for a reader who has the tables below."""
    return re.sub(r" in col_\w+", "", re.sub(r"\bins_\w+\.\d+\.(\w+)", r"“\1”", words))


def _item_name(item: View) -> str:
    return str(item["item"]).rsplit(".", 1)[-1].replace("_", " ")


def _match(item: View) -> str:
    match = item.get("match")
    if not match:
        return "no match"
    words = "exact match" if match["level"] == "exact" else f"{match['level']}, {match['direction']}"
    return words + (" (confirmed)" if match.get("confirmed_by") else "")


def _asked(item: View) -> str:
    collection = item["collection"]
    base = f"{item['base']} parents" if "base" in item else "few parents"
    effective = f", effective {item['n_effective']:.0f}" if "n_effective" in item else ""
    return f"{base}{effective}; {collection['wave']}, {collection['sampling'].replace('_', ' ')}, {collection['state']}"


def _p(value: float) -> str:
    return "<0.001" if value < 0.001 else f"{value:.3f}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _withheld(figure: View) -> str:
    direction = figure.get("direction")
    return f"{SUPPRESSED}, {direction.replace('_', ' ')}" if direction else SUPPRESSED


def _figure(share: View | None) -> Text:
    """A share in per cent with its interval, or the mark that it is withheld, with the direction where it is known."""
    if share is None or "share" not in share:
        return Text(_withheld(share or {}), style="dim")
    interval = f" ({100 * share['low']:.0f}–{100 * share['high']:.0f})" if "low" in share and "high" in share else ""
    return Text(f"{100 * share['share']:.0f} %{interval}")
