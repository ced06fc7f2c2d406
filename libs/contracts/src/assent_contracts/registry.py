"""Every event there is: its type, its topic, its key and the state it carries.

A topic holds the current state of one kind of aggregate and is compacted; several event types may share it. A type without a state
is a tombstone.
"""

from dataclasses import dataclass

from assent_contracts.events import gateway, ingest, qual, survey
from assent_contracts.events.state import State


@dataclass(frozen=True, slots=True)
class Topic:
    """A compacted topic: one kind of aggregate of one service, keyed by the field or fields of `key`."""

    name: str
    service: str
    state: type[State]
    key: str
    about: str

    def key_of(self, state: State) -> str:
        """The aggregate's key, such as `rsp_…` or `ins_….2`."""
        return self.key.format(**{name: getattr(state, name) for name in type(state).model_fields})


@dataclass(frozen=True, slots=True)
class EventType:
    """A type of event, `assent.<service>.<thing>.<happened>.v<major>`."""

    type: str
    topic: Topic
    tombstone: bool
    about: str


STUDIES = Topic("assent.gateway.studies", "gateway", gateway.Study, "{study}", "a study")
GROUPS = Topic("assent.gateway.groups", "gateway", gateway.Groups, "{study}", "a study's groups of parents")
VOCABULARIES = Topic("assent.gateway.vocabularies", "gateway", gateway.OwnTerms, "{study}", "a study's own practice terms")
DOCUMENTS = Topic("assent.ingest.documents", "ingest", ingest.Document, "{document}", "a document of the register")
PASSAGES = Topic("assent.ingest.passages", "ingest", ingest.Passage, "{passage}", "a coded passage")
RATIONALES = Topic("assent.ingest.rationales", "ingest", ingest.RationaleCodebook, "{study}", "a study's codebook of rationales")
INSTRUMENTS = Topic(
    "assent.survey.instruments", "survey", survey.Instrument, "{instrument}.{number}", "a published version of an instrument"
)
COLLECTIONS = Topic("assent.survey.collections", "survey", survey.Collection, "{collection}", "a collection of responses")
RESPONSES = Topic("assent.survey.responses", "survey", survey.Response, "{response}", "a respondent's coded answers")
COHORTS = Topic("assent.qual.cohorts", "qual", qual.Cohort, "{cohort}", "a cohort")
PARTICIPANTS = Topic("assent.qual.participants", "qual", qual.Participant, "{participant}", "a participant's groups and consent")
SESSIONS = Topic("assent.qual.sessions", "qual", qual.Session, "{session}", "a session with a transcript")
EXCERPTS = Topic("assent.qual.excerpts", "qual", qual.Excerpt, "{excerpt}", "a coded excerpt of talk")
CODEBOOKS = Topic("assent.qual.codebooks", "qual", qual.Codebook, "{study}", "a study's codebook of talk")

STUDY_OPENED = EventType("assent.gateway.study.opened.v1", STUDIES, False, "a study was opened or its title changed")
STUDY_CLOSED = EventType("assent.gateway.study.closed.v1", STUDIES, False, "a study was closed")
GROUPS_SET = EventType("assent.gateway.groups.set.v1", GROUPS, False, "the groups of a study were set")
VOCABULARY_SET = EventType("assent.gateway.vocabulary.set.v1", VOCABULARIES, False, "a study's own practice terms were set")
DOCUMENT_INGESTED = EventType("assent.ingest.document.ingested.v1", DOCUMENTS, False, "a document was read, or its facts changed")
DOCUMENT_REMOVED = EventType("assent.ingest.document.removed.v1", DOCUMENTS, True, "a document was removed")
PASSAGE_CODED = EventType("assent.ingest.passage.coded.v1", PASSAGES, False, "a passage was coded")
PASSAGE_UNCODED = EventType("assent.ingest.passage.uncoded.v1", PASSAGES, True, "a passage's code was taken back")
RATIONALES_PUBLISHED = EventType("assent.ingest.rationales.published.v1", RATIONALES, False, "the rationale codebook changed")
INSTRUMENT_PUBLISHED = EventType(
    "assent.survey.instrument.published.v1", INSTRUMENTS, False, "a version of an instrument was published"
)
COLLECTION_OPENED = EventType(
    "assent.survey.collection.opened.v1", COLLECTIONS, False, "a collection was opened, or its facts changed"
)
COLLECTION_CLOSED = EventType("assent.survey.collection.closed.v1", COLLECTIONS, False, "a collection was closed")
RESPONSE_RECEIVED = EventType("assent.survey.response.received.v1", RESPONSES, False, "a response arrived")
RESPONSE_CORRECTED = EventType("assent.survey.response.corrected.v1", RESPONSES, False, "a response has a newer version")
RESPONDENT_WITHDRAWN = EventType("assent.survey.respondent.withdrawn.v1", RESPONSES, True, "the respondent withdrew")
COHORT_FORMED = EventType("assent.qual.cohort.formed.v1", COHORTS, False, "a cohort was formed")
PARTICIPANT_CONSENTED = EventType(
    "assent.qual.participant.consented.v1", PARTICIPANTS, False, "a participant's consent or groups changed"
)
PARTICIPANT_WITHDRAWN = EventType("assent.qual.participant.withdrawn.v1", PARTICIPANTS, True, "the participant withdrew")
TRANSCRIPT_IMPORTED = EventType(
    "assent.qual.transcript.imported.v1", SESSIONS, False, "a transcript was imported, or its speakers were bound"
)
EXCERPT_CODED = EventType("assent.qual.excerpt.coded.v1", EXCERPTS, False, "a span of talk was coded")
EXCERPT_UNCODED = EventType("assent.qual.excerpt.uncoded.v1", EXCERPTS, True, "a coding was taken back, or a speaker withdrew")
CODEBOOK_PUBLISHED = EventType("assent.qual.codebook.published.v1", CODEBOOKS, False, "the codebook of talk changed")

TOPICS: tuple[Topic, ...] = tuple(value for value in list(globals().values()) if isinstance(value, Topic))
EVENT_TYPES: dict[str, EventType] = {value.type: value for value in list(globals().values()) if isinstance(value, EventType)}
