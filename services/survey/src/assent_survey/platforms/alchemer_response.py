"""A response as Alchemer's API documents it: `survey_data` by question, and what stands around it.

Shared by the webhook action and the API. Of the person only what a mapping may need is a fact: address, place and browser are not read.
Source: apihelp.alchemer.com, surveyresponse-returned-fields-v5 and surveyresponse-per-question-v5.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from assent_survey.domain.submission import Choice, Submission, Unreadable, Value, as_value
from assent_survey.platforms.face import is_identifier

_ZONE = ZoneInfo("America/New_York")
_FACTS = ("session_id", "contact_id", "link_id", "language", "status")
_IDS = ("id", "response_id", "responseID", "responseId")


def read_response(response: dict[str, Any]) -> Submission:
    """A whole response. One that is disqualified is not finished. Raises Unreadable."""
    asked = list(_asked(response.get("survey_data")))
    titles = Counter(title for _, title, _ in asked)
    fields: dict[str, Value] = {}
    nested: list[str] = []
    for name, _, value in asked:
        try:
            fields[name] = value if isinstance(value, tuple) else as_value(value)
        except TypeError:
            nested.append(name)
    return Submission(
        response_id=response_id(response),
        fields=fields,
        finished=response.get("status") == "Complete",
        submitted_at=eastern(response.get("date_submitted")),
        facts=_facts(response),
        nested=tuple(nested),
        aliases={title: name for name, title, _ in asked if title and titles[title] == 1 and title not in fields},
        test=is_test(response),
    )


def response_id(response: dict[str, Any]) -> str:
    """The response's id, a number or text. Raises Unreadable."""
    for name in _IDS:
        found = response.get(name)
        if isinstance(found, str | int) and not isinstance(found, bool) and is_identifier(str(found)):
            return str(found)
    raise Unreadable("the body has no id of a response")


def is_test(response: dict[str, Any]) -> bool:
    """Whether Alchemer marks it as test data."""
    return str(response.get("is_test_data", "")).lower() in ("1", "true")


def eastern(text: object) -> datetime | None:
    """Alchemer's time, which is New York's: `2026-09-01 12:00:00`, at times with EST or EDT behind it.

    In autumn one hour comes twice; without that word it is the first.
    """
    words = str(text).split()
    try:
        found = datetime.fromisoformat(" ".join(words[:2]))
        return found.replace(tzinfo=_ZONE, fold=int(words[2:] == ["EST"])).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _asked(given: object) -> Iterator[tuple[str, str, Any]]:
    """Each question that was shown: its name, its title and its value. Raises Unreadable."""
    for key, question in _entries(given):
        parts = question.get("subquestions")
        if isinstance(parts, dict | list) and parts:
            for part_key, part in _entries(parts):
                title = f"{question.get('question', '')} {part.get('question', '')}".strip()
                yield f"{key}.{part_key}", title, _row(part)
        elif ranked := next((each for each in (question.get("options"), question.get("answer")) if _is_ranked(each)), None):
            for option_key, option in _entries(ranked):
                yield f"{key}.{option_key}", str(option.get("option", "")), option.get("rank")
        elif _was_shown(question):
            name = f"{question['parent']}.{key}" if question.get("parent") else key  # a grid's row, told as a question by itself
            yield name, str(question.get("question", "")), _value(question)


def _entries(given: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Entries of an object by their keys, or of a list by their ids. Raises Unreadable."""
    pairs = given.items() if isinstance(given, dict) else [(None, each) for each in given] if isinstance(given, list) else None
    if pairs is None or not all(isinstance(entry, dict) for _, entry in pairs):
        raise Unreadable("survey_data is not laid out as the API documents it")
    for key, entry in pairs:
        yield str(entry.get("id") if key is None else key), entry


def _was_shown(question: dict[str, Any]) -> bool:
    return question.get("shown") not in (False, "false", "0", "") if "shown" in question else _value(question) is not None


def _row(part: dict[str, Any]) -> Any:
    """A grid's row: one answer, or, where several can be ticked, one entry for each that was."""
    if "answer" in part or "id" in part:
        return _value(part)
    ticked = [each for each in part.values() if isinstance(each, dict) and each.get("answer") not in (None, "")]
    return tuple(_choice(each) for each in ticked)


def _value(question: dict[str, Any]) -> Any:
    """Chosen options by id and text; everything else as it is."""
    options = question.get("options")
    if isinstance(options, dict | list):
        return tuple(_choice(option) for _, option in _entries(options) if option.get("answer") not in (None, ""))
    answer = question.get("answer")
    return (_choice(question),) if question.get("answer_id") and isinstance(answer, str) and answer else answer


def _choice(chosen: dict[str, Any]) -> Choice:
    """Every name of an option: its reporting value, its value before it was changed, its title and its id."""
    option_id = chosen.get("answer_id", chosen.get("id"))
    names = [chosen.get("answer"), chosen.get("original_answer"), chosen.get("option"), option_id]
    return tuple(dict.fromkeys(str(name) for name in names if isinstance(name, str | int) and name != "")) or ("other",)


def _is_ranked(options: object) -> bool:
    return isinstance(options, dict) and any(isinstance(each, dict) and "rank" in each for each in options.values())


def _facts(response: dict[str, Any]) -> dict[str, Value]:
    """`url.…`, the language, the status, and the ids of session, contact and link."""
    variables = response.get("url_variables")
    given = variables.items() if isinstance(variables, dict) else ()
    url: dict[str, Any] = {f"url.{name}": each.get("value") if isinstance(each, dict) else each for name, each in given}
    beside = {name: response.get(name) for name in _FACTS}
    return {name: str(value) for name, value in {**url, **beside}.items() if isinstance(value, str | int) and value != ""}
