"""An import says the same as the same rows submitted one by one, whatever they hold."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from tests.survey.house import HOME, House
from tests.survey.importing import MAPPING, imported, table
from tests.survey.senders import INSTRUMENT

COLUMNS = {name: mapped["column"] for name, mapped in MAPPING["items"].items()}
CHOSEN = {
    item["name"]: [option["option"] for option in item["scale"]] + list(item.get("missing", {}).values())
    for item in INSTRUMENT["items"]
    if item["kind"] == "single" and item.get("scale")
}
ANSWERS = {
    **{name: some.sampled_from([*codes, "no such option"]) for name, codes in CHOSEN.items()},
    "own_words": some.text(some.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    "design_weight": some.sampled_from(["1", "0.5", "1e3", "-1", "heavy", "inf"]),
    "design_stratum": some.sampled_from(["north", "south west", "a.b:c"]),
}
ROWS = some.lists(some.fixed_dictionaries({}, optional=ANSWERS), min_size=1, max_size=8)
CONTENT = ("answers", "missing", "groups", "texts", "weight", "stratum", "cluster", "consented", "complete", "test", "problems")


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, complete=some.booleans())
async def test_the_same_rows_the_same_responses(house: House, rows: list[dict[str, str]], complete: bool) -> None:
    filled = [{name: text for name, text in row.items() if text.strip()} for row in rows]
    one, other = await house.collection(), await house.collection()
    for number, row in enumerate(filled):
        wanted = {"collection": one, "respondent": f"p{number}", "external_id": f"c{number}", "answers": row, "complete": complete}
        made = await house.client.post(f"{HOME}/responses", json={**wanted, "accept_problems": True})
        assert made.status_code == 201, made.text
    header = ("case", "who", *COLUMNS.values())
    lines = [(f"c{number}", f"p{number}", *(row.get(name, "") for name in COLUMNS)) for number, row in enumerate(filled)]
    items = {name: {"column": column} for name, column in COLUMNS.items()}
    found = await imported(house, other, table(*lines, header=header), items=items, complete=complete)
    assert found["outcomes"]["made"] == len(rows), found
    assert await content_of(house, other) == await content_of(house, one)
    assert told_of(house, other) == told_of(house, one)


async def content_of(house: House, collection: str) -> list[dict[str, Any]]:
    """What a collection's responses hold, in the order of their arrival."""
    found = [await house.get(f"/responses/{each['id']}") for each in await house.responses(collection=collection)]
    for each in found:
        each["problems"] = sorted((problem["item"], problem["why"]) for problem in each["problems"])
    return [{name: each[name] for name in CONTENT} for each in found]


def told_of(house: House, collection: str) -> list[dict[str, Any]]:
    """What the other services hear of them, without ids."""
    own = ("response", "respondent", "collection", "instrument")
    states = [event["state"] for event in house.events() if event["state"]["collection"] == collection]
    return [{name: value for name, value in state.items() if name not in own} for state in states]
