"""Quotas: live counts of what may be used, and an answer for the platform that screens."""

from typing import Any

import pytest
from tests.survey.fieldwork import issue, respond
from tests.survey.house import HOME, House
from tests.survey.senders import INSTRUMENT

PLACE = {
    "name": "place",
    "wording": "Where do you live?",
    "kind": "single",
    "role": "demographic",
    "scale": [{"option": "town", "label": "In a town"}, {"option": "country", "label": "In the country"}],
}
WITH_PLACE = {**INSTRUMENT, "items": [*INSTRUMENT["items"], PLACE]}
LONE, IN_TOWN = {"groups": {"lone_parent": "lone"}, "target": 2}, {"answers": {"place": "town"}, "target": 3}
CROSSED = {"groups": {"lone_parent": "couple"}, "answers": {"place": "country"}, "target": 1}


async def plan(house: House, *cells: dict[str, Any]) -> str:
    collection = await house.collection(WITH_PLACE)
    put = await house.client.put(f"{HOME}/collections/{collection}/quotas", json={"cells": list(cells)})
    assert put.status_code == 200, put.text
    return collection


async def counts(house: House, collection: str) -> list[tuple[int, int, str]]:
    cells = (await house.get(f"/collections/{collection}/quotas"))["cells"]
    return [(each["count"], each["remaining"], each["state"]) for each in cells]


async def test_cells_count_what_may_be_used_and_nothing_else(any_house: House) -> None:
    house = any_house
    collection = await plan(house, LONE, IN_TOWN, CROSSED)
    (test_token,) = await issue(house, collection, test=True)
    assert await counts(house, collection) == [(0, 2, "open"), (0, 3, "open"), (0, 1, "open")]
    await respond(house, collection, "p1", lone_parent="yes", place="town")
    await respond(house, collection, "p2", lone_parent="yes", place="country")
    await respond(house, collection, "p3", lone_parent="no", place="country")
    await respond(house, collection, "unfinished", complete=False, lone_parent="no", place="country")
    await respond(house, collection, "declined", agreed="no", lone_parent="no", place="town")
    await respond(house, collection, test_token, lone_parent="no", place="town")
    await respond(house, collection, "silent on it", lone_parent="prefer_not", place=None)
    assert await counts(house, collection) == [(2, 0, "full"), (1, 2, "open"), (1, 0, "full")]
    assert (await house.get(f"/collections/{collection}/quotas"))["usable"] == 4


async def test_a_withdrawal_and_a_mark_open_a_cell_again(any_house: House) -> None:
    house = any_house
    collection = await plan(house, {**LONE, "target": 2})
    (token,) = await issue(house, collection)
    await respond(house, collection, token, lone_parent="yes")
    other = await respond(house, collection, "p2", lone_parent="yes")
    assert await counts(house, collection) == [(2, 0, "full")]
    await house.client.patch(f"{HOME}/responses/{other['id']}", json={"test": True}, headers={"If-Match": "*"})
    assert await counts(house, collection) == [(1, 1, "open")]
    await house.platform.post(f"/v1/p/{token}/withdraw", json={"confirm": True})
    assert await counts(house, collection) == [(0, 2, "open")]


async def test_the_platform_asks_whether_somebody_is_still_wanted(any_house: House) -> None:
    house = any_house
    collection = await plan(house, {**LONE, "target": 1}, IN_TOWN, {**CROSSED, "target": 0})
    (token,) = await issue(house, collection)
    await respond(house, collection, "p1", lone_parent="yes", place="country")

    async def check(**kind: dict[str, str]) -> tuple[str, int]:
        answer = await house.client.post(f"{HOME}/collections/{collection}/quotas/check", json=kind)
        return answer.json()["state"], len(answer.json()["cells"])

    assert await check() == ("open", 0)
    assert await check(groups={"lone_parent": "lone"}) == ("full", 1)
    assert await check(groups={"lone_parent": "lone"}, answers={"place": "town"}) == ("full", 2)
    assert await check(groups={"lone_parent": "couple"}) == ("open", 0)  # the crossed cell is not known yet
    assert await check(groups={"lone_parent": "couple"}, answers={"place": "country"}) == ("full", 1)
    for query, state in (
        ({"lone_parent": "lone"}, "full"),
        ({"place": "town"}, "open"),
        ({"lone_parent": "couple", "place": "country"}, "full"),
    ):
        public = await house.platform.get(f"/v1/p/{token}/quota", params=query)
        assert public.json() == {"state": state}
        assert public.headers["cache-control"] == "no-store"
    assert (await house.platform.get("/v1/p/nobody/quota")).json()["code"] == "unknown_token"


async def test_without_quotas_everybody_is_wanted(house: House) -> None:
    collection = await house.collection()
    (token,) = await issue(house, collection)
    assert (await house.client.get(f"{HOME}/collections/{collection}/quotas")).status_code == 404
    assert (await house.platform.get(f"/v1/p/{token}/quota", params={"lone_parent": "lone"})).json() == {"state": "open"}


@pytest.mark.parametrize(
    ("cell", "pointer"),
    [
        ({"target": 1}, "/cells/0"),
        ({"groups": {"age_band": "young"}, "target": 1}, "/cells/0/groups/age_band"),
        ({"groups": {"lone_parent": "yes"}, "target": 1}, "/cells/0/groups/lone_parent"),
        ({"answers": {"link_records": "acceptable"}, "target": 1}, "/cells/0/answers/link_records"),
        ({"answers": {"place": "sea"}, "target": 1}, "/cells/0/answers/place"),
        ({"answers": {"place": "town"}, "target": -1}, "/cells/0/target"),
        ({"answers": {"place": "town"}, "target": 1.5}, "/cells/0/target"),
    ],
)
async def test_cells_that_do_not_fit_the_instrument_are_refused(house: House, cell: dict[str, Any], pointer: str) -> None:
    collection = await house.collection(WITH_PLACE)
    refused = await house.client.put(f"{HOME}/collections/{collection}/quotas", json={"cells": [cell]})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == [pointer]


async def test_the_same_cell_twice_is_refused(house: House) -> None:
    collection = await house.collection(WITH_PLACE)
    refused = await house.client.put(f"{HOME}/collections/{collection}/quotas", json={"cells": [LONE, {**LONE, "target": 9}]})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/cells/1"]


async def test_a_plan_has_versions_and_its_counts_are_for_researchers(house: House) -> None:
    collection = await plan(house, LONE)
    at = f"{HOME}/collections/{collection}/quotas"
    first = await house.client.get(at)
    await respond(house, collection, "p1", lone_parent="yes")
    again = await house.client.get(at, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.json()["usable"]) == (200, 1)  # counts are live, so no answer is kept
    changed = await house.client.put(at, json={"cells": []}, headers={"If-Match": first.headers["etag"]})
    assert (changed.status_code, changed.json()["cells"]) == (200, [])
    stale = await house.client.put(at, json={"cells": []}, headers={"If-Match": first.headers["etag"]})
    assert stale.status_code == 412
    for role in ("coder", "analyst", "viewer"):
        assert (await house.client.get(at, headers=house.as_role(role))).status_code == 403
