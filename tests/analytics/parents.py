"""A small synthetic study as events tell of it: six hundred parents, two documents, three sessions, one practice.

Its figures are made so that each rule of the evidence view has something to bite on: lone parents mostly refuse, the majority accepts,
very few live on the island, and nobody speaks for lone fathers.
"""

from collections.abc import Iterator

from assent_contracts import registry
from assent_contracts.envelope import Envelope
from assent_contracts.events import gateway, ingest, qual, survey
from assent_contracts.events.state import State
from assent_contracts.groups import GroupCategory, GroupRef, GroupVariable
from assent_contracts.practice import Practice
from assent_contracts.registry import EventType
from assent_kit.bus import Record
from assent_kit.identifiers import new_id
from assent_kit.tables import now

STUDY = "stu_parents"

FLAGGING = Practice(
    data_types=("school_records", "police_records"),
    recipient=("childrens_services",),
    operation="flag",
    purpose="early_help",
    transmission_principle="none",
)
"""What the proposal and the item are about."""

DESCRIBING = FLAGGING.model_copy(update={"operation": "describe", "transmission_principle": "consent"})
"""A milder practice."""

INTERVENING = FLAGGING.model_copy(update={"operation": "intervene"})
"""A harsher practice."""

ITEM = "ins_a.1.flagging"


def _variable(name: str, label: str, *groups: str) -> GroupVariable:
    categories = tuple(GroupCategory(group=group, label=group.replace("_", " ").capitalize()) for group in groups)
    return GroupVariable(variable=name, label=label, categories=categories)


GROUPS = gateway.Groups(
    study=STUDY,
    variables=(
        _variable("family_form", "Family form", "lone_parent", "couple"),
        _variable("gender", "Gender", "mother", "father"),
        _variable("place", "Place", "town", "village", "island"),
    ),
)

LONE_PARENT = GroupRef(variable="family_form", group="lone_parent")
FATHER = GroupRef(variable="gender", group="father")

_SCALE = tuple(
    survey.Option(option=option, label=option.replace("_", " "))
    for option in ("unacceptable", "acceptable_if", "acceptable", "not_sure")
)


def _item(name: str, practice: Practice, **more: object) -> survey.Item:
    return survey.Item.model_validate(
        {
            "name": name,
            "wording": f"How acceptable is {name}?",
            "kind": "single",
            "role": "attitude",
            "scale": [option.model_dump() for option in _SCALE],
            "dont_know": "not_sure",
            "practice": practice.model_dump(),
            "supports": ["acceptable"],
            "conditional": ["acceptable_if"],
            "opposes": ["unacceptable"],
            **more,
        }
    )


CONDITION = Practice(safeguards=("right_to_see",))

INSTRUMENT = survey.Instrument(
    study=STUDY,
    instrument="ins_a",
    number=1,
    title="Parents and linked data",
    items=(
        _item("flagging", FLAGGING, condition=CONDITION.model_dump()),
        _item("describing", DESCRIBING),
        _item("intervening", INTERVENING),
        _item("migration", Practice(data_types=("immigration_records",), purpose="immigration_enforcement")),
        survey.Item(name="form", wording="Who lives with you?", kind="single", role="demographic", variable="family_form"),
    ),
)


def collection(**changes: object) -> survey.Collection:
    """The closed wave of a probability panel, or another."""
    facts: dict[str, object] = {
        "study": STUDY,
        "collection": "col_panel",
        "instrument": "ins_a",
        "number": 1,
        "state": "closed",
        "wave": "2026 panel",
        "population": "parents of children under 16",
        "sampling": "probability",
        "mode": "web",
        "fieldwork_from": "2026-01-10",
        "fieldwork_to": "2026-02-10",
        "issued": 1000,
        "weight": "w",
        "stratum": "region",
    }
    return survey.Collection.model_validate({**facts, **changes})


def parent(number: int, **changes: object) -> survey.Response:
    """The answers of one parent; who they are and what they say follows from their number."""
    lone = number % 4 == 0
    place = "island" if number % 100 == 1 else "village" if number % 10 == 3 else "town"
    answer = _says(number, lone=lone)
    facts: dict[str, object] = {
        "study": STUDY,
        "response": f"rsp_{number:04}",
        "respondent": f"res_{number:04}",
        "collection": "col_panel",
        "instrument": "ins_a",
        "number": 1,
        "answers": {"flagging": answer, "describing": answer, "intervening": answer, "migration": answer},
        "groups": {
            "family_form": "lone_parent" if lone else "couple",
            "gender": "father" if number % 3 == 0 else "mother",
            "place": place,
        },
        "weight": 0.8 + (number % 5) / 10,
        "stratum": f"region_{number % 6}",
        "consented": True,
        "complete": True,
    }
    return survey.Response.model_validate({**facts, **changes})


def _says(number: int, *, lone: bool) -> str:
    draw = (number * 37) % 100
    if draw >= 92:
        return "not_sure"
    if lone:
        return "unacceptable" if draw < 76 else "acceptable_if" if draw < 84 else "acceptable"
    return "unacceptable" if draw < 14 else "acceptable_if" if draw < 40 else "acceptable"


def documents() -> Iterator[tuple[EventType, State]]:
    """A ministry's report, a charity's that nobody has coded, and a parent's post in a forum."""
    report = {"study": STUDY, "kind": "report", "author": "institution", "status": "ready"}
    yield (
        registry.DOCUMENT_INGESTED,
        ingest.Document.model_validate(
            {**report, "document": "doc_a", "title": "Finding families", "stakeholder": "national_government"}
        ),
    )
    yield (
        registry.DOCUMENT_INGESTED,
        ingest.Document.model_validate({**report, "document": "doc_b", "title": "Left out", "stakeholder": "charity_or_advocacy"}),
    )
    post = {**report, "document": "doc_c", "stakeholder": "parenting_site", "kind": "forum_thread", "author": "private_person"}
    yield registry.DOCUMENT_INGESTED, ingest.Document.model_validate(post)
    for name, document, code, stance in (
        ("psg_a", "doc_a", "timeliness", "for"),
        ("psg_b", "doc_a", "cost", "for"),
        ("psg_c", "doc_c", "timeliness", "against"),
    ):
        yield (
            registry.PASSAGE_CODED,
            ingest.Passage.model_validate(
                {
                    "study": STUDY, "passage": name, "document": document, "code": code, "stance": stance,
                    "practice": FLAGGING.model_dump(), "start": 10, "end": 60, "page": 2,
                }
            ),
        )  # fmt: skip
    rationales = tuple(
        ingest.Rationale(code=code, label=code.capitalize(), definition=f"about {code}", stance=stance)
        for code, stance in (("timeliness", "for"), ("cost", "for"), ("no_register", "against"))
    )
    yield registry.RATIONALES_PUBLISHED, ingest.RationaleCodebook(study=STUDY, rationales=rationales)


def talk() -> Iterator[tuple[EventType, State]]:
    """Lone mothers in a focus group, couples in another, one interview with a lone mother who will not be quoted."""
    for name, form in (("coh_lone", "lone_parent"), ("coh_couples", "couple")):
        composition = (GroupRef(variable="family_form", group=form), GroupRef(variable="gender", group="mother"))
        yield registry.COHORT_FORMED, qual.Cohort(study=STUDY, cohort=name, composition=composition)
    for name, form, uses in (
        ("par_a", "lone_parent", ("take_part", "quote")),
        ("par_b", "lone_parent", ("take_part", "quote")),
        ("par_c", "couple", ("take_part", "quote")),
        ("par_d", "lone_parent", ("take_part",)),
    ):
        yield participant(name, form, uses)
    for name, kind, cohort, people in (
        ("ses_lone", "focus_group", "coh_lone", ("par_a", "par_b")),
        ("ses_couples", "focus_group", "coh_couples", ("par_c",)),
        ("ses_alone", "interview", "coh_lone", ("par_d",)),
    ):
        yield (
            registry.TRANSCRIPT_IMPORTED,
            qual.Session.model_validate(
                {"study": STUDY, "session": name, "kind": kind, "cohort": cohort, "participants": people, "turns": 20}
            ),
        )
    codes = (
        qual.Code(code="cod_fear", name="Fear of being judged", role="harm", definition="…"),
        qual.Code(
            code="cod_file", name="The file at school", role="held_data", definition="…", practice=Practice(data_types=("school_records",))
        ),
        qual.Code(code="cod_help", name="Help in time", role="benefit", definition="…"),
        qual.Code(
            code="cod_late", name="Help comes late", role="rationale_response", definition="…", rationale="timeliness", practice=FLAGGING
        ),
        qual.Code(code="cod_see", name="Let us see it", role="condition", definition="…", practice=FLAGGING.model_copy(
            update={"safeguards": ("right_to_see",)})),
    )  # fmt: skip
    yield registry.CODEBOOK_PUBLISHED, qual.Codebook(study=STUDY, codes=codes)
    yield excerpt("exc_a1", "ses_lone", "cod_fear", "reject", "par_a")
    yield excerpt("exc_a2", "ses_lone", "cod_fear", "reject", "par_a")
    yield excerpt("exc_a3", "ses_lone", "cod_fear", "reject", "par_a")
    yield excerpt("exc_b1", "ses_lone", "cod_late", "reject", "par_b")
    yield excerpt("exc_c1", "ses_couples", "cod_help", "accept", "par_c")
    yield excerpt("exc_d1", "ses_alone", "cod_fear", "reject", "par_d")


def participant(name: str, form: str, uses: tuple[str, ...]) -> tuple[EventType, State]:
    """A mother's groups and what she agrees to now."""
    facts = {
        "study": STUDY, "participant": name, "groups": {"family_form": form, "gender": "mother"}, "uses": uses, "form_version": "v2",
    }  # fmt: skip
    return registry.PARTICIPANT_CONSENTED, qual.Participant.model_validate(facts)


def excerpt(
    name: str, session: str, code: str, stance: str, person: str, *, speakers: tuple[str, ...] = (), practice: Practice = FLAGGING
) -> tuple[EventType, State]:
    """A coded span in which one person leads and others may speak."""
    facts = {
        "study": STUDY, "excerpt": name, "session": session, "code": code, "stance": stance, "participant": person,
        "speakers": speakers or (person,), "practice": practice.model_dump(), "start_turn": 1, "end_turn": 2,
    }  # fmt: skip
    return registry.EXCERPT_CODED, qual.Excerpt.model_validate(facts)


def whole_study(parents: int = 600) -> Iterator[tuple[EventType, State]]:
    """Everything, in no order that matters."""
    yield registry.STUDY_OPENED, gateway.Study(study=STUDY, title="Parents and linked data", state="open")
    yield registry.GROUPS_SET, GROUPS
    yield registry.INSTRUMENT_PUBLISHED, INSTRUMENT
    yield registry.COLLECTION_CLOSED, collection()
    for number in range(parents):
        yield registry.RESPONSE_RECEIVED, parent(number)
    yield from documents()
    yield from talk()


def record(event: EventType, state: State | None, *, key: str | None = None, version: int = 1, study: str = STUDY) -> Record:
    """An event as the bus hands it out; a tombstone has a key and no state."""
    name = key or event.topic.key_of(state)  # type: ignore[arg-type]
    envelope = Envelope(id=new_id("evt"), type=event.type, source="tests", subject=name, study=study, version=version, time=now())
    value = state.model_dump_json().encode() if state else None
    return Record(topic=event.topic.name, partition=0, offset=0, key=name, value=value, headers=envelope.headers())
