"""The XML of one filled-in ODK form (an XForms instance), as KoboToolbox, ODK Central and OpenRosa clients send it.

Fields are named by their path, `group/question`, without the form's own element. What a repeat is, only the form says: elements that
come more than once in a place are taken for one, and a repeat that was filled in once looks like a group.
Source: OpenRosa metadata schema and XForms instances, docs.getodk.org/openrosa-form-submission.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from lxml import etree

from assent_survey.domain.submission import Submission, Unreadable, Value, split_values
from assent_survey.platforms.face import is_identifier

DEEPEST = 32
_PARSER = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, remove_comments=True, remove_pis=True)
_ID_PREFIX = "uuid:"
_METADATA = frozenset(
    {"start", "end", "today", "deviceid", "username", "phonenumber", "email", "subscriberid", "simserial", "audit"}
)


@dataclass(frozen=True, slots=True)
class Instance:
    """What an instance holds. `fields` has its metadata too, under `meta/…`; `nested` are the paths of repeats.

    `instance_id` and `deprecated_id` (the version that this one replaces) are without `uuid:`.
    """

    form_id: str | None
    form_version: str | None
    instance_id: str
    deprecated_id: str | None
    fields: dict[str, str]
    nested: tuple[str, ...]


class Ids(NamedTuple):
    """The ids of an instance and of the version that it replaces, both without `uuid:`."""

    instance_id: str
    deprecated_id: str | None


def read_ids(xml: bytes) -> Ids:
    """The ids alone, which is far less than all of an instance. Raises Unreadable as `read_instance` does, but for what is nested."""
    return _ids(_root(xml))


def read_instance(xml: bytes) -> Instance:
    """Read an instance. Raises Unreadable for what is no XML, has a DTD, no instance id, or is encrypted."""
    root = _root(xml)
    fields: dict[str, str] = {}
    nested: list[str] = []
    for path, text in _leaves(root, "", 1):
        if text is None:
            nested.append(path)
        else:
            fields[path] = text
    ids = _ids(root)
    return Instance(
        form_id=root.get("id") or None,
        form_version=root.get("version") or fields.get("__version__") or None,
        instance_id=ids.instance_id,
        deprecated_id=ids.deprecated_id,
        fields=fields,
        nested=tuple(nested),
    )


def submission_of(instance: Instance, *, response_id: str | None = None, facts: dict[str, Value] | None = None) -> Submission:
    """An instance as a submission. `response_id` is the first instance's id where this is an edit of it."""
    fields, nested = split_values({name: text for name, text in instance.fields.items() if not is_metadata(name)})
    known: dict[str, Value] = {name: text for name, text in instance.fields.items() if is_metadata(name) and text}
    return Submission(
        response_id=response_id or instance.instance_id,
        fields=fields,
        finished=True,
        facts={**known, **({"formId": instance.form_id} if instance.form_id else {}), **(facts or {})},
        nested=nested + instance.nested,
        separator=" ",
        form_version=instance.form_version,
    )


def plain_id(text: str) -> str:
    """An instance's id without its scheme, so that it is the same wherever it is met."""
    return text.strip().removeprefix(_ID_PREFIX)


def is_metadata(path: str) -> bool:
    """Whether a field is what the client noted by itself: never an answer, but a mapping may point to it."""
    return path in _METADATA or path == "__version__" or path.startswith("meta/")


def _root(xml: bytes) -> etree._Element:
    try:
        root = etree.fromstring(xml, _PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:  # the last two: encodings
        raise Unreadable("the body is not XML") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("the body has a DTD")
    if root.get("encrypted") == "yes":
        raise Unreadable("the form is encrypted, so nobody but the holder of its key can read the answers")
    return root


def _ids(root: etree._Element) -> Ids:
    named = _texts(root.findall("{*}meta"))
    instance_id = plain_id(named.get("instanceID") or root.get("instanceID") or "")
    if not is_identifier(instance_id):
        raise Unreadable("the instance has no meta/instanceID")
    return Ids(instance_id, plain_id(named.get("deprecatedID", "")) or None)


def _texts(groups: list[etree._Element]) -> dict[str, str]:
    """The texts of an only group by their names; of a name that comes more than once there is none."""
    if len(groups) != 1:
        return {}
    found: dict[str, str] = {}
    for element in groups[0]:
        name = str(element.tag).rpartition("}")[2]
        found[name] = "" if name in found or len(element) else element.text or ""
    return found


def _leaves(element: etree._Element, path: str, depth: int) -> Iterator[tuple[str, str | None]]:
    """Each question with its text, and each repeat with None."""
    if depth > DEEPEST:
        raise Unreadable(f"the instance is nested more than {DEEPEST} deep")
    children = [(str(child.tag).rpartition("}")[2], child) for child in element]
    times = Counter(name for name, _ in children)
    for name, child in children:
        place = f"{path}/{name}" if path else name
        if times[name] > 1:
            times[name] = 0  # told once
            yield place, None
        elif times[name] == 1:
            yield from _leaves(child, place, depth + 1) if len(child) else [(place, child.text or "")]
