"""What the `type`, `constraint` and `parameters` columns of an XLSForm say."""

import re
from dataclasses import dataclass

from pyxform import aliases

from assent_contracts.events.survey import ItemKind
from assent_survey.instruments.identifiers import TELEPHONE, not_kept

ASKED: dict[str, ItemKind] = {
    "integer": "number", "int": "number", "decimal": "number", "range": "number", "text": "text", "string": "text", "barcode": "text",
    "date": "text", "time": "text", "datetime": "text", "acknowledge": "single", "trigger": "single",
}  # fmt: skip
DATES = ("date", "time", "datetime")
METADATA = (
    "start", "end", "today", "deviceid", "subscriberid", "simserial", "phonenumber", "username", "email", "audit", "imei",
    "start-geopoint", "background-audio", "get start time", "get end time", "get today", "get device id", "get phone number",
    "get sim id", "get subscriber id",
)  # fmt: skip
LOST = {
    "note": "words that ask nothing",
    "phone": not_kept(TELEPHONE),
    "calculate": "a value that the form computes",
    "hidden": "a value that the form hides",
    "rank": "a ranking, whose answer is an order of all its choices",
    "geopoint": "a place",
    "gps": "a place",
    "location": "a place",
    "geotrace": "a line on a map",
    "geoshape": "an area on a map",
    "image": "a picture that respondents take",
    "photo": "a picture that respondents take",
    "audio": "a recording",
    "video": "a film that respondents take",
    "file": "a file upload",
    "osm": "a place on OpenStreetMap",
    "xml-external": "data out of another file",
    "csv-external": "data out of another file",
    "entity": "a record of the server",
}
_ALIASES = {
    "q int": "integer", "q string": "text", "add text prompt": "text", "add integer prompt": "integer", "add date prompt": "date",
    "add decimal prompt": "decimal", "date time": "datetime",
}  # fmt: skip
_COMMANDS = sorted((name for name in aliases.select if name != "rank"), key=len, reverse=True)
_SELECTS = "|".join("[ _]".join(map(re.escape, re.split("[ _]", name))) for name in _COMMANDS)
_SELECT = re.compile(rf"(?P<select>{_SELECTS})[ ]+(?P<choices>\S+?)(?P<other>[ ]+(or[ _]other|or specify other))?", re.IGNORECASE)
_NUMBER = r"(-?\d+(?:\.\d+)?)"
_BOUND = re.compile(rf"\(?\s*(?:\.\s*(?P<right>>=|<=|>|<)\s*{_NUMBER}|{_NUMBER}\s*(?P<left>>=|<=|>|<)\s*\.)\s*\)?")
_TURNED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
_PARAMETER = re.compile(rf"(start|end|step)\s*=\s*{_NUMBER}(?![\d.])")


@dataclass(frozen=True, slots=True)
class Asking:
    """How a question is answered. `choices` names its list, of the external sheet if `external`; `from_elsewhere`: it is in none."""

    kind: ItemKind
    kind_name: str
    choices: str = ""
    or_other: bool = False
    from_elsewhere: bool = False
    external: bool = False


def asking_of(written: str, of_group: str = "") -> Asking | None:
    """What a type asks, None where it is no question that an item can be. `of_group` is the list that the group gives to its rows."""
    plain = written.lower()
    plain = _ALIASES.get(plain, plain)
    if plain in ASKED:
        return Asking(ASKED[plain], plain)
    if plain.replace(" ", "_") in ("score__row", "rank__level") and of_group:
        return Asking("single", "select_one", of_group)
    selected = _SELECT.fullmatch(written)
    if selected is None:
        return None
    command = selected["select"].lower()
    several = "multiple" in command or "all that apply" in command.replace("_", " ")
    return Asking(
        kind="multiple" if several else "single",
        kind_name="select",
        choices=selected["choices"],
        or_other=selected["other"] is not None,
        from_elsewhere="file" in command or selected["choices"].startswith("${"),
        external="external" in command,
    )


def lost_as(written: str) -> str:
    """What a type is that asks nothing an item can hold."""
    plain = written.lower()
    if plain in METADATA:
        return "what the device adds, which is no question"
    return LOST.get(plain.split(" ")[0]) or f"a type that is not known, {written[:40]!r}"


def plain_range(constraint: str, *, whole: bool) -> tuple[float | None, float | None] | None:
    """The least and the greatest number of `. >= 0 and . <= 120`; None where the constraint says anything else.

    Of whole numbers `. > 0` is the same as `. >= 1`; of others it is no range that we can keep.
    """
    low: float | None = None
    high: float | None = None
    for part in re.split(r"\band\b", constraint.strip(), flags=re.IGNORECASE):
        bound = _BOUND.fullmatch(part.strip())
        if bound is None:
            return None
        sign = bound["right"] or _TURNED[bound["left"]]
        number = float(bound[2] or bound[3])
        if sign in ("<", ">") and not (whole and number.is_integer()):
            return None
        number += {">": 1, "<": -1}.get(sign, 0)
        if sign.startswith(">"):
            low = number if low is None else max(low, number)
        else:
            high = number if high is None else min(high, number)
    return low, high


def parameters(written: str) -> dict[str, float]:
    """The numbers of `start=1 end=7 step=1`."""
    return {name: float(number) for name, number in _PARAMETER.findall(written)}
