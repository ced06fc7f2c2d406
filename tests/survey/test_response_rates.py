"""Response rates over HTTP: from tokens, responses and the agency's report together."""

from typing import Any

import pytest
from tests.survey.fieldwork import issue, respond
from tests.survey.house import HOME, House


async def rates(house: House, collection: str) -> Any:
    return await house.get(f"/collections/{collection}/response-rates")


async def report(house: House, collection: str, **body: Any) -> None:
    put = await house.client.put(f"{HOME}/collections/{collection}/dispositions", json=body)
    assert put.status_code == 200, put.text


async def test_a_wave_with_tokens_from_end_to_end(any_house: House) -> None:
    house = any_house
    collection = await house.collection(issued=20)
    tokens = await issue(house, collection, 12)
    (test_token,) = await issue(house, collection, test=True)
    for token in tokens[:4]:
        await respond(house, collection, token)
    await respond(house, collection, tokens[4], complete=False, lone_parent="no")  # partial: every coded question
    await respond(house, collection, tokens[5], complete=False, link_records=None)  # a break-off
    await respond(house, collection, tokens[6], agreed="no")
    await respond(house, collection, test_token)
    await respond(house, collection, tokens[7])
    await house.platform.post(f"/v1/p/{tokens[7]}/withdraw", json={"confirm": True})
    found = [{"token": tokens[8], "disposition": "NC"}, {"token": tokens[9].upper(), "disposition": "NE"}]
    said = await house.client.post(f"{HOME}/collections/{collection}/dispositions", json={"dispositions": found})
    assert said.json() == {"recorded": 2}
    await report(house, collection, counts={"R": 2, "O": 1}, partial_share=0.6)
    answer = await rates(house, collection)
    assert answer["cases"] == {
        "responses": {"complete": 4, "partial": 1, "break_off": 1, "declined": 1},
        "withdrawn": 1,
        "silent": {"unreported": 2, "NC": 1, "NE": 1},
        "reported": {"R": 2, "O": 1},
        "issued": 20,
        "unreported": 5,
        "more_than_issued": False,
    }
    assert answer["counts"] == {"I": 4, "P": 1, "R": 5, "NC": 1, "O": 1, "UH": 7, "UO": 0, "NE": 1}
    assert answer["e"] == {"share": pytest.approx(12 / 13), "by": "proportional_allocation"}
    assert answer["rates"]["RR1"] == {"value": pytest.approx(4 / 19), "why": None}
    assert answer["rates"]["RR4"]["value"] == pytest.approx(5 / (12 + 7 * 12 / 13))
    assert answer["rates"]["participation"] == {"value": None, "why": "a_probability_sample"}
    assert "AAPOR" in answer["source"]


async def test_an_answer_that_comes_after_all_overtakes_what_was_reported(house: House) -> None:
    collection = await house.collection(issued=None)
    (token,) = await issue(house, collection)
    found = {"dispositions": [{"token": token, "disposition": "R"}]}
    await house.client.post(f"{HOME}/collections/{collection}/dispositions", json=found)
    assert (await rates(house, collection))["counts"]["R"] == 1
    await respond(house, collection, token)
    assert (await rates(house, collection))["rates"]["RR1"]["value"] == 1.0
    taken_back = {"dispositions": [{"token": token, "disposition": None}]}
    assert (await house.client.post(f"{HOME}/collections/{collection}/dispositions", json=taken_back)).status_code == 200


async def test_e_can_be_given_and_says_so(house: House) -> None:
    collection = await house.collection(issued=10)
    await respond(house, collection, "p1")
    await report(house, collection, eligibility=0.5)
    answer = await rates(house, collection)
    assert answer["e"] == {"share": 0.5, "by": "given"}
    assert answer["rates"]["RR3"]["value"] == pytest.approx(1 / (1 + 9 * 0.5))
    assert "e was given by the researcher." in answer["says"]


async def test_without_a_base_there_is_no_rate_of_response(house: House) -> None:
    collection = await house.collection(issued=None)
    await respond(house, collection, "p1")
    answer = await rates(house, collection)
    assert answer["rates"]["RR1"] == {"value": None, "why": "issued_unknown"}
    assert answer["rates"]["COOP3"]["value"] == 1.0
    assert "issued" in answer["says"][0]


async def test_an_opt_in_sample_has_a_participation_rate(house: House) -> None:
    collection = await house.collection(sampling="opt_in", issued=8)
    await respond(house, collection, "p1")
    await respond(house, collection, "p2", agreed="no")
    answer = await rates(house, collection)
    assert answer["rates"]["participation"] == {"value": pytest.approx(1 / 8), "why": None}
    assert answer["rates"]["RR2"]["why"] == "not_a_probability_sample"


async def test_more_cases_than_were_issued_are_told(house: House) -> None:
    collection = await house.collection(issued=1)
    await respond(house, collection, "p1")
    await respond(house, collection, "p2")
    cases = (await rates(house, collection))["cases"]
    assert (cases["more_than_issued"], cases["unreported"]) == (True, 0)


async def test_an_unknown_token_refuses_the_whole_report(house: House) -> None:
    collection, other = await house.collection(), await house.collection()
    (mine,) = await issue(house, collection)
    (theirs,) = await issue(house, other)
    found = [{"token": mine, "disposition": "NC"}, {"token": theirs, "disposition": "NC"}, {"token": "x", "disposition": "NC"}]
    refused = await house.client.post(f"{HOME}/collections/{collection}/dispositions", json={"dispositions": found})
    assert refused.status_code == 422
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/dispositions/1/token", "/dispositions/2/token"]
    assert (await rates(house, collection))["cases"]["silent"] == {"unreported": 1}


async def test_two_reports_of_one_token_refuse_the_whole_report(house: House) -> None:
    collection = await house.collection()
    one, other = await issue(house, collection, 2)
    at = f"{HOME}/collections/{collection}/dispositions"
    twice = [{"token": one, "disposition": "NC"}, {"token": other, "disposition": "R"}, {"token": one.upper(), "disposition": "R"}]
    refused = await house.client.post(at, json={"dispositions": twice})
    assert [each["pointer"] for each in refused.json()["errors"]] == ["/dispositions/2/disposition"]
    assert (await rates(house, collection))["cases"]["silent"] == {"unreported": 2}
    same = await house.client.post(at, json={"dispositions": [twice[0], {**twice[0], "token": one.upper()}]})
    assert same.json() == {"recorded": 1}


async def test_reports_have_versions(house: House) -> None:
    collection = await house.collection()
    at = f"{HOME}/collections/{collection}/dispositions"
    first = await house.client.get(at)
    assert (first.json()["counts"], first.json()["partial_share"]) == ({}, 0.5)
    changed = await house.client.put(at, json={"counts": {"NC": 3}}, headers={"If-Match": first.headers["etag"]})
    assert changed.status_code == 200
    stale = await house.client.put(at, json={"counts": {}}, headers={"If-Match": first.headers["etag"]})
    assert (stale.status_code, stale.json()["code"]) == (412, "stale_version")
    for body in ({"counts": {"X": 1}}, {"counts": {"R": -1}}, {"eligibility": 1.5}, {"partial_share": 0}):
        assert (await house.client.put(at, json=body)).status_code == 422


async def test_who_may_see_counts(house: House) -> None:
    collection = await house.collection()
    for path in ("response-rates", "dispositions"):
        refused = await house.client.get(f"{HOME}/collections/{collection}/{path}", headers=house.as_role("coder"))
        assert refused.status_code == 403
