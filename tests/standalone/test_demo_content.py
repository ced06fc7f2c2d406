"""The demo study's material: labelled, whole, readable in every format, and planted with what no event may carry."""

import json
import re
import zipfile
from collections import Counter
from io import BytesIO
from itertools import chain

import numpy as np
import pytest

from assent_contracts.groups import GroupScheme
from assent_contracts.practice import Practice
from assent_contracts.vocabulary import TermDefinition, Vocabulary
from assent_ingest.domain.rationales import DEFAULT_CODEBOOK
from assent_ingest.formats import docx, html, pdf, txt
from assent_qual.formats.reading import read_transcript
from assent_standalone.demo import LABEL
from assent_standalone.demo.deliveries import formbricks, kobo, typeform
from assent_standalone.demo.make_documents import blocks_of
from assent_standalone.demo.parents import ITEMS, Parent, panel, visitors
from assent_standalone.demo.study import (
    CONTENT,
    DOCUMENT_SOURCES,
    NotFoundOnce,
    Row,
    document_file,
    locate,
    read,
    talk_file,
    with_practice,
)
from assent_survey.domain.collection import CollectionFacts, collection_faults
from assent_survey.domain.instrument import Item, instrument_faults
from assent_survey.domain.mapping import Mapping, mapping_faults
from assent_survey.platforms import PLATFORMS

READERS = {"pdf": pdf.read, "docx": docx.read, "html": html.read, "txt": txt.read}


def document_text(document: Row) -> str:
    """The text of a document as ingest will read it from the file."""
    return "\n".join(block.text for block in READERS[document["format"]](document_file(document).read_bytes()).blocks)


def talk_text(session: Row) -> str:
    """The words of a session as qual will read them from the file, without the speakers' labels."""
    return "\n".join(turn.text for turn in read_transcript(talk_file(session).read_bytes())[1].turns)


@pytest.fixture(scope="module")
def parents() -> list[Parent]:
    return panel()


@pytest.mark.parametrize("document", read("documents"), ids=lambda document: document["name"])
class TestDocuments:
    def test_says_that_it_is_synthetic(self, document: Row) -> None:
        assert document["title"].startswith(LABEL)
        assert document_text(document).count(LABEL) >= 2

    def test_is_of_a_length_that_is_worth_reading(self, document: Row) -> None:
        assert 600 <= len(document_text(document).split()) <= 1500

    def test_the_file_says_what_its_source_says(self, document: Row) -> None:
        source = (DOCUMENT_SOURCES / f"{document['name']}.txt").read_text(encoding="utf-8")
        words = document_text(document).split()
        for block in blocks_of(source):
            assert locate_words(block.text.split(), words), block.text

    def test_every_passage_stands_in_it_once(self, document: Row) -> None:
        text = document_text(document)
        quotes = [passage["quote"] for passage in read("passages") if passage["document"] == document["name"]]
        assert len(quotes) >= 5
        for quote in quotes:
            start, end = locate(quote, text)
            assert text[start:end].split() == quote.split()


def locate_words(wanted: list[str], words: list[str]) -> bool:
    """Whether the words stand one after another somewhere."""
    return any(words[at : at + len(wanted)] == wanted for at in range(len(words)))


def test_documents_come_from_six_kinds_of_stakeholder_in_all_four_formats() -> None:
    documents = read("documents")
    assert len(documents) >= 8
    assert len({document["stakeholder"] for document in documents}) == 6
    assert {document["format"] for document in documents} == set(READERS)
    assert [document["kind"] for document in documents if document["author"] == "private_person"] == ["forum_thread"]


def test_every_rationale_is_in_some_passage_and_no_passage_has_an_unknown_one() -> None:
    assert {passage["code"] for passage in read("passages")} == {rationale.code for rationale in DEFAULT_CODEBOOK}


@pytest.mark.parametrize("session", read("sessions"), ids=lambda session: session["name"])
class TestTalk:
    def test_says_that_it_is_synthetic(self, session: Row) -> None:
        assert session["title"].startswith(LABEL)
        assert LABEL in talk_text(session)

    def test_has_thirty_to_seventy_turns_of_known_speakers(self, session: Row) -> None:
        _, transcript = read_transcript(talk_file(session).read_bytes())
        speaking = {person["speaker"] for person in read("participants") if person["session"] == session["name"]}
        assert 30 <= len(transcript.turns) <= 70
        assert speaking < set(transcript.labels())
        assert set(transcript.labels()) <= set(read("planted")["names"])

    def test_every_coded_quote_stands_in_one_turn_once(self, session: Row) -> None:
        turns = [turn.text for turn in read_transcript(talk_file(session).read_bytes())[1].turns]
        quotes = [coding["quote"] for coding in read("codings") if coding["session"] == session["name"]]
        assert len(quotes) >= 8
        for quote in quotes:
            locate(quote, "\n".join(turns))
            assert sum(quote in turn for turn in turns) == 1


def test_codings_use_the_codebook_and_take_both_sides() -> None:
    assert {coding["code"] for coding in read("codings")} == {code["name"] for code in read("codebook")}
    assert {coding.get("stance") for coding in read("codings")} == {"accept", "reject", "conditional", "ambivalent", None}


def test_some_participants_do_not_agree_to_be_quoted() -> None:
    silent = [person for person in read("participants") if "quote" not in person["uses"]]
    assert 1 <= len(silent) < len(read("participants")) / 2
    assert all("take_part" in person["uses"] for person in read("participants"))


class TestPlanted:
    def everything(self) -> str:
        """All words of the material that a person may have written or said, deliveries included."""
        texts = [document_text(document) for document in read("documents")]
        labels = [" ".join(read_transcript(talk_file(session).read_bytes())[1].labels()) for session in read("sessions")]
        talk = [talk_text(session) for session in read("sessions")]
        bodies = [delivery.body.decode() for delivery in formbricks(panel())]
        return "\n".join(chain(texts, labels, talk, bodies))

    def test_every_planted_string_is_somewhere_in_the_material(self) -> None:
        planted, everything = read("planted"), self.everything()
        for kind in ("names", "emails", "phones", "open_answers"):
            for string in planted[kind]:
                assert string in everything, string

    def test_every_address_and_number_of_a_person_in_the_material_is_planted(self) -> None:
        planted, everything = read("planted"), self.everything()
        offices = {
            "early.sight@families.example",
            "hello@kinsight.example",
            "research@kinsight.example",
            "stories@nestling.example",
        }
        assert set(re.findall(r"[\w.]+@[\w.]+\w", everything)) == set(planted["emails"]) | offices
        assert set(re.findall(r"07700 \d{6}", everything)) == set(planted["phones"])

    def test_no_quote_that_may_be_shown_holds_a_planted_string(self) -> None:
        planted = list(chain.from_iterable(read("planted")[kind] for kind in ("names", "emails", "phones")))
        for row in (*read("passages"), *read("codings")):
            assert not [string for string in planted if string in row["quote"]]

    def test_the_private_thread_has_a_name_in_its_title(self) -> None:
        (thread,) = [document for document in read("documents") if document["author"] == "private_person"]
        assert any(name in thread["title"] for name in read("planted")["names"])


class TestStudy:
    def test_practices_use_defined_terms_only(self) -> None:
        vocabulary = Vocabulary(TermDefinition(**term) for term in read("vocabulary"))
        for practice in read("practices").values():
            assert vocabulary.unknown(Practice(**practice)) == []

    def test_every_word_for_a_group_is_known_to_the_scheme(self) -> None:
        scheme = GroupScheme(**read("groups"))
        for person in read("participants"):
            assert set(scheme.resolve_all(person["attributes"])) == {variable.variable for variable in scheme.variables}
        for item in read("instrument")["items"]:
            for option in item["scale"] if item["role"] == "demographic" else []:
                assert scheme.resolve(item["variable"], option["option"])

    def test_the_instrument_and_its_connections_keep_the_rules_of_the_survey_service(self) -> None:
        items = [Item.model_validate(with_practice(item)) for item in read("instrument")["items"]]
        assert instrument_faults(items) == []
        for facts in read("collections").values():
            assert list(collection_faults(CollectionFacts.model_validate(facts), items)) == []
        for connection in read("connections").values():
            assert list(mapping_faults(Mapping.model_validate(connection["mapping"]), items)) == []

    def test_mappings_speak_of_every_item_and_only_in_our_codes(self) -> None:
        items = {item["name"]: item for item in read("instrument")["items"]}
        for connection in read("connections").values():
            mapped = connection["mapping"]["items"]
            assert set(items) - set(mapped) <= {"design_weight", "design_stratum", "design_psu"}
            for name, entry in mapped.items():
                ours = codes_of(items[name])
                assert set(entry.get("codes", {}).values()) == ours
                assert not set(entry.get("codes", {})) & ours, "their codes are to differ from ours"

    def test_each_proposal_is_asked_about_exactly(self) -> None:
        asked = [item["practice"] for item in map(with_practice, read("instrument")["items"]) if "practice" in item]
        for proposal in map(with_practice, read("proposals")):
            assert proposal["practice"] in asked
            assert proposal["title"].startswith(LABEL)


class TestParents:
    def test_there_are_a_thousand_in_strata_and_points_with_weights(self, parents: list[Parent]) -> None:
        assert len(parents) >= 1000
        assert len({parent.stratum for parent in parents}) == 8
        points = Counter(parent.point for parent in parents)
        assert len(points) == 120
        assert set(points.values()) == {9}
        assert all(parent.point.startswith(parent.stratum) for parent in parents)
        weights = np.array([parent.weight for parent in parents])
        assert weights.min() > 0
        assert weights.mean() == pytest.approx(1.0, abs=1e-3)

    def test_the_same_seed_gives_the_same_parents(self, parents: list[Parent]) -> None:
        assert panel.__wrapped__() == parents
        assert panel(seed=7) != parents

    def test_words_are_those_of_the_instrument(self, parents: list[Parent]) -> None:
        options = {item["name"]: codes_of(item) for item in read("instrument")["items"]}
        for parent in [*parents, *visitors()]:
            assert all(code in options[item] for item, code in parent.answers.items())

    def test_some_do_not_know_refuse_decline_or_stop(self, parents: list[Parent]) -> None:
        for item in ITEMS:
            said = Counter(parent.answers.get(item) for parent in parents)
            assert min(said["dont_know"], said["prefer_not"]) >= 5
        assert min(Counter(parent.state for parent in parents).values()) >= 5

    @pytest.mark.parametrize("item", ["company_flags", "council_flags"])
    @pytest.mark.parametrize(
        ("variable", "less", "more"),
        [
            ("social_class", "routine", "managerial"),
            ("ethnicity", "black", "white"),
            ("lone_parent", "yes", "no"),
            ("age_band", "under_30", "age_30_to_44"),
            ("household_size", "large", "medium"),
        ],
    )
    def test_licence_differs_in_the_published_directions(
        self, parents: list[Parent], item: str, variable: str, less: str, more: str
    ) -> None:
        assert support(parents, item, variable, less) < support(parents, item, variable, more)

    def test_there_are_groups_too_small_to_show(self, parents: list[Parent]) -> None:
        sizes = Counter(parent.groups["gender"] for parent in parents) + Counter(parent.groups["ethnicity"] for parent in parents)
        assert sizes["another"] < 20
        assert sizes["other"] < 20
        assert sum(parent.groups["gender"] == "man" and parent.groups["lone_parent"] == "yes" for parent in parents) < 30


def codes_of(item: Row) -> set[str]:
    """Every code that an answer to the item may have, don't know and refused among them."""
    return {option["option"] for option in item.get("scale", [])} | set(item.get("missing", {}).values())


def support(parents: list[Parent], item: str, variable: str, group: str) -> float:
    """The weighted share of a group that finds a practice acceptable, with or without conditions."""
    asked = [parent for parent in parents if parent.groups[variable] == group and item in parent.answers]
    agreeing = [parent for parent in asked if parent.answers[item] in ("acceptable", "with_check")]
    return sum(parent.weight for parent in agreeing) / sum(parent.weight for parent in asked)


class TestDeliveries:
    def test_every_delivery_is_one_that_its_platform_sends(self, parents: list[Parent]) -> None:
        open_link = visitors()
        sent = [*formbricks(parents), *typeform(open_link[:20]), *kobo(open_link[20:])]
        for delivery in sent:
            submission = PLATFORMS[delivery.platform].parse(delivery.body, {})
            assert submission is not None
            assert submission.nested == ()
        assert len({delivery.id for delivery in sent}) < len(sent), "some are sent again"

    def test_an_answer_comes_back_from_their_code_to_ours(self) -> None:
        (parent, *_) = visitors()
        (delivery,) = kobo([parent])
        mapping, body = read("connections")["kobo"]["mapping"]["items"], json.loads(delivery.body)
        back = {item: entry["codes"][body[entry["field"]]] for item, entry in mapping.items() if "codes" in entry}
        assert back == parent.answers


@pytest.mark.parametrize("connection", ["formbricks_open", "typeform", "kobo"])
def test_the_example_of_each_platform_is_one_that_the_open_collection_understands(connection: str) -> None:
    row = read("connections")[connection]
    submission = PLATFORMS[row["platform"]].parse((CONTENT / "examples" / f"{row['platform']}.json").read_bytes(), {})
    assert submission is not None
    assert row["collection"] == "open_link"
    assert {entry["field"] for entry in row["mapping"]["items"].values()} == set(submission.fields)


def test_the_example_conversation_has_two_speakers() -> None:
    _, transcript = read_transcript((CONTENT / "examples" / "conversation.vtt").read_bytes())
    assert transcript.labels() == ("Interviewer", "Parent")


def test_a_quote_must_stand_exactly_once() -> None:
    assert locate("two words", "these two\n words") == (6, 16)
    with pytest.raises(NotFoundOnce):
        locate("is", "this is")
    with pytest.raises(NotFoundOnce):
        locate("absent", "this is")


def test_word_files_hold_no_date_of_the_day_they_were_made() -> None:
    for session in read("sessions"):
        if session["format"] == "docx":
            archive = zipfile.ZipFile(BytesIO(talk_file(session).read_bytes()))
            assert {member.date_time for member in archive.infolist()} == {(2026, 11, 1, 0, 0, 0)}
