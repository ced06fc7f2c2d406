"""Released versions of the evidence on a proposal: made from closed collections, stored whole but for the words, and read again.

Words are not stored. Who is quoted may take their consent back, so a version keeps which passages and excerpts it shows, and their owners
are asked for the texts whenever it is read; what is not handed over any more is left out.
A table that repeats an earlier release keeps that one's figures; then the profile, and what it says of targets and groups, stay those of
the proposal's version before, because they would tell of the few who have come or gone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlmodel import Session

from assent_analytics.domain import view
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.missing import texts_away
from assent_analytics.domain.release import Release, TableDefinition
from assent_analytics.domain.targets import GroupKey
from assent_analytics.problems import Rebuilding
from assent_analytics.service.count_bases import bases_of
from assent_analytics.service.evidence.absences import FEW_ASKED
from assent_analytics.service.releases.check import Checked, CheckedTable, check_release
from assent_analytics.service.releases.cuts import PEOPLE
from assent_analytics.service.releases.find import newest_release
from assent_analytics.service.releases.register import register_release
from assent_analytics.service.sample import declared_groups
from assent_analytics.service.samples import Samples
from assent_analytics.service.show_evidence import Prepared, finish_evidence, prepare_evidence
from assent_analytics.service.showings import note_showing
from assent_analytics.service.texts import Texts, Wanted

HOW_WEIGHTED = ("method", "margins", "not_stated", "variance", "not_raked")
"""What a recipe says of a weighting but for how it went."""

MOVED = f"since then some cell of the table has moved by fewer than {THRESHOLD} people, and the difference would tell about them"


@dataclass(frozen=True, slots=True)
class PreparedVersion:
    """A version that may be released: its view without words, what is shown of each table, and what the checks found."""

    view: dict[str, Any]
    wanted: Wanted
    contents: Sequence[Mapping[str, Any]]
    checked: Checked
    items: Sequence[str]


def prepare_version(session: Session, kept: Samples, *, study: str, proposal: str, moment: datetime) -> PreparedVersion:
    """Compute the evidence of closed collections and check its tables.

    Raises Rebuilding, NotFound, Differencing.
    """
    prepared = prepare_evidence(session, kept, study=study, proposal=proposal, moment=moment, closed_only=True)
    if isinstance(prepared, view.EvidenceView):
        raise Rebuilding
    checked = check_release(session, kept, study=study, tables=list(_definitions(prepared)))
    before = newest_release(session, study=study, kind="evidence", subject=proposal)
    shown = finish_evidence(prepared, _no_words(prepared.wanted), moment=moment).model_dump(mode="json", exclude_unset=True)
    contents = [*(_without_match(item) for item in shown["items"]), *(bases_of(one) for one in prepared.survey.samples.values())]
    shown["items"] = [_shown(item, table) for item, table in zip(shown["items"], checked.tables, strict=False)]
    if any(table.repeats for table in checked.tables):
        _leave_out_diagnostics(shown)
        if before is not None:
            _keep(shown, before.content["view"])
    shown["consent"].pop("responses", None)
    shown["consent"] |= _responses(checked.tables[len(prepared.survey.measured) :])
    _leave_out_words(shown)
    return PreparedVersion(shown, prepared.wanted, contents, checked, prepared.items)


def release_version(
    session: Session, *, study: str, proposal: str, prepared: PreparedVersion, by: str, note: str, exception: str | None
) -> Release:
    """Register a prepared version as the next of its proposal. Raises RegisterMoved, ReasonNeeded."""
    note_showing(session, study=study, items=prepared.items, proposal=proposal)
    return register_release(
        session,
        study=study,
        kind="evidence",
        subject=proposal,
        statbarn="linked_tables",
        checked=prepared.checked,
        contents=prepared.contents,
        content={"view": prepared.view, "passages": prepared.wanted.passages, "excerpts": prepared.wanted.excerpts},
        by=by,
        note=note,
        exception=exception,
    )


def wanted_by(release: Release) -> Wanted:
    """The texts that a version shows."""
    return Wanted(passages=tuple(release.content["passages"]), excerpts=tuple(release.content["excerpts"]))


def finish_version(release: Release, texts: Texts) -> view.EvidenceView:
    """A version with the words that their owners hand over now."""
    shown: dict[str, Any] = {**release.content["view"], "version": release.version, "released": True, "as_of": release.released_at}
    shown["voices"] = _spoken(shown["voices"], texts.excerpts)
    shown["rationales"] = [_explained(one, wanted_by(release).passages, texts.passages) for one in shown["rationales"]]
    quotations = [*shown["voices"]["quotations"], *shown["voices"]["counter_quotations"]]
    forms = sorted({form for one in quotations for form in one["consent"]["form_version"]})
    shown["consent"] = {**shown["consent"], "quotations": len(quotations), "forms": forms}
    shown["missing"] = [*shown["missing"], *_away(texts)]
    shown["citation"] = (
        f"Evidence on “{shown['title']}” ({release.subject}), released version {release.version} of {release.released_at:%d %B %Y} "
        f"({release.release}), study {release.study}. Assent."
    )
    return view.EvidenceView.model_validate(shown)


def _definitions(prepared: Prepared) -> Iterator[TableDefinition]:
    """Of every item that is shown, and then of the bases of each collection."""
    for one in prepared.survey.measured:
        verdicts = one.estimated.verdicts
        groups = [who for who in prepared.material.groups if who in verdicts]
        hidden = [who for who in groups if verdicts[who].hidden and verdicts[who].reason != "nobody"]
        collection, item = one.estimated.sample.collection.collection, one.estimated.item.id
        told: Literal["support", "outcomes"] = "outcomes" if one.estimated.agreeing else "support"
        yield TableDefinition(collection, item, tuple(groups), tuple(hidden), answers=told)
    for sample in prepared.survey.samples.values():
        listed = {
            (ref,): may
            for variable in sample.scheme.variables
            for (ref,) in declared_groups(sample.scheme)[variable.variable]
            for may in [sample.listed(variable)[ref.group]]
        }
        hidden_bases: list[GroupKey] = [who for who, may in listed.items() if not may]
        yield TableDefinition(sample.collection.collection, None, tuple(listed), tuple(hidden_bases))


def _shown(item: dict[str, Any], table: CheckedTable) -> dict[str, Any]:
    """The item, or the figures that it had in an earlier release."""
    earlier = table.repeats
    if earlier is None:
        return item
    repeats = {"release": earlier.release, "version": earlier.version, "because": MOVED}
    own: dict[str, Any] = {name: item[name] for name in ("match", "counts") if name in item}
    return {**earlier.content, **own, "repeats": repeats}


def _keep(shown: dict[str, Any], before: Mapping[str, Any]) -> None:
    """What is said of the whole, and whom it was measured on, stays as it was said before."""
    shown["profile"], shown["targets"] = before["profile"], before["targets"]
    surveyed = {(group["variable"], group["group"]): group["survey"] for group in before["coverage"]}
    shown["coverage"] = [
        {**group, "survey": surveyed.get((group["variable"], group["group"]), group["survey"])} for group in shown["coverage"]
    ]
    known = {one["what"] for one in before["missing"]}
    shown["missing"] = [one for one in shown["missing"] if FEW_ASKED not in one["what"] or one["what"] in known]
    what = "some figures are those of an earlier release, and with them the profile and what is said of targets"
    shown["missing"] = [{"what": what, "why_it_matters": MOVED}, *shown["missing"]]


def _leave_out_diagnostics(shown: dict[str, Any]) -> None:
    """The factors of raking are by groups: beside those of an earlier release they would tell the groups of whoever has left."""
    for collection in shown["recipe"]["collections"]:
        if "weighting" in collection:
            collection["weighting"] = {name: fact for name, fact in collection["weighting"].items() if name in HOW_WEIGHTED}


def _responses(bases: Sequence[CheckedTable]) -> dict[str, int]:
    """How many responded, by the tables of bases as they are released: another number beside them would tell who has come or gone."""
    total = sum((table.repeats or table).counts[PEOPLE] for table in bases)
    return {"responses": total} if total >= THRESHOLD else {}


def _no_words(wanted: Wanted) -> Texts:
    """An empty text for each that is wanted, so that whatever would be shown has its place."""
    return Texts(passages=dict.fromkeys(wanted.passages, ""), excerpts=dict.fromkeys(wanted.excerpts, ""))


def _without_match(item: Mapping[str, Any]) -> dict[str, Any]:
    """The figures of an item, whatever proposal they are set against."""
    return {name: field for name, field in item.items() if name not in ("match", "counts")}


def _leave_out_words(shown: dict[str, Any]) -> None:
    for quotation in (*shown["voices"]["quotations"], *shown["voices"]["counter_quotations"]):
        del quotation["text"]
    for rationale in shown["rationales"]:
        for passage in rationale["passages"]:
            passage.pop("text", None)


def _spoken(voices: Mapping[str, Any], texts: Mapping[str, str] | None) -> dict[str, Any]:
    """The quotations whose words were handed over."""
    handed = texts or {}

    def quoted(some: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [{**one, "text": handed[one["excerpt"]]} for one in some if one["excerpt"] in handed]

    sides = {name: quoted(voices[name]) for name in ("quotations", "counter_quotations")}
    return {**voices, **sides, "available": texts is not None}


def _explained(rationale: Mapping[str, Any], wanted: Sequence[str], texts: Mapping[str, str] | None) -> dict[str, Any]:
    """A rationale with the passages that are still there. While ingest is away they are named without their words."""
    passages = []
    for passage in rationale["passages"]:
        if texts is None or passage["passage"] not in wanted:
            passages.append(passage)
        elif passage["passage"] in texts:
            passages.append({**passage, "text": texts[passage["passage"]]})
    return {**rationale, "passages": passages, "available": texts is not None}


def _away(texts: Texts) -> Iterator[dict[str, str]]:
    for owner, handed in (("qual", texts.excerpts), ("ingest", texts.passages)):
        if handed is None:
            gone = texts_away(owner)
            yield {"what": gone.what, "why_it_matters": gone.why_it_matters}
