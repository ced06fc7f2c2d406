"""Tokens: shown once, never kept, one person wherever they are met; and counts of what became of them."""

import csv
import io

from tests.survey.fieldwork import issue, respond
from tests.survey.house import HOME, House
from tests.survey.senders import Said

from assent_survey.domain.blind import as_issued, new_token


async def test_tokens_are_shown_once_and_kept_nowhere(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    body = {"count": 30, "label": "letters of 3 May"}
    made = await house.client.post(f"{HOME}/collections/{collection}/tokens", json=body, headers={"Idempotency-Key": "k"})
    assert made.status_code == 201
    assert made.headers["cache-control"] == "no-store"
    tokens = made.json()["tokens"]
    assert len(set(tokens)) == 30
    assert {len(token) for token in tokens} == {26}
    assert made.json()["page"].endswith("/v1/p/{token}")
    again = await house.client.post(f"{HOME}/collections/{collection}/tokens", json=body, headers={"Idempotency-Key": "k"})
    assert (again.status_code, again.json()["code"]) == (409, "secret_already_shown")
    kept = house.everything()
    assert not any(token in kept for token in tokens)
    listed = (await house.get(f"/collections/{collection}/tokens"))["items"]
    assert [(batch["label"], batch["issued"], batch["waiting"]) for batch in listed] == [("letters of 3 May", 30, 30)]
    assert "tokens" not in listed[0]
    assert (await house.client.get(made.headers["location"])).json() == listed[0]


async def test_tokens_come_as_a_file_with_the_addresses_of_their_pages(house: House) -> None:
    collection = await house.collection()
    made = await house.client.post(f"{HOME}/collections/{collection}/tokens", json={"count": 3}, headers={"Accept": "text/csv"})
    assert made.headers["content-disposition"].startswith("attachment; filename=")
    rows = list(csv.DictReader(io.StringIO(made.text)))
    assert len(rows) == 3
    assert all(row["page"].endswith(f"/v1/p/{row['token']}") for row in rows)


async def test_a_token_is_one_person_in_deliveries_submissions_and_on_the_page(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    (token,) = await issue(house, collection)
    hook = await house.hook("typeform", collection)  # its mapping's respondent is the hidden field `visitor`
    await hook.send(Said(response="r1", respondent=token))
    house.work()
    await respond(house, collection, token)
    assert len({each["respondent"] for each in await house.responses()}) == 1
    page = await house.platform.get(f"/v1/p/{token}")
    assert len(page.json()["responses"]) == 2


async def test_a_token_is_the_same_person_however_it_was_typed(any_house: House) -> None:
    """In a delivery, a direct submission, an assignment and a withdrawal, as on the page."""
    house = any_house
    collection = await house.collection()
    tokens = await issue(house, collection, 2)
    typed = [f"{token[:13].upper()}-{token[13:]}" for token in tokens]
    await respond(house, collection, typed[0])
    hook = await house.hook("formbricks", collection)
    await hook.send(Said(respondent=typed[1]))
    house.work()
    for token in tokens:
        assert len((await house.platform.get(f"/v1/p/{token}")).json()["responses"]) == 1
    assert (await house.platform.post(f"/v1/p/{tokens[0]}/withdraw", json={"confirm": True})).status_code == 200
    await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": f" {typed[1]}"})
    assert await house.responses() == []
    again = {"collection": collection, "respondent": tokens[0].upper(), "answers": {"agreed": "yes"}}
    assert (await house.client.post(f"{HOME}/responses", json=again)).json()["code"] == "respondent_withdrawn"


async def test_batches_count_what_became_of_their_tokens(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    waiting, started, complete, declined, gone, tested = await issue(house, collection, 6)
    await respond(house, collection, started, complete=False)
    await respond(house, collection, complete, complete=False)
    await respond(house, collection, complete)
    await respond(house, collection, declined, agreed="no")
    made = await respond(house, collection, tested)
    marked = await house.client.patch(f"{HOME}/responses/{made['id']}", json={"test": True}, headers={"If-Match": "*"})
    assert marked.status_code == 200
    await respond(house, collection, gone)
    assert (await house.platform.post(f"/v1/p/{gone}/withdraw", json={"confirm": True})).status_code == 200
    (batch,) = (await house.get(f"/collections/{collection}/tokens"))["items"]
    counts = {name: batch[name] for name in ("issued", "waiting", "started", "complete", "declined", "withdrawn")}
    assert counts == {"issued": 6, "waiting": 2, "started": 1, "complete": 1, "declined": 1, "withdrawn": 1}
    assert (await house.platform.get(f"/v1/p/{waiting}")).status_code == 200


async def test_a_test_batch_makes_tests_of_whatever_comes_under_it(any_house: House) -> None:
    house = any_house
    collection = await house.collection()
    (token,) = await issue(house, collection, test=True)
    hook = await house.hook("kobo", collection)
    await hook.send(Said(respondent=token))
    await hook.send(Said(respondent=token, link_records="Fine", minute=3))
    house.work()
    (response,) = await house.responses()
    assert (response["test"], response["version"]) == (True, 2)
    assert all((event["state"]["test"], event["state"]["answers"]) == (True, {}) for event in house.events())
    (batch,) = (await house.get(f"/collections/{collection}/tokens"))["items"]
    assert (batch["test"], batch["complete"]) == (True, 1)


async def test_who_may_issue_and_how_many(house: House) -> None:
    collection = await house.collection()
    at = f"{HOME}/collections/{collection}/tokens"
    assert (await house.client.post(at, json={"count": 1}, headers=house.as_role("coder"))).status_code == 403
    for count in (0, 20_001, "3", True):
        assert (await house.client.post(at, json={"count": count})).status_code == 422
    assert (await house.client.post(f"{HOME}/collections/col_none/tokens", json={"count": 1})).status_code == 404
    await house.client.post(f"{HOME}/collections/{collection}/close")
    assert (await house.client.post(at, json={"count": 1})).json()["code"] == "collection_closed"
    other = await house.collection()
    (batch,) = [await house.client.post(f"{HOME}/collections/{other}/tokens", json={"count": 1})]
    elsewhere = batch.headers["location"].replace(other, collection)
    assert (await house.client.get(elsewhere)).status_code == 404


def test_a_token_is_read_however_it_was_typed() -> None:
    token = new_token()
    typed = f" {token[:5].upper()}-{token[5:9]} {token[9:]}\n"
    assert as_issued(typed) == token == as_issued(f"<{token}>.")
    assert not set("01ilo") & set(token)
