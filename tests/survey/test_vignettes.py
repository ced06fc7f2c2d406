"""Vignettes over HTTP: designing, fixing, assigning by name and by token, and what becomes of the levels that were shown."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest
from sqlmodel import select
from tests.survey.house import HOME, STUDY, House, make_tables, settings_for
from tests.survey.senders import INSTRUMENT
from tests.survey.vignette_plans import PLAN

from assent_kit.database import Database
from assent_kit.problems import StaleVersion
from assent_survey.domain.vignettes.plan import VignettePlan
from assent_survey.problems import VignettesFixed
from assent_survey.service.assign_vignettes import assign_by_name
from assent_survey.service.design_vignettes import change_design, design_of, fix_design
from assent_survey.service.keys import Keys
from assent_survey.store.vignette_tables import VignetteAssignment

ANY = {"If-Match": "*"}
CONSENT = INSTRUMENT["items"][0]


async def designed(house: House, **changes: Any) -> dict[str, Any]:
    """A draft."""
    made = await house.client.post(f"{HOME}/vignettes", json={**PLAN, **changes})
    assert made.status_code == 201, made.text
    return dict(made.json())


async def fielded(house: House, **changes: Any) -> tuple[str, str]:
    """A fixed design, and a collection of an instrument that has its items."""
    design = (await designed(house, **changes))["id"]
    items = (await house.get(f"/vignettes/{design}/items"))["items"]
    collection = await house.collection({"title": "With vignettes", "items": [CONSENT, *items]}, weight=None, stratum=None)
    assert (await house.client.post(f"{HOME}/vignettes/{design}/fix")).status_code == 200
    return design, collection


async def ask(house: House, design: str, collection: str, respondent: str, **more: Any) -> httpx.Response:
    wanted = {"collection": collection, "respondent": respondent, **more}
    return await house.client.post(f"{HOME}/vignettes/{design}/assignments", json=wanted)


async def assigned(house: House, design: str, collection: str, respondent: str, **more: Any) -> dict[str, Any]:
    answered = await ask(house, design, collection, respondent, **more)
    assert answered.status_code == 200, answered.text
    return dict(answered.json())


async def tokens(house: House, collection: str, count: int, **more: Any) -> list[str]:
    made = await house.client.post(f"{HOME}/collections/{collection}/tokens", json={"count": count, **more})
    assert made.status_code == 201, made.text
    return list(made.json()["tokens"])


async def test_a_design_is_made_with_its_decks_and_their_quality(house: House) -> None:
    design = await designed(house)
    assert design["fixed_at"] is None
    assert [len(deck) for deck in design["decks"]] == [4] * 6
    shown = [vignette for deck in design["decks"] for vignette in deck]
    assert not [each for each in shown if each["levels"]["partner"] == "school" and each["levels"]["purpose"] == "fraud"]
    first = shown[0]
    assert first["texts"].keys() == {"en", "cy"}
    assert first["practice"]["operation"] == "link"
    quality = design["quality"]
    assert (quality["combinations"], quality["admissible"], quality["vignettes"]) == (36, 30, 24)
    assert quality["d_efficiency"] > 0.9 * quality["d_efficiency_of_candidates"]
    assert sum(quality["counts"]["records"].values()) == 24
    listed = await house.get("/vignettes")
    assert [each["id"] for each in listed["items"]] == [design["id"]]
    assert "decks" not in listed["items"][0]


async def test_the_same_plan_gives_the_same_decks_and_the_same_key_the_same_design(house: House) -> None:
    first, second = await designed(house), await designed(house)
    assert first["id"] != second["id"]
    assert first["decks"] == second["decks"]
    again = [
        (await house.client.post(f"{HOME}/vignettes", json=PLAN, headers={"Idempotency-Key": "once"})).json()["id"]
        for _ in range(2)
    ]
    assert again[0] == again[1]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"excluded": [{"who": ["school"]}]}, "/excluded/0/who"),
        ({"excluded": [{"partner": ["school", "police"]}]}, "/excluded"),
        ({"decks": 1}, "/decks"),
        ({"per_respondent": 21}, "/per_respondent"),
        ({"per_respondent": "4"}, "/per_respondent"),
        ({"factors": []}, "/factors"),
        ({"seed": -1}, "/seed"),
        ({"colour": "red"}, "/colour"),
    ],
)
async def test_a_plan_that_cannot_be_kept_is_answered_by_what_is_wrong(house: House, changes: dict[str, Any], pointer: str) -> None:
    answered = await house.client.post(f"{HOME}/vignettes", json={**PLAN, **changes})
    assert (answered.status_code, answered.json()["code"]) == (422, "invalid_request")
    assert pointer in {each["pointer"] for each in answered.json()["errors"]}
    assert (await house.get("/vignettes"))["items"] == []


async def test_a_draft_is_changed_and_deleted_and_a_fixed_design_is_not(house: House) -> None:
    design = await designed(house)
    path = f"{HOME}/vignettes/{design['id']}"
    etag = (await house.client.get(path)).headers["etag"]
    assert (await house.client.patch(path, json={"decks": 3})).json()["code"] == "precondition_required"
    changed = await house.client.patch(path, json={"decks": 3, "excluded": None}, headers={"If-Match": etag})
    assert (changed.status_code, len(changed.json()["decks"]), changed.json()["plan"]["excluded"]) == (200, 3, [])
    assert (await house.client.patch(path, json={"decks": 4}, headers={"If-Match": etag})).json()["code"] == "stale_version"
    broken = await house.client.patch(path, json={"decks": 0}, headers=ANY)
    assert [each["pointer"] for each in broken.json()["errors"]] == ["/decks"]
    fixed = await house.client.post(f"{path}/fix")
    assert fixed.json()["fixed_at"] == (await house.client.post(f"{path}/fix")).json()["fixed_at"]
    for refused in (await house.client.patch(path, json={"decks": 4}, headers=ANY), await house.client.delete(path, headers=ANY)):
        assert (refused.status_code, refused.json()["code"]) == (409, "vignettes_fixed")
    draft = f"{HOME}/vignettes/{(await designed(house))['id']}"
    assert (await house.client.delete(draft, headers=ANY)).status_code == 204
    assert (await house.client.get(draft)).status_code == 404


async def test_power_over_http(house: House) -> None:
    design = await designed(house)
    path = f"{HOME}/vignettes/{design['id']}/power"
    supposed = {
        "respondents": 300,
        "spread": 2.5,
        "effects": [{"levels": {"partner": "police"}, "effect": -0.8}],
        "simulations": 200,
    }
    answered = await house.client.post(path, json=supposed)
    assert answered.status_code == 200, answered.text
    power = {next(iter(each["levels"].items())): each["power"] for each in answered.json()["effects"]}
    assert len(power) == 6
    assert power["partner", "police"] > 0.9
    huge = {"spread": 1e300, "effects": [{"levels": {"partner": "police"}, "effect": -1e300}]}
    refused = await house.client.post(path, json={**supposed, **huge})
    assert {each["pointer"] for each in refused.json()["errors"]} == {"/spread", "/effects/0/effect"}
    wrong = await house.client.post(path, json={**supposed, "simulations": 5000, "respondents": 100_000})
    assert [each["pointer"] for each in wrong.json()["errors"]] == ["/simulations"]


async def test_roles(house: House) -> None:
    design, collection = await fielded(house)
    for role, made, read in (("viewer", 403, 200), ("researcher", 201, 200)):
        headers = house.as_role(role)
        assert (await house.client.post(f"{HOME}/vignettes", json=PLAN, headers=headers)).status_code == made
        assert (await house.client.get(f"{HOME}/vignettes/{design}", headers=headers)).status_code == read
    refused = await house.client.post(
        f"{HOME}/vignettes/{design}/assignments", json={"collection": collection, "respondent": "p"}, headers=house.as_role("coder")
    )
    assert refused.status_code == 403
    others = house.as_role("owner", "stu_b")
    assert (await house.client.get(f"/v1/studies/stu_b/vignettes/{design}", headers=others)).status_code == 404


async def test_whoever_asks_again_sees_the_same(any_house: House) -> None:
    house = any_house
    design, collection = await fielded(house)
    first = await assigned(house, design, collection, "p1")
    assert first == await assigned(house, design, collection, "p1")
    assert [each["number"] for each in first["vignettes"]] == [1, 2, 3, 4]
    assert first["fields"]["joined_3_partner"] == first["vignettes"][2]["levels"]["partner"]
    decks = (await house.get(f"/vignettes/{design}"))["decks"]
    dealt = {str(each["levels"]): each["texts"]["cy"] for each in decks[first["deck"] - 1]}
    welsh = await assigned(house, design, collection, "p1", language="cy-GB")
    assert (first["language"], welsh["language"]) == ("en", "cy")
    assert {str(each["levels"]): each["text"] for each in welsh["vignettes"]} == dealt
    assert "p1" not in house.everything()


async def test_respondents_at_once_get_decks_equally_often(any_house: House) -> None:
    house = any_house
    design, collection = await fielded(house)
    names = [f"p{number}" for number in range(20)] * 2
    answers = await asyncio.gather(*(assigned(house, design, collection, name) for name in names))
    by_name = dict(zip(names, answers, strict=True))
    assert all(by_name[name] == answer for name, answer in zip(names, answers, strict=True))
    often = Counter(answer["deck"] for answer in by_name.values())
    assert sorted(often.values()) == [3, 3, 3, 3, 4, 4]


async def test_tests_use_up_no_place_of_the_others(house: House) -> None:
    design, collection = await fielded(house)
    for number in range(5):
        await assigned(house, design, collection, f"test {number}", test=True)
    decks = [(await assigned(house, design, collection, f"p{number}"))["deck"] for number in range(6)]
    assert sorted(decks) == [1, 2, 3, 4, 5, 6]


async def test_nobody_is_assigned_from_a_draft_or_where_it_cannot_be_kept(house: House) -> None:
    draft = (await designed(house))["id"]
    plain = await house.collection()
    assert (await ask(house, draft, plain, "p")).json()["code"] == "vignettes_not_fixed"
    design, collection = await fielded(house)
    assert (await ask(house, design, plain, "p")).json()["code"] == "vignettes_not_asked"
    assert (await ask(house, design, "col_none", "p")).status_code == 404
    await assigned(house, design, collection, "early")
    await house.client.post(f"{HOME}/collections/{collection}/close")
    assert (await ask(house, design, collection, "late")).json()["code"] == "collection_closed"
    assert (await assigned(house, design, collection, "early"))["vignettes"]


async def test_the_holder_of_a_token_sees_theirs_without_an_account(any_house: House) -> None:
    house = any_house
    design, collection = await fielded(house)
    token, other = await tokens(house, collection, 2)
    seen = await house.platform.get(f"/v1/p/{token}/vignettes/{design}", params={"language": "cy"})
    assert (seen.status_code, seen.headers["cache-control"]) == (200, "no-store")
    assert seen.json() == (await house.platform.get(f"/v1/p/{token.upper()}/vignettes/{design}?language=cy")).json()
    by_name = await assigned(house, design, collection, token, language="cy")
    assert by_name == seen.json()
    assert (await house.platform.get(f"/v1/p/{other}/vignettes/{design}")).json()["deck"] != by_name["deck"]
    for path in (f"/v1/p/nobody/vignettes/{design}", f"/v1/p/{token}/vignettes/vgd_none"):
        assert (await house.platform.get(path)).status_code == 404
    assert (await house.platform.get(f"/v1/p/{token}/vignettes/{design}?language=!")).status_code == 422
    assert token not in house.everything()


async def test_a_test_token_is_a_test(house: House) -> None:
    design, collection = await fielded(house)
    for token in await tokens(house, collection, 5, test=True):
        assert (await house.platform.get(f"/v1/p/{token}/vignettes/{design}")).status_code == 200
    decks = [(await assigned(house, design, collection, f"p{number}"))["deck"] for number in range(6)]
    assert sorted(decks) == [1, 2, 3, 4, 5, 6]


async def test_the_levels_that_were_assigned_are_answers(any_house: House) -> None:
    """The platform carries judgements only; those of a direct submission and of a webhook are filled in alike."""
    house = any_house
    design, collection = await fielded(house)
    first, second = await tokens(house, collection, 2)
    expected = [await assigned(house, design, collection, token) for token in (first, second)]
    said = {"agreed": "yes", "joined_1_judgement": 7, "joined_2_judgement": 3, "joined_3_judgement": 5, "joined_4_judgement": 0}
    sent = await house.client.post(f"{HOME}/responses", json={"collection": collection, "respondent": first, "answers": said})
    assert sent.status_code == 201, sent.text
    names = [
        item["name"] for item in (await house.get(f"/vignettes/{design}/items"))["items"] if item["name"].endswith("judgement")
    ]
    mapping = {
        "respondent": "hidden",
        "items": {"agreed": {"field": "a", "codes": {"Yes": "yes"}}, **{name: {"field": name} for name in names}},
    }
    hook = await house.hook("standard_webhooks", collection, mapping=mapping)
    raw = webhook({"hidden": second, "a": "Yes", **{name: said[name] for name in names}})
    assert (await hook.send_raw(raw)).status_code == 200
    house.work()
    found = {each["connection"] is None: each for each in await house.responses()}
    for direct, shown in zip((True, False), expected, strict=True):
        response = found[direct]
        assert response["missing"] == {}
        assert response["answers"] == {**{name: float(said[name]) for name in names}, "agreed": "yes", **shown["fields"]}
    states = [event["state"] for event in house.events()]
    assert [state["answers"]["joined_1_records"] for state in states] == [each["fields"]["joined_1_records"] for each in expected]


async def test_what_the_platform_says_was_shown_stands(house: House) -> None:
    design, collection = await fielded(house)
    fields = (await assigned(house, design, collection, "p"))["fields"]
    other = {"police": "school", "school": "police"}[fields["joined_1_partner"]]
    said = {"agreed": "yes", "joined_1_partner": other, "joined_2_partner": ""}
    await house.client.post(
        f"{HOME}/responses", json={"collection": collection, "respondent": "p", "answers": said, "complete": False}
    )
    (response,) = await house.responses()
    assert response["answers"] == {**fields, "agreed": "yes", "joined_1_partner": other}
    assert {name for name in response["missing"] if not name.endswith("judgement")} == set()


async def test_whoever_withdraws_loses_the_assignment_and_gets_no_other(any_house: House) -> None:
    house = any_house
    design, collection = await fielded(house)
    (token,) = await tokens(house, collection, 1)
    decks = {(await house.platform.get(f"/v1/p/{token}/vignettes/{design}")).json()["deck"]}
    decks.add((await assigned(house, design, collection, "named"))["deck"])
    assert len(assignments(house)) == 2
    for respondent in (token, "named"):
        withdrawn = await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": respondent})
        assert withdrawn.status_code == 201
    assert assignments(house) == []
    assert (await house.platform.get(f"/v1/p/{token}/vignettes/{design}")).json()["code"] == "unknown_token"
    assert (await ask(house, design, collection, "named")).json()["code"] == "respondent_withdrawn"
    others = {(await assigned(house, design, collection, f"p{number}"))["deck"] for number in range(4)}
    assert others | decks == {1, 2, 3, 4, 5, 6}  # the places of those who left stay used


async def test_a_test_token_is_a_test_by_name_too(house: House) -> None:
    design, collection = await fielded(house)
    for token in await tokens(house, collection, 5, test=True):
        by_name = await assigned(house, design, collection, token)
        assert by_name == (await house.platform.get(f"/v1/p/{token}/vignettes/{design}")).json()
    decks = [(await assigned(house, design, collection, f"p{number}"))["deck"] for number in range(6)]
    assert sorted(decks) == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("carried", [False, True])
async def test_what_was_shown_is_no_answer(house: House, carried: bool) -> None:
    """Somebody who stops after the first judgement is a break-off, whether the platform carries the levels or they are filled in."""
    design, collection = await fielded(house)
    stopped, half = await tokens(house, collection, 2)
    for token, judged in ((stopped, 1), (half, 2)):
        fields = (await house.platform.get(f"/v1/p/{token}/vignettes/{design}")).json()["fields"]
        said = {"agreed": "yes", **{f"joined_{number}_judgement": 7 for number in range(1, judged + 1)}}
        await house.client.post(
            f"{HOME}/responses",
            json={
                "collection": collection,
                "respondent": token,
                "answers": said | (fields if carried else {}),
                "complete": False,
            },
        )
    cases = (await house.get(f"/collections/{collection}/response-rates"))["cases"]
    assert cases["responses"] == {"break_off": 1, "partial": 1}  # 2 and 3 of the five questions
    (response,) = (await house.platform.get(f"/v1/p/{stopped}")).json()["responses"]
    assert [each["question"] for each in response["answers"]] == ["Do you agree to take part?", "How acceptable is this to you?"]
    assert [each["question"] for each in response["calculation"]] == [each["label"]["en"] for each in PLAN["factors"]] * 4


@pytest.fixture
def two_services(new_database: Callable[[], str]) -> Iterator[list[Database]]:
    """On one PostgreSQL, with four lanes each."""
    url = new_database()
    make_tables(url)
    services = [Database(url, lanes=4) for _ in range(2)]
    yield services
    for database in services:
        database.close()


@pytest.mark.postgres
async def test_places_are_given_once_by_several_writers(two_services: list[Database]) -> None:
    """Every respondent asks both services."""
    house = House(settings_for(two_services[0].url), two_services[0])
    async with house.client, house.platform:
        design, collection = await fielded(house)
    keys = Keys.of(house.settings)
    asked = [(database, f"p{number}") for number in range(60) for database in two_services]
    answers = await asyncio.gather(
        *(
            database.write(assign_by_name, STUDY, design, keys=keys, collection=collection, respondent=name, test=False)
            for database, name in asked
        )
    )
    seen: dict[str, set[str]] = {}
    for (_, name), answer in zip(asked, answers, strict=True):
        seen.setdefault(name, set()).add(f"{answer.deck} {answer.vignettes}")
    assert all(len(each) == 1 for each in seen.values())
    assert Counter(next(iter(each)).split()[0] for each in seen.values()) == {str(deck): 10 for deck in range(1, 7)}
    assert sorted(row.place for row in assignments(house)) == list(range(60))


@pytest.mark.postgres
async def test_of_several_who_change_one_version_of_a_draft_one_does(two_services: list[Database]) -> None:
    """Two services at once; somebody fixes it meanwhile."""
    house = House(settings_for(two_services[0].url), two_services[0])
    async with house.client, house.platform:
        draft = await designed(house)
        plan = VignettePlan.model_validate(PLAN | {"decks": 3})
        changes = [partial(change_design, if_match='"1"', plan=plan, design=design_of(plan))] * 4
        for_each = [use_case for change in changes for use_case in (change, fix_design)]
        outcomes = await asyncio.gather(
            *(database.write(use_case, STUDY, draft["id"]) for use_case in for_each for database in two_services),
            return_exceptions=True,
        )
        left = await house.get(f"/vignettes/{draft['id']}")
    refused = [each for each in outcomes if each is not None]
    assert len(refused) == 8 - (len(left["decks"]) == 3)
    assert {type(each) for each in refused} <= {StaleVersion, VignettesFixed}


def assignments(house: House) -> list[Any]:
    """Every place that somebody has."""
    return house.database.read_blocking(lambda session: list(session.exec(select(VignetteAssignment)).all()))


def webhook(answers: dict[str, Any]) -> bytes:
    """A finished response as our own kind of sender posts it."""
    return httpx.Request(
        "POST", "http://platform", json={"type": "response", "data": {"id": "r1", "answers": answers, "finished": True}}
    ).content
