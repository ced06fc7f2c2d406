"""The events as an AsyncAPI 3.0 document and as a page for people, both from the registry."""

from typing import Any

from assent_contracts.freeze import schema_of
from assent_contracts.registry import EVENT_TYPES, TOPICS, EventType, Topic

HEADERS = {
    "ce_specversion": "always 1.0",
    "ce_id": "the event's own id",
    "ce_type": "its type, as below",
    "ce_source": "`/assent/<service>`",
    "ce_subject": "the aggregate's key, which is the Kafka key too",
    "ce_study": "the study",
    "ce_aggregateversion": "the aggregate's version: consumers skip what is not newer than what they have",
    "ce_time": "when it became true",
    "content-type": "application/json",
}


def asyncapi() -> dict[str, Any]:
    """The AsyncAPI document: a channel per topic, a message per event type."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Assent events",
            "version": "1.0.0",
            "description": "CloudEvents 1.0 in Kafka binary mode on compacted topics: each event carries its aggregate's whole state.",
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": {
            f"publish-{topic.name}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{topic.name}"},
                "title": f"Published by {topic.service}",
            }
            for topic in TOPICS
        },
        "components": {"messages": {event.type: _message(event) for event in EVENT_TYPES.values()}},
    }


def _events_of(topic: Topic) -> list[EventType]:
    return [event for event in EVENT_TYPES.values() if event.topic is topic]


def _channel(topic: Topic) -> dict[str, Any]:
    return {
        "address": topic.name,
        "description": f"The current state of {topic.about}; compacted, keyed by `{topic.key}`.",
        "messages": {event.type: {"$ref": f"#/components/messages/{event.type}"} for event in _events_of(topic)},
    }


def _message(event: EventType) -> dict[str, Any]:
    return {
        "name": event.type,
        "summary": event.about,
        "headers": {
            "type": "object",
            "properties": {name: {"type": "string", "description": about} for name, about in HEADERS.items()},
        },
        "payload": schema_of(event),
    }


def page() -> str:
    """docs/events.md."""
    lines = [
        "# Events",
        "",
        "*Generated from the event registry by `make docs`; do not edit.*",
        "",
        "Events are CloudEvents 1.0 in Kafka binary mode. A topic holds the current state of one kind of aggregate and is compacted; each",
        "event carries its aggregate's whole state, and a removal or withdrawal is a tombstone: no value, headers kept. No speech, no free",
        "text of a participant or respondent and no person's name is ever in one.",
        "",
        "| header | what |",
        "|---|---|",
        *(f"| `{name}` | {about} |" for name, about in HEADERS.items()),
        "",
    ]
    for topic in TOPICS:
        lines += [
            f"## `{topic.name}`",
            "",
            f"{topic.about[0].upper()}{topic.about[1:]}. Published by {topic.service}, keyed by `{topic.key}`.",
            "",
        ]
        for event in _events_of(topic):
            lines.append(f"- `{event.type}`{' (tombstone)' if event.tombstone else ''}: {event.about}.")
        lines += ["", "| field | type | required |", "|---|---|---|"]
        schema = topic.state.model_json_schema()
        for name, field in schema["properties"].items():
            lines.append(f"| `{name}` | {_type_of(field)} | {'yes' if name in schema.get('required', ()) else 'no'} |")
        lines.append("")
    return "\n".join(lines)


def _type_of(field: dict[str, Any]) -> str:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "enum" in field:
        return " or ".join(f"`{value}`" for value in field["enum"])
    if "anyOf" in field:
        return " or ".join(_type_of(option) for option in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type_of(field.get('items', {}))}"
    if field.get("type") == "object" and isinstance(field.get("additionalProperties"), dict):
        return f"map to {_type_of(field['additionalProperties'])}"
    return str(field.get("type", "anything"))
