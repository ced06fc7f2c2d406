"""Released versions over HTTP: what viewers see, what is repeated, what is refused, what is kept."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select
from tests.analytics.conftest import Analytics, make_tables
from tests.analytics.parents import GROUPS, ITEM, STUDY, collection, parent, whole_study
from tests.analytics.seeing import item_of, missing
from tests.analytics.test_proposals import make
from tests.support import TOKENS

from assent_analytics.store.tables import Releases
from assent_contracts import registry
from assent_contracts.events import survey

NOTE = {"note": "agreed with the advisory group"}


async def release(analytics: Analytics, proposal: str, **more: Any) -> dict[str, Any]:
    """Release the evidence on a proposal as a steward does."""
    answer = await analytics.ask("POST", f"/proposals/{proposal}/evidence/versions", role="steward", json=NOTE, **more)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def seen(analytics: Analytics, proposal: str) -> dict[str, Any]:
    """The evidence as a viewer sees it."""
    found: dict[str, Any] = await analytics.get(f"/proposals/{proposal}/evidence", role="viewer")
    return found


def answer_otherwise(analytics: Analytics, numbers: range | list[int], answer: str, *, version: int) -> None:
    """Have some parents answer all items alike, as corrections of what they said."""
    items = ("flagging", "describing", "intervening", "migration")
    said = [parent(number, answers=dict.fromkeys(items, answer)) for number in numbers]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in said], version=version)


async def test_viewers_see_the_version_that_was_released_last(analytics: Analytics) -> None:
    proposal = await make(analytics)
    live = await analytics.get(f"/proposals/{proposal}/evidence")
    made = await release(analytics, proposal)
    found = await seen(analytics, proposal)
    assert (found["released"], found["version"], found["as_of"]) == (True, 1, made["released_at"])
    assert found["profile"] == live["profile"]
    assert item_of(found, "flagging") == item_of(live, "flagging")
    assert found["voices"]["quotations"] == live["voices"]["quotations"]
    assert found["rationales"] == live["rationales"]
    assert made["release"] in found["citation"]
    assert "released version 1" in found["citation"]


async def test_what_was_released_never_changes_while_the_live_view_does(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await release(analytics, proposal)
    before = await seen(analytics, proposal)
    answer_otherwise(analytics, range(40), "acceptable", version=2)
    assert await seen(analytics, proposal) == before
    live = await analytics.get(f"/proposals/{proposal}/evidence")
    assert item_of(live, "flagging")["support"] != item_of(before, "flagging")["support"]
    assert await analytics.get(f"/proposals/{proposal}/evidence/versions/1") == before


async def test_a_table_of_which_a_cell_moved_by_few_people_is_repeated_and_says_so(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await release(analytics, proposal)
    first = await seen(analytics, proposal)
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    second_made = await release(analytics, proposal)
    second = await seen(analytics, proposal)
    assert second["version"] == 2
    for name in ("flagging", "describing", "intervening"):
        again = item_of(second, name)
        repeats = again.pop("repeats")
        assert repeats["version"] == 1
        assert "fewer than 10 people" in repeats["because"]
        assert again == item_of(first, name)
    assert second["profile"] == first["profile"]
    assert second["targets"] == first["targets"]
    assert second["consent"]["responses"] == first["consent"]["responses"]
    assert any("those of an earlier release" in what for what in missing(second))
    assert all(table["repeats"] for table in second_made["tables"])
    third = await release(analytics, proposal)
    originals = {table["repeats"] for table in second_made["tables"]}
    assert {table["repeats"] for table in third["tables"]} == originals, "a repetition of a repetition names the first"


async def test_a_hidden_cell_that_moves_is_enough(analytics: Analytics) -> None:
    """Nobody refuses to answer in the first release; two do in the second, in exchange for ten or more that nobody is told of."""
    proposal = await make(analytics)
    await release(analytics, proposal)
    refusing = [parent(number, answers={}, missing={"flagging": "refused"}) for number in (1, 2)]
    analytics.hear(*[(registry.RESPONSE_CORRECTED, one) for one in refusing], version=2)
    await release(analytics, proposal)
    assert item_of(await seen(analytics, proposal), "flagging")["repeats"]["version"] == 1


async def test_a_table_is_new_when_every_cell_moved_by_ten_people_or_not_at_all(analytics: Analytics) -> None:
    """Sixty couples of the towns, thirty mothers and thirty fathers, who said “acceptable” find it unacceptable now."""
    proposal = await make(analytics)
    await release(analytics, proposal)
    first = await seen(analytics, proposal)
    content = [
        number
        for number in range(600)
        if number % 4 and number % 10 != 3 and number % 100 != 1 and parent(number).answers["flagging"] == "acceptable"
    ]
    fathers, mothers = ([n for n in content if (n % 3 == 0) is father] for father in (True, False))
    answer_otherwise(analytics, [*fathers[:30], *mothers[:30]], "unacceptable", version=2)
    await release(analytics, proposal)
    second = await seen(analytics, proposal)
    assert "repeats" not in item_of(second, "flagging")
    assert item_of(second, "flagging")["support"]["share"] < item_of(first, "flagging")["support"]["share"] - 0.05


async def test_another_proposal_repeats_the_table_that_viewers_know(analytics: Analytics) -> None:
    await release(analytics, await make(analytics))
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    other = await make(analytics, title="Another one")
    await release(analytics, other)
    found = await seen(analytics, other)
    assert found["version"] == 1
    assert item_of(found, "flagging")["base"] == 600
    assert item_of(found, "flagging")["match"]["level"] == "exact"
    assert found["consent"]["responses"] == 600, "one number of parents beside another would tell that somebody has left"


async def test_two_who_change_places_within_support_are_not_told_by_how_far_their_groups_agree(empty: Analytics) -> None:
    """A mother who accepts it sets a condition now, and a father drops his: nobody's support has moved, nor any answer of everybody."""
    empty.hear(*whole_study(parents=0))
    empty.hear(*[(registry.RESPONSE_RECEIVED, _plain(number)) for number in range(600)])
    proposal = await make(empty)
    await release(empty, proposal)
    first = item_of(await seen(empty, proposal), "flagging")
    assert "consensus" in _group(first, "mother")
    mother, father = 0, 1 + 2 * 150
    assert (_plain(mother).answers["flagging"], _plain(father).answers["flagging"]) == ("acceptable", "acceptable_if")
    changed = [_plain(mother, answer="acceptable_if"), _plain(father, answer="acceptable")]
    empty.hear(*[(registry.RESPONSE_CORRECTED, one) for one in changed], version=2)
    live = item_of(await empty.get(f"/proposals/{proposal}/evidence"), "flagging")
    assert live["distribution"] == first["distribution"]
    assert _group(live, "mother")["consensus"] != _group(first, "mother")["consensus"]
    await release(empty, proposal)
    second = item_of(await seen(empty, proposal), "flagging")
    assert second["repeats"]["version"] == 1
    assert _group(second, "mother") == _group(first, "mother")


def _plain(number: int, *, answer: str | None = None) -> survey.Response:
    """Every second parent is a father; weights are alike."""
    draw = number // 2
    says = "acceptable" if draw < 120 else "acceptable_if" if draw < 200 else "unacceptable" if draw < 270 else "not_sure"
    groups = {"gender": "father" if number % 2 else "mother"}
    return parent(number, answers={"flagging": answer or says}, groups=groups, weight=1.0, stratum="one")


def _group(item: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(group for group in item["groups"] if group["group"] == name)
    return found


async def test_figures_of_an_open_collection_are_in_no_version(analytics: Analytics) -> None:
    analytics.hear((registry.COLLECTION_OPENED, collection(state="open")), version=2)
    proposal = await make(analytics)
    made = await release(analytics, proposal)
    found = await seen(analytics, proposal)
    assert found["items"] == made["tables"] == []
    assert any("is in no released version yet" in what for what in missing(found))


async def test_words_are_asked_for_when_a_version_is_read(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await release(analytics, proposal)
    before = await seen(analytics, proposal)
    assert "exc_c1" in str(before["voices"])
    analytics.owners["qual"].withheld.add("exc_c1")
    analytics.owners["ingest"].withheld.add("psg_b")
    after = await seen(analytics, proposal)
    assert "exc_c1" not in str(after["voices"])
    assert "psg_b" not in str(after["rationales"])
    assert after["consent"]["quotations"] == before["consent"]["quotations"] - 1
    stored = analytics.database.read_blocking(lambda session: [row.content for row in session.exec(select(Releases))])
    assert "words of" not in str(stored)


async def test_while_the_owner_of_the_words_is_away_a_version_says_so(analytics: Analytics) -> None:
    proposal = await make(analytics)
    await release(analytics, proposal)
    analytics.owners["qual"].away = True
    answer = await analytics.ask("GET", f"/proposals/{proposal}/evidence", role="viewer")
    found = answer.json()
    assert "etag" not in answer.headers
    assert found["voices"]["available"] is False
    assert "qual did not answer in time, so its texts are not shown" in missing(found)


async def test_viewers_see_estimates_and_bases_that_were_released(analytics: Analytics) -> None:
    proposal = await make(analytics)
    live = (await analytics.get(f"/estimates?item={ITEM}&by=family_form"))["items"]
    bases = await analytics.get("/bases")
    await release(analytics, proposal)
    answer_otherwise(analytics, range(40), "acceptable", version=2)
    (found,) = (await analytics.get(f"/estimates?item={ITEM}&by=family_form", role="viewer"))["items"]
    assert found["support"] == live[0]["support"]
    assert {group["variable"] for group in found["groups"]} == {"family_form"}
    assert "match" not in found
    assert await analytics.get("/bases", role="viewer") == bases
    other = await analytics.ask("GET", "/estimates?item=ins_a.1.migration", role="viewer")
    assert (other.status_code, other.json()["code"]) == (403, "nothing_released")


async def test_the_register_says_who_released_what_from_which_data(analytics: Analytics) -> None:
    proposal = await make(analytics)
    made = await release(analytics, proposal)
    (listed,) = (await analytics.get("/releases", role="viewer"))["items"]
    assert listed == made == await analytics.get(f"/releases/{made['release']}", role="viewer")
    assert (listed["kind"], listed["subject"], listed["version"], listed["note"]) == ("evidence", proposal, 1, NOTE["note"])
    assert listed["released_by"] == "tester"
    manifest = listed["manifest"]
    assert {check["name"] for check in manifest["checks"]} >= {"threshold", "secondary_suppression", "movement", "differencing"}
    assert manifest["outcome"] == "pass"
    assert manifest["data"][0]["collection"] == "col_panel"
    assert manifest["software"]
    assert manifest["statbarn"] == "linked_tables"
    table = next(table for table in listed["tables"] if table.get("item") == ITEM)
    assert [{"variable": "place", "group": "island"}] in table["suppressed"]
    assert [{"variable": "family_form", "group": "lone_parent"}] in table["groups"]
    assert not any({"counts", "content"} & table.keys() for table in listed["tables"])


async def test_versions_are_listed_in_their_order_and_in_pages(analytics: Analytics) -> None:
    proposal = await make(analytics)
    path = f"/proposals/{proposal}/evidence/versions"
    assert (await analytics.get(path))["items"] == []
    for _ in range(3):
        await release(analytics, proposal)
    first = await analytics.get(f"{path}?limit=2", role="viewer")
    rest = await analytics.get(f"{path}?limit=2&cursor={first['next']}", role="viewer")
    assert [one["version"] for one in first["items"] + rest["items"]] == [1, 2, 3]


async def test_the_same_request_releases_once(analytics: Analytics) -> None:
    proposal = await make(analytics)
    key = {"Idempotency-Key": "once"}
    first, again = [await release(analytics, proposal, headers=key) for _ in range(2)]
    assert first == again
    assert len((await analytics.get("/releases"))["items"]) == 1


async def test_a_second_person_may_look_at_a_release_once(analytics: Analytics) -> None:
    made = await release(analytics, await make(analytics))
    path = f"/v1/studies/{STUDY}/releases/{made['release']}/check"

    async def look(subject: str) -> tuple[int, dict[str, Any]]:
        answer = await analytics.client.put(
            path, json={"note": "compared with the codebook"}, headers=TOKENS.headers(STUDY, role="steward", subject=subject)
        )
        return answer.status_code, answer.json()

    assert (await look("tester"))[1]["code"] == "second_person_needed"
    status, checked = await look("somebody else")
    assert (status, checked["checked"]["by"]) == (200, "somebody else")
    assert (await look("a third"))[1]["code"] == "already_checked"


async def test_a_group_that_leaves_a_few_people_of_a_released_one_over_is_refused(analytics: Analytics) -> None:
    """The island joins the town after a release: what is said of both, less what was said of the town, would be of the six islanders."""
    proposal = await make(analytics)
    made = await release(analytics, proposal)
    form, gender, place = GROUPS.variables
    town, village, _ = place.categories
    merged = place.model_copy(
        update={"categories": (town.model_copy(update={"group": "coast", "aliases": ("town", "island")}), village)}
    )
    analytics.hear((registry.GROUPS_SET, GROUPS.model_copy(update={"variables": (form, gender, merged)})), version=2)
    answer = await analytics.ask("POST", f"/proposals/{proposal}/evidence/versions", role="steward", json=NOTE)
    assert (answer.status_code, answer.json()["code"]) == (409, "differencing")
    assert f"version 1 of {made['release']}" in answer.json()["detail"]
    assert "six" not in answer.json()["detail"]
    assert answer.json()["remedy"].startswith("Use the groups and filters of the release")


@pytest.mark.postgres
async def test_the_same_on_postgresql(new_database: Callable[[], str]) -> None:
    url = new_database()
    make_tables(url)
    analytics = Analytics(url)
    analytics.hear(*whole_study())
    proposal = await make(analytics)
    answers = await asyncio.gather(
        *(analytics.ask("POST", f"/proposals/{proposal}/evidence/versions", role="steward", json=NOTE) for _ in range(2))
    )
    assert sorted(answer.status_code for answer in answers) in ([201, 201], [201, 409])
    assert {answer.json().get("code", "register_moved") for answer in answers} == {"register_moved"}
    analytics.hear_removal(registry.RESPONDENT_WITHDRAWN, "rsp_0001")
    made = await release(analytics, proposal)
    assert item_of(await seen(analytics, proposal), "flagging")["repeats"]["version"] in (1, 2)
    path = f"/v1/studies/{STUDY}/releases/{made['release']}/check"
    headers = TOKENS.headers(STUDY, role="steward", subject="somebody else")
    assert (await analytics.client.put(path, json=NOTE, headers=headers)).json()["checked"]["by"] == "somebody else"
    await analytics.client.aclose()
    analytics.database.close()


@pytest.mark.parametrize("role", ["viewer", "analyst", "coder", "researcher"])
async def test_only_stewards_release(analytics: Analytics, role: str) -> None:
    proposal = await make(analytics)
    answer = await analytics.ask("POST", f"/proposals/{proposal}/evidence/versions", role=role, json=NOTE)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")


@pytest.mark.parametrize(
    "path", ["/proposals/prp_none/evidence/versions", "/proposals/prp_none/evidence/versions/1", "/releases/rel_none"]
)
async def test_what_is_not_there(analytics: Analytics, path: str) -> None:
    assert (await analytics.ask("GET", path)).status_code == 404


async def test_another_study_sees_none_of_it(analytics: Analytics) -> None:
    made = await release(analytics, await make(analytics))
    assert (await analytics.get("/releases", study="stu_other"))["items"] == []
    assert (await analytics.ask("GET", f"/releases/{made['release']}", study="stu_other")).status_code == 404
