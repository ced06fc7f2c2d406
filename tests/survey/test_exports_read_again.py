"""What was exported can be imported again: the same answers, missing ones apart, whatever a spreadsheet would have made of them."""

import json
from typing import Any

import pytest
from tests.survey.house import HOME, House
from tests.survey.importing import imported
from tests.survey.test_exports import download, export

from assent_survey.exports.dta import TAGS

MISSING = {"dont_know": "dk", "refused": "no_answer", "not_asked": "inap"}
INSTRUMENT: dict[str, Any] = {
    "title": "Again",
    "items": [
        {"name": "signed", "wording": "S", "kind": "single", "missing": MISSING,
         "scale": [{"option": "-2", "label": "-Two"}, {"option": "7", "label": "+Seven"}]},
        {"name": "named", "wording": "N", "kind": "single", "missing": MISSING,
         "scale": [{"option": "a.b", "label": "@A"}, {"option": "-9", "label": "=B"}]},
        {"name": "several", "wording": "M", "kind": "multiple",
         "scale": [{"option": "x", "label": "X"}, {"option": "y", "label": "Y"}]},
        {"name": "amount", "wording": "A", "kind": "number", "missing": MISSING},
        {"name": "the_weight", "wording": "W", "kind": "number", "role": "weight"},
        {"name": "the_stratum", "wording": "T", "kind": "single", "role": "stratum"},
    ],
}  # fmt: skip
FACTS = {"weight": "the_weight", "stratum": "the_stratum"}
ANSWERS: list[dict[str, Any]] = [
    {"signed": "-2", "named": "-9", "several": ["x"], "amount": 1e12, "the_weight": 0.1, "the_stratum": "-1"},
    {"signed": "dk", "named": "a.b", "several": ["x", "y"], "amount": -0.25, "the_weight": 1e-7, "the_stratum": "007"},
    {"signed": "7", "named": "no_answer", "several": ["y"], "amount": "inap", "the_stratum": "-north"},
]
SAID = ("answers", "missing", "weight", "stratum", "complete")


def mapping_of(codebook: dict[str, Any], format: str) -> dict[str, Any]:
    """How the columns of an export become items again, by its own codebook.json."""
    items: dict[str, Any] = {}
    for variable in codebook["variables"]:
        column = variable["names"].get(format, variable["name"])
        if variable["option"] is not None:
            items.setdefault(variable["item"], {"columns": {}})["columns"][variable["option"]] = column
        elif variable["item"] is not None:
            codes = {str(value["code"]): value["option"] for value in variable["values"]}
            tags = dict(zip(sorted(value["code"] for value in variable["missing"]), TAGS, strict=False)) if format == "dta" else {}
            missing = {tags.get(value["code"], str(value["code"])): MISSING.get(value["option"]) for value in variable["missing"]}
            codes |= {code: option for code, option in missing.items() if option is not None}
            items[variable["item"]] = {"column": column, "codes": codes} if codes else {"column": column}
    return items


@pytest.mark.parametrize("format", ["csv", "sav", "dta"])
async def test_an_export_is_the_same_responses_when_it_is_imported(house: House, format: str) -> None:
    first, second = await house.collection(INSTRUMENT, **FACTS), await house.collection(INSTRUMENT, **FACTS)
    for answers in ANSWERS:
        made = await house.client.post(f"{HOME}/responses", json={"collection": first, "answers": answers})
        assert made.status_code == 201, made.text
    archive = await download(house, await export(house, first, format))
    codebook = json.loads(archive.read("codebook.json"))
    plan = {"items": mapping_of(codebook, format), "respondent": None, "response": "case_id"}
    found = await imported(house, second, archive.read(f"data.{format}"), metadata={"format": format}, **plan)
    assert found["outcomes"]["made"] == len(ANSWERS), found
    assert found["report"]["problems"] == [], found
    was, became = [await house.responses(collection=each) for each in (first, second)]
    told = [sorted(repr([each[name] for name in SAID]) for each in responses) for responses in (was, became)]
    assert told[0] == told[1]
