"""Events: every type has a frozen schema that holds in both directions, and the published descriptions are fresh."""

import json
from copy import deepcopy
from datetime import UTC
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contracts.examples import EXAMPLES
from tests.support import ROOT

from assent_contracts.asyncapi import asyncapi, page
from assent_contracts.compatibility import incompatibilities
from assent_contracts.envelope import Envelope
from assent_contracts.events.state import State
from assent_contracts.freeze import file_of, frozen, schema_of
from assent_contracts.registry import EVENT_TYPES, RESPONSE_RECEIVED, TOPICS, EventType

every_type = pytest.mark.parametrize("event", EVENT_TYPES.values(), ids=EVENT_TYPES.keys())
every_state = pytest.mark.parametrize(
    "event", [event for event in EVENT_TYPES.values() if not event.tombstone], ids=lambda event: event.type
)


@every_type
def test_the_frozen_schema_is_there_and_fresh(event: EventType) -> None:
    assert frozen(event) == schema_of(event), f"run `make docs`; {file_of(event).name} is stale"


@every_state
def test_an_old_reader_accepts_a_new_writer(event: EventType) -> None:
    state = event.topic.state.model_validate(EXAMPLES[event.topic.name])
    jsonschema.validate(json.loads(state.model_dump_json()), frozen(event) or {})


@every_state
def test_a_new_reader_accepts_an_old_writer(event: EventType) -> None:
    old = {name: EXAMPLES[event.topic.name][name] for name in (frozen(event) or {})["required"]}
    jsonschema.validate(old, frozen(event) or {})
    assert isinstance(event.topic.state.model_validate(old), State)


@every_state
def test_an_old_reader_ignores_what_it_does_not_know(event: EventType) -> None:
    state = event.topic.state.model_validate({**EXAMPLES[event.topic.name], "added_later": 1})
    assert "added_later" not in state.model_dump()


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (lambda s: s["properties"].pop("weight"), "`weight` is gone"),
        (lambda s: s["required"].append("weight"), "`weight` has become required"),
        (lambda s: s["required"].remove("respondent"), "`respondent` is no longer required"),
        (lambda s: s["properties"]["consented"].update(type="string"), "`consented` has another type"),
        (lambda s: s["properties"].update(extra={"type": "string"}), None),
        (lambda s: s["properties"]["consented"].update(description="in other words"), None),
    ],
)
def test_changes_that_break_a_direction_are_found(change: Any, what: str | None) -> None:
    before = schema_of(RESPONSE_RECEIVED)
    after = deepcopy(before)
    change(after)
    found = incompatibilities(before, after)
    assert [what in problem for problem in found] == ([True] if what else []) if what else found == []


def test_types_and_topics_follow_the_naming_rule() -> None:
    for event in EVENT_TYPES.values():
        product, service, _thing, _happened, major = event.type.split(".")
        assert (product, service, major) == ("assent", event.topic.service, "v1")
    assert len({topic.name for topic in TOPICS}) == len(TOPICS)


def test_the_key_is_made_of_the_state() -> None:
    for topic in TOPICS:
        assert topic.key_of(topic.state.model_validate(EXAMPLES[topic.name]))


@given(st.text(min_size=1), st.integers(min_value=1), st.datetimes(timezones=st.just(UTC)))
def test_an_envelope_survives_its_headers(subject: str, version: int, time: Any) -> None:
    envelope = Envelope(id="evt_1", type="t", source="/assent/x", subject=subject, study="stu_1", version=version, time=time)
    assert Envelope.from_headers(envelope.headers()) == envelope


def test_an_envelope_without_a_header_is_refused() -> None:
    with pytest.raises(ValueError, match="ce_type"):
        Envelope.from_headers({"ce_specversion": "1.0", "ce_id": "x"})


def test_the_published_descriptions_are_fresh() -> None:
    assert (ROOT / "docs" / "events.md").read_text() == page(), "run `make docs`"
    assert json.loads((ROOT / "docs" / "asyncapi.json").read_text()) == asyncapi(), "run `make docs`"
