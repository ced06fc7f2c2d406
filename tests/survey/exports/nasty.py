"""A collection that tries every limit of the formats at once: names, codes, labels, numbers and missing answers. All of it is made up."""

from typing import Any

LONG = "Çëñ Ŵŷ 漢字 🙂 " * 25  # 300 characters, of one to four bytes
WELSH = "Ŵyt ti’n cytuno â’r cynllun – hyd yn oed “weithiau”? "

_MISSING = {"dont_know": "dk", "refused": "no_answer", "not_asked": "inap"}
_TRANSLATION = {"wording": WELSH * 5, "labels": {"1": "Ydw", "dk": "Ddim yn gwybod"}}


def _item(name: str, options: list[tuple[str, str]], kind: str = "single", **more: Any) -> dict[str, Any]:
    scale = [{"option": option, "label": label} for option, label in options]
    return {"name": name, "wording": f"{name}: {LONG}", "kind": kind, "scale": scale, **more}


ITEMS: list[dict[str, Any]] = [
    _item("codes", [("1", LONG), ("01", "Zero one"), ("-9", "Minus nine"), ("a.b", "A dot"), ("dk", "dk here")]),
    _item("signed", [("-9", "Minus nine"), ("-2", "Minus two"), ("0", "Nought"), ("7", "Seven")], missing=_MISSING),
    _item("many", [(f"o{number}", f"Option {number} – {LONG}") for number in range(200)], missing=_MISSING),
    _item("Region", [("1", "<North> & “South”"), ("2", "=cmd|' /C calc'!A0")], translations={"cy": _TRANSLATION}, missing=_MISSING),
    _item("region", [("x", "Lower case"), ("y", "line one\nline two\r\nline three\ttab")]),
    _item("with", [("1", "Yes"), ("2", "No")]),
    _item("ALL", [("1", "Yes"), ("2", "No")]),
    _item("int", [("1", "Yes"), ("2", "No")]),
    _item("str12", [("1", "Yes"), ("2", "No")]),
    _item("n" * 64, [("1", "Yes"), ("2", "No")]),
    _item("n" * 63 + "N", [("1", "Yes"), ("2", "No")]),
    _item("several", [("a.b", "Dot"), ("a_b", "Underscore"), ("A_B", "Capitals"), ("-9", "Minus nine"), ("01", LONG)], kind="multiple",
          translations={"cy": {"wording": WELSH}}),
    {"name": "amount", "wording": "A number of any size", "kind": "number"},
    {"name": "cold", "wording": "Degrees", "kind": "number", "range": {"low": -30.5, "high": 0.1}},
    {"name": "the_weight", "wording": "Weight", "kind": "number", "role": "weight"},
    {"name": "the_stratum", "wording": "Stratum", "kind": "single", "role": "stratum"},
    {"name": "the_cluster", "wording": "Cluster", "kind": "single", "role": "cluster"},
]  # fmt: skip
INSTRUMENT: dict[str, Any] = {"title": LONG[:200], "items": ITEMS}
FACTS = {"weight": "the_weight", "stratum": "the_stratum", "cluster": "the_cluster"}

ANSWERS: list[dict[str, Any]] = [
    {"codes": "01", "signed": "-9", "many": "o199", "Region": "1", "region": "y", "with": "2", "ALL": "1", "int": "1",
     "str12": "2", "n" * 64: "1", "n" * 63 + "N": "2", "several": ["a.b", "01"], "amount": 9.9e299, "cold": -30.5,
     "the_weight": 0.1, "the_stratum": "-north", "the_cluster": "007"},
    {"codes": "-9", "signed": "0", "many": "o0", "Region": "2", "region": "x", "several": ["-9", "A_B"], "amount": 0.1, "cold": 0.1,
     "the_weight": 1e-5, "the_stratum": "-1", "the_cluster": "1.50"},
    {"codes": "a.b", "signed": "dk", "many": "no_answer", "Region": "inap", "several": ["a_b"], "amount": -9.9e299, "cold": -8},
    {"codes": "1", "signed": "7", "many": "dk", "Region": None, "amount": -7, "cold": -0.1},
    {"codes": "dk", "signed": None, "amount": 123456789.123456, "cold": -30},
    {"codes": None, "several": None, "amount": None, "cold": None},
    {"amount": 5e-324, "cold": 0},
    {"codes": "1", "signed": "-2"},
]  # fmt: skip
"""What is submitted, one a response; the last of them breaks off."""


def wanted(variable: dict[str, Any], answers: dict[str, Any], *, complete: bool) -> Any:
    """The cell of a variable, as codebook.json describes it, for what was submitted. A missing answer is its reason, in a tuple."""
    match variable["part"]:
        case "version":
            return 1
        case "complete":
            return int(complete)
        case "weight" | "stratum" | "cluster":
            return answers.get(variable["item"])
    item = next(each for each in ITEMS if each["name"] == variable["item"])
    if item["name"] not in answers:
        after = ITEMS[ITEMS.index(item) :]
        return ("not_asked" if complete or any(each["name"] in answers for each in after) else "break_off",)
    given = answers[item["name"]]
    reasons = {code: reason for reason, code in item.get("missing", {}).items()}
    if given is None or (isinstance(given, str) and given in reasons):
        return (reasons.get(given, "refused"),)
    if isinstance(given, list):
        return int(variable["option"] in given)
    return {value["option"]: value["code"] for value in variable["values"]}.get(given, given)
