"""What lies beside the data in every export: a page to read first, the codebook, what was changed or left out, and how to cite it."""

import json
from dataclasses import dataclass
from typing import Any

from assent_survey.domain.codebook import Codebook
from assent_survey.domain.fitting import Change
from assent_survey.domain.instrument import Origin
from assent_survey.domain.missing_codes import LABELS, REASONS
from assent_survey.domain.variables import LeftOut
from assent_survey.exports.archive import Archive
from assent_survey.exports.dictionary import dictionary_of
from assent_survey.exports.face import Exporter

README, CODEBOOK, REPORT, CITATION = "README.txt", "codebook.json", "report.json", "CITATION.txt"
LEFT_OUT = {"test": "test responses", "no_consent": "responses without consent", "partial": "unfinished responses"}


@dataclass(frozen=True, slots=True)
class Account:
    """What an export holds, what it does not, and what the format could not carry as it was."""

    rows: int
    left_out: dict[str, int]
    changes: tuple[Change, ...]
    not_exported: tuple[LeftOut, ...]

    def report(self) -> dict[str, Any]:
        """As JSON, without the counts."""
        return {
            "changes": [change._asdict() for change in self.changes],
            "not_exported": [left._asdict() for left in self.not_exported],
        }


def add_companions(archive: Archive, codebook: Codebook, exporter: Exporter, account: Account) -> None:
    """Add the four files. After the data, because only then it is known how many there are."""
    report = {"rows": account.rows, "left_out": account.left_out, **account.report()}
    archive.add_text(README, _readme(codebook, exporter, account))
    archive.add_text(CODEBOOK, _json(dictionary_of(codebook)))
    archive.add_text(REPORT, _json(report))
    archive.add_text(CITATION, _citation(codebook))


def _json(content: dict[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1)


def _readme(codebook: Codebook, exporter: Exporter, account: Account) -> str:
    left_out = [f"  {LEFT_OUT[why]}: {count}" for why, count in sorted(account.left_out.items())] or ["  none"]
    reasons = ", ".join(f"{LABELS[reason]} ({reason})" for reason in REASONS)
    lines = [
        codebook.source.title,
        f"{exporter.title}, {codebook.source.made_at:%Y-%m-%d}: {account.rows} cases, {len(codebook.variables)} variables.",
        "",
        "Left out:",
        *left_out,
        "  everyone who withdrew; open text, and whatever names a person: these are in no export.",
        *[f"  {left.item}: {left.why}" for left in account.not_exported],
        "",
        "case_id is a pseudonym made for this export alone: it joins nothing to another export. Cases are not in the order of arrival.",
        f"Missing answers are kept apart: {reasons}. In numbers they are -9 to -6, or the next free row of four, as {CODEBOOK} says for",
        "each variable; in Stata .a to .d. A cell that holds nothing at all is an answer that could not be coded.",
        "An item with several answers has a 0/1 variable for each option.",
        "In CSV a text that a spreadsheet would take for a formula has an apostrophe in front, and so has a part of it behind a semicolon,",
        "a tab or a line break; take one leading apostrophe off each to have the text back. Numbers are never changed.",
        "",
        f"{CODEBOOK} has each item as it was asked, with translations, routing, practice and origin, and the names of the variables in",
        f"each format. {REPORT} lists every name and label that this format could not carry whole: {len(account.changes)}.",
        f"{CITATION} says how to cite, and whose questions these are.",
        "",
        "These are answers of people who consented to a study. Keep them as you promised them; delete this file when somebody withdraws.",
    ]
    return "\n".join(lines) + "\n"


def _citation(codebook: Codebook) -> str:
    source, facts = codebook.source, codebook.source.facts
    about = [f"{source.title}. Instrument {source.instrument}, version {source.number}."]
    if facts is not None:
        fieldwork = " to ".join(str(day) for day in (facts.fieldwork.begin, facts.fieldwork.end) if day)
        about.append(
            f"Collection {source.collection}, wave {facts.wave}. Population: {facts.population}. Sampling: {facts.sampling}."
        )
        about.append(f"Mode: {facts.mode}.{f' Fieldwork: {fieldwork}.' if fieldwork else ''}")
    about.append(f"Export made {source.made_at:%Y-%m-%d}.")
    origins = [f"{item.name}: {_origin(item.origin)}" for item in codebook.items if item.origin is not None]
    taken = ["", "Questions taken from elsewhere:", *origins] if origins else []
    return (
        "\n".join([*about, *taken, "", "The study decides on what terms these data may be used; ask it before you pass them on."])
        + "\n"
    )


def _origin(origin: Origin) -> str:
    licence = f"licence: {origin.licence or 'not stated'}"
    return "; ".join(part for part in (origin.source, licence, origin.url) if part)
