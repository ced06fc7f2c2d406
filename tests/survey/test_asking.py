"""Notices without answers: they wait, are fetched within what the platform allows, and end as responses, dead or deleted."""

import asyncio
import itertools
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from tests.survey.house import HOME, House, settings_for
from tests.survey.thin import Thin

from assent_kit.metrics import DELIVERIES_HELD
from assent_kit.tables import now
from assent_survey import platforms
from assent_survey.domain.pacing import Limits, full, refilled, spent, wait
from assent_survey.platforms.source import AccessRefused, PlatformAway, SlowDown
from assent_survey.service import fetch_answers
from assent_survey.service.count_held import count_held
from assent_survey.service.fetch_answers import fetch_due
from assent_survey.service.keys import Keys
from assent_survey.service.reconcile import start_scheduled, step

MAPPING = {
    "respondent": "who",
    "items": {
        "agreed": {"field": "agreed"},
        "link_records": {"field": "link"},
        "lone_parent": {"field": "lone"},
    },
}


def answers(link: str = "acceptable", *, who: str = "p1", agreed: str = "yes") -> dict[str, Any]:
    """What somebody answered at the platform."""
    return {"agreed": agreed, "link": link, "lone": "no", "who": who}


@pytest.fixture
def thin(monkeypatch: pytest.MonkeyPatch) -> Thin:
    """A platform that must be asked."""
    platform = Thin()
    monkeypatch.setitem(platforms.PLATFORMS, "thin", platform)
    monkeypatch.setitem(platforms.SOURCES, "thin", platform)
    return platform


class Asked:
    """A connection to the thin platform."""

    def __init__(self, house: House, made: dict[str, Any]) -> None:
        self.house, self.id = house, made["id"]
        self.address = made["address"].removeprefix(house.settings.public_url)
        self.path = f"{HOME}/connections/{self.id}"

    async def grant(self) -> None:
        """Enter the access."""
        put = await self.house.client.put(f"{self.path}/access", json={"access": {"token": "a token"}}, headers={"If-Match": "*"})
        assert put.status_code == 200, put.text

    async def notify(self, id: str, **more: Any) -> str:
        """The platform says that something happened to a response; answers the delivery's id."""
        sent = await self.house.platform.post(self.address, json={"id": id, **more})
        assert sent.status_code == 200, sent.text
        return str(sent.json()["delivery"])

    def fetch(self) -> None:
        """Everything that is due."""
        self.house.work()
        while fetch_due(self.house.database, self.house.settings):
            self.house.work()

    async def reconcile(self, **wanted: Any) -> dict[str, Any]:
        """From beginning to end; answers the report."""
        started = await self.house.client.post(f"{self.path}/reconciliations", json=wanted)
        assert started.status_code == 202, started.text
        while step(self.house.database, self.house.settings):
            pass
        self.house.work()
        return dict((await self.house.client.get(started.headers["location"])).json())

    def let_time_pass(self) -> None:
        """Whatever waits for its time is due now."""

        def hurry(session: Any) -> None:
            for table in ("delivery", "reconciliation"):
                session.execute(
                    text(f"UPDATE {table} SET due_at = :past WHERE due_at IS NOT NULL"), {"past": now() - timedelta(days=1)}
                )
            failed = "UPDATE reconciliation SET started_at = :past WHERE state = 'failed'"
            session.execute(text(failed), {"past": now() - timedelta(days=1)})
            session.execute(text("UPDATE allowance SET not_before = NULL"))
            session.execute(text("UPDATE response SET received_at = :past"), {"past": now() - timedelta(days=1)})

        self.house.database.write_blocking(hurry)


@pytest.fixture
async def asked(house: House, thin: Thin) -> Asked:
    """A connection that may ask."""
    connection = await connect(house)
    await connection.grant()
    return connection


async def connect(house: House) -> Asked:
    """A connection that may not ask yet."""
    collection = await house.collection()
    made = await house.client.post(f"{HOME}/connections", json={"platform": "thin", "collection": collection, "mapping": MAPPING})
    assert made.status_code == 201, made.text
    return Asked(house, made.json())


async def test_the_address_of_a_platform_that_cannot_sign_ends_in_its_secret_and_is_told_once(house: House, thin: Thin) -> None:
    connection = await connect(house)
    assert connection.address == f"/v1/hooks/{connection.id}/{'s' * 32}"
    assert "s" * 32 not in (await house.client.get(connection.path)).text
    wrong = await house.platform.post(f"/v1/hooks/{connection.id}/guessed", json={"id": "r1"})
    assert (wrong.status_code, wrong.json()["code"]) == (401, "signature_wrong")
    for method in ("GET", "HEAD"):
        assert (await house.platform.request(method, connection.address)).status_code == 200
    assert "s" * 32 not in house.everything()


async def test_a_notice_waits_for_its_answers_and_ends_as_a_response(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    notice = await asked.notify("r1")
    house.work()
    waiting = await house.get(f"/deliveries/{notice}")
    assert (waiting["state"], waiting["reason"]) == ("parsed", "awaits_answers")
    asked.fetch()
    (response,) = await house.responses()
    assert response["answers"]["link_records"] == "acceptable"
    told, record = await house.deliveries()
    assert (told["state"], told["reason"], told["origin"]) == ("applied", "fetched", "hook")
    assert (record["state"], record["origin"], record["answers"]) == ("applied", "fetch", notice)


async def test_several_notices_of_one_response_take_one_question_and_make_one_version(
    house: House, thin: Thin, asked: Asked
) -> None:
    thin.say("r1", answers())
    for page in range(5):
        await asked.notify("r1", page=page)
    asked.fetch()
    assert thin.questions == 1
    (response,) = await house.responses()
    assert response["version"] == 1
    assert [each["state"] for each in await house.deliveries(origin="hook")] == ["applied"] * 5


async def test_an_edit_that_is_announced_is_a_new_version_and_its_difference_can_be_read(
    house: House, thin: Thin, asked: Asked
) -> None:
    thin.say("r1", answers())
    await asked.notify("r1")
    asked.fetch()
    thin.say("r1", answers("unacceptable"))
    await asked.notify("r1", again=True)
    asked.fetch()
    (response,) = await house.responses()
    versions = (await house.get(f"/responses/{response['id']}/versions"))["items"]
    assert [each["changes"] for each in versions] == [
        [],
        [{"what": "link_records", "before": "acceptable", "after": "unacceptable"}],
    ]


async def test_what_the_platform_does_not_have_yet_is_asked_for_again_and_at_last_dead(
    house: House, thin: Thin, asked: Asked
) -> None:
    notice = await asked.notify("r1")
    asked.fetch()
    first = await house.get(f"/deliveries/{notice}")
    assert (first["state"], first["attempts"]) == ("parsed", 1)
    for _ in range(house.settings.survey_fetch_attempts - 1):
        asked.let_time_pass()
        asked.fetch()
    last = await house.get(f"/deliveries/{notice}")
    assert (last["state"], last["reason"]) == ("dead", "not_at_platform")
    thin.say("r1", answers())
    replayed = await house.client.post(f"{HOME}/deliveries/replay", json={"reason": "not_at_platform"})
    assert replayed.json() == {"replayed": 1, "verified_first": 0}
    asked.fetch()
    assert len(await house.responses()) == 1


async def test_a_platform_that_asks_to_wait_is_left_alone_and_nothing_counts_as_a_failure(
    house: House, thin: Thin, asked: Asked
) -> None:
    thin.say("r1", answers())
    thin.moods = [SlowDown(600)]
    notice = await asked.notify("r1")
    asked.fetch()
    waiting = await house.get(f"/deliveries/{notice}")
    assert (waiting["state"], waiting["attempts"]) == ("parsed", 0)
    await asked.notify("r1", again=True)
    asked.fetch()
    assert thin.questions == 1  # the second notice did not lead to a question
    asked.let_time_pass()
    asked.fetch()
    assert len(await house.responses()) == 1


async def test_a_platform_that_is_away_is_asked_again(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    thin.moods = [PlatformAway("the platform answered 502")]
    notice = await asked.notify("r1")
    asked.fetch()
    assert (await house.get(f"/deliveries/{notice}"))["detail"] == "the platform answered 502"
    asked.let_time_pass()
    asked.fetch()
    assert len(await house.responses()) == 1


async def test_refused_access_is_held_until_another_is_set(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    thin.moods = [AccessRefused("the platform answered 401")]
    notice = await asked.notify("r1")
    asked.fetch()
    held = await house.get(f"/deliveries/{notice}")
    assert (held["state"], held["reason"]) == ("quarantined", "access_refused")
    assert held["detail"] == "the platform answered 401; set the access again, with the rights that the platform's page names"
    await asked.grant()
    asked.fetch()
    assert len(await house.responses()) == 1


async def test_access_that_is_replaced_while_the_old_one_is_refused_is_tried_at_once(
    house: House, thin: Thin, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    thin.say("r1", answers())
    await asked.notify("r1")
    house.work()

    def replaced_meanwhile(*_: Any) -> None:
        later = {"later": now() + timedelta(seconds=1)}
        house.database.write_blocking(lambda session: session.execute(text("UPDATE connection SET access_set_at = :later"), later))
        monkeypatch.undo()
        monkeypatch.setitem(platforms.PLATFORMS, "thin", thin)
        monkeypatch.setitem(platforms.SOURCES, "thin", thin)
        raise AccessRefused("the platform answered 401")

    monkeypatch.setattr(thin, "fetch", replaced_meanwhile)
    asked.fetch()
    assert len(await house.responses()) == 1


async def test_without_access_notices_wait_for_it(house: House, thin: Thin) -> None:
    connection = await connect(house)
    thin.say("r1", answers())
    notice = await connection.notify("r1")
    connection.fetch()
    assert (await house.get(f"/deliveries/{notice}"))["reason"] == "access_not_set"
    refused = await house.client.post(f"{connection.path}/reconciliations", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "access_not_set")
    await connection.grant()
    connection.fetch()
    assert len(await house.responses()) == 1


async def test_access_is_sealed_checked_and_never_shown(house: House, thin: Thin) -> None:
    connection = await connect(house)
    stale = await house.client.put(f"{connection.path}/access", json={"access": {"token": "a token"}})
    assert stale.status_code == 428
    bad = await house.client.put(f"{connection.path}/access", json={"access": {"tokn": "x"}}, headers={"If-Match": "*"})
    assert bad.status_code == 422
    assert {each["pointer"] for each in bad.json()["errors"]} == {"/access/token", "/access/tokn"}
    await connection.grant()
    shown = (await house.client.get(connection.path)).json()
    assert shown["can_be_asked"]
    assert shown["access_set_at"] is not None
    assert "a token" not in house.everything()
    elsewhere = await house.hook("kobo")
    assert elsewhere.platform == "kobo"


async def test_a_deletion_at_the_platform_deletes_here_and_nothing_brings_it_back(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers(who="p77"))
    await asked.notify("r1")
    asked.fetch()
    (response,) = await house.responses()
    deletion = await asked.notify("r1", happening="deleted")
    house.work()
    assert await house.responses() == []
    told = await house.get(f"/deliveries/{deletion}")
    assert (told["state"], told["reason"], told["response"]) == ("applied", "deleted_at_platform", None)
    tombstone = house.events()[-1]
    assert (tombstone["key"], tombstone["state"]) == (response["id"], None)
    await asked.notify("r1", later=True)
    asked.fetch()
    assert await house.responses() == []
    assert "p77" not in house.everything()


async def test_whoever_withdraws_while_their_answers_are_awaited_is_not_fetched(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers(who="panel-0009"))
    notice = await asked.notify("r1")
    house.work()
    collection = (await house.get(f"/connections/{asked.id}"))["collection"]
    await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": "panel-0009"})
    asked.fetch()
    assert await house.responses() == []
    record = next(each for each in await house.deliveries() if each["origin"] == "fetch")
    assert (record["state"], record["reason"], record["size"] > 0) == ("dead", "withdrawn", True)
    assert (await house.client.get(f"{HOME}/deliveries/{notice}")).status_code == 404
    assert "panel-0009" not in house.everything()


# --- reconciling --------------------------------------------------------------------------------------------------------------------


async def test_reconciling_finds_what_was_missed_and_what_was_edited_and_leaves_the_same_alone(
    house: House, thin: Thin, asked: Asked
) -> None:
    for number in range(5):
        thin.say(f"r{number}", answers(who=f"p{number}"))
    for number in range(3):
        await asked.notify(f"r{number}")
    asked.fetch()
    thin.say("r2", answers("unacceptable", who="p2"))
    report = await asked.reconcile()
    assert (report["state"], report["found"], report["total"]) == ("done", {"same": 2, "edited": 1, "missed": 2, "gone": 0}, 5)
    assert len(await house.responses()) == 5
    assert len(await house.deliveries(origin="reconcile")) == 3
    again = await asked.reconcile()
    assert again["found"] == {"same": 5, "gone": 0}


async def test_what_is_gone_is_reported_and_deleted_only_where_that_is_wanted_and_plausible(
    house: House, thin: Thin, asked: Asked
) -> None:
    for number in range(5):
        thin.say(f"r{number}", answers(who=f"p{number}"))
    await asked.reconcile()
    for number in range(3):
        del thin.responses[f"r{number}"]
    fresh = await asked.reconcile()
    assert fresh["found"]["gone"] == 0  # the interface may lag behind what a webhook has just told
    asked.let_time_pass()
    thin.hidden = {"r3"}  # a page that shifted: not listed, and still there
    reported = await asked.reconcile()
    assert (reported["found"]["gone"], len(reported["gone"])) == (3, 3)
    too_many = await asked.reconcile(deletions="apply", most_deletions=2)
    assert "none was deleted" in too_many["detail"]
    assert len(await house.responses()) == 5
    applied = await asked.reconcile(deletions="apply")
    assert applied["found"] == {"same": 2, "gone": 3, "deleted": 3}
    assert len(await house.responses()) == 2


async def test_a_reconciliation_that_is_broken_off_goes_on_where_it_was(house: House, thin: Thin, asked: Asked) -> None:
    for number in range(6):
        thin.say(f"r{number}", answers(who=f"p{number}"))
    started = await house.client.post(f"{asked.path}/reconciliations", json={})
    busy = await house.client.post(f"{asked.path}/reconciliations", json={})
    assert busy.json()["code"] == "reconciliation_runs"
    assert step(house.database, house.settings)
    thin.moods = [PlatformAway("the platform answered 500"), SlowDown(60)]
    assert step(house.database, house.settings)
    assert not step(house.database, house.settings)  # it waits
    waiting = (await house.client.get(started.headers["location"])).json()
    assert (waiting["state"], waiting["found"], waiting["detail"]) == ("running", {"missed": 2}, "the platform answered 500")
    asked.let_time_pass()
    assert step(house.database, house.settings)
    asked.let_time_pass()
    while step(house.database, house.settings):
        pass
    ended = (await house.client.get(started.headers["location"])).json()
    assert (ended["state"], ended["found"]) == ("done", {"missed": 6, "gone": 0})
    assert thin.questions == 5  # three pages, and two questions that were not answered


async def test_a_reconciliation_can_be_cancelled_and_fails_clearly(house: House, thin: Thin, asked: Asked) -> None:
    started = await house.client.post(f"{asked.path}/reconciliations", json={})
    cancelled = await house.client.delete(started.headers["location"])
    assert (cancelled.status_code, cancelled.json()["state"]) == (202, "cancelled")
    assert not step(house.database, house.settings)
    thin.moods = [AccessRefused("the platform answered 403")]
    failed = await asked.reconcile()
    refused = "the platform answered 403; set the access again, and reconcile again"
    assert (failed["state"], failed["detail"]) == ("failed", refused)
    listed = await house.get(f"/connections/{asked.id}/reconciliations")
    assert [each["state"] for each in listed["items"]] == ["failed", "cancelled"]


async def test_whoever_withdrew_is_not_brought_back_by_reconciling(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers(who="p1"))
    await asked.reconcile()
    collection = (await house.get(f"/connections/{asked.id}"))["collection"]
    await house.client.post(f"{HOME}/withdrawals", json={"collection": collection, "respondent": "p1"})
    report = await asked.reconcile()
    assert report["found"] == {"withdrawn": 1, "gone": 0}
    assert await house.responses() == []


async def test_connections_are_reconciled_by_their_schedule(house: House, thin: Thin, asked: Asked) -> None:
    assert house.database.write_blocking(start_scheduled) == 0
    changed = await house.client.patch(asked.path, json={"reconcile_hours": 24}, headers={"If-Match": "*"})
    assert (changed.status_code, changed.json()["reconcile_hours"]) == (200, 24)
    thin.say("r1", answers())
    assert house.database.write_blocking(start_scheduled) == 1
    while step(house.database, house.settings):
        pass
    house.work()
    assert len(await house.responses()) == 1
    assert house.database.write_blocking(start_scheduled) == 0
    (report,) = (await house.get(f"/connections/{asked.id}/reconciliations"))["items"]
    assert (report["requested_by"], report["since"]) == ("schedule", None)


async def test_a_schedule_that_fails_is_not_tried_again_at_once(house: House, thin: Thin, asked: Asked) -> None:
    assert (await house.client.patch(asked.path, json={"reconcile_hours": 1}, headers={"If-Match": "*"})).status_code == 200
    thin.moods = [AccessRefused("the platform answered 401")]
    assert house.database.write_blocking(start_scheduled) == 1
    while step(house.database, house.settings):
        pass
    (report,) = (await house.get(f"/connections/{asked.id}/reconciliations"))["items"]
    assert (report["state"], report["detail"].partition(";")[0]) == ("failed", "the platform answered 401")
    assert house.database.write_blocking(start_scheduled) == 0
    asked.let_time_pass()
    assert house.database.write_blocking(start_scheduled) == 1


async def test_access_that_cannot_be_opened_any_more_holds_up_no_other(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    broken = await connect(house)
    await broken.grant()
    started = await house.client.post(f"{broken.path}/reconciliations", json={})
    notice = await broken.notify("r1")
    house.work()
    await asked.notify("r1")

    def another_key(session: Any) -> None:
        sealed = Keys.of(settings_for(house.settings.database_url, survey_key="another key than before, long enough")).seal
        closed = {"access": sealed.close('{"token": "a token"}', connection=broken.id), "id": broken.id}
        session.execute(text("UPDATE connection SET access = :access WHERE id = :id"), closed)

    house.database.write_blocking(another_key)
    asked.fetch()
    while step(house.database, house.settings):
        pass
    assert len(await house.responses()) == 1
    held = await house.get(f"/deliveries/{notice}")
    assert (held["state"], held["reason"]) == ("quarantined", "access_not_set")
    report = (await house.client.get(started.headers["location"])).json()
    assert (report["state"], "set it again" in report["detail"]) == ("failed", True)
    refused = await house.client.post(f"{broken.path}/reconciliations", json={})
    assert (refused.status_code, refused.json()["code"]) == (409, "access_not_set")


async def test_what_a_platform_gives_and_cannot_be_kept_is_its_failure_and_holds_up_no_other(
    house: House, thin: Thin, asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever goes wrong with a record, even by a defect of ours, is counted with its connection."""
    other = await connect(house)
    await other.grant()
    thin.say("bad", answers())
    started = await house.client.post(f"{asked.path}/reconciliations", json={})
    monkeypatch.setattr(thin, "read_record", lambda _: 1 / 0)
    for _ in range(6):
        assert step(house.database, house.settings)
        asked.let_time_pass()
    assert not step(house.database, house.settings)
    report = (await house.client.get(started.headers["location"])).json()
    assert (report["state"], report["detail"]) == ("failed", "the page cannot be kept: ZeroDivisionError")
    monkeypatch.undo()
    monkeypatch.setitem(platforms.PLATFORMS, "thin", thin)
    monkeypatch.setitem(platforms.SOURCES, "thin", thin)
    notice = await asked.notify("bad")
    house.work()
    await other.notify("bad")
    house.work()
    kept = fetch_answers.record_row

    def breaks(about: Any, *given: Any, **more: Any) -> Any:
        return 1 / 0 if about.connection == asked.id else kept(about, *given, **more)

    monkeypatch.setattr(fetch_answers, "record_row", breaks)
    other.fetch()
    assert len(await house.responses()) == 1
    waiting = await house.get(f"/deliveries/{notice}")
    assert (waiting["state"], waiting["attempts"]) == ("parsed", 1)
    assert waiting["detail"] == "the answer cannot be kept: ZeroDivisionError"


async def test_what_came_in_before_the_collection_was_closed_is_still_taken_over(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    collection = (await house.get(f"/connections/{asked.id}"))["collection"]
    assert (await house.client.post(f"{HOME}/collections/{collection}/close")).status_code == 200
    thin.say("r2", answers(who="p2"))
    report = await asked.reconcile()
    assert report["found"] == {"missed": 2, "gone": 0}
    assert len(await house.responses()) == 1
    assert [each["reason"] for each in await house.deliveries(state="quarantined")] == ["collection_closed"]


async def test_what_is_held_already_is_not_held_again_by_each_reconciliation(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", {"something": "else"})
    for _ in range(2):
        assert (await asked.reconcile())["found"] == {"missed": 1, "gone": 0}
    (held,) = await house.deliveries()
    assert (held["state"], held["reason"]) == ("quarantined", "unmapped")
    thin.say("r1", {"something": "new"})
    await asked.reconcile()
    assert len(await house.deliveries()) == 2


def test_an_allowance_refills_and_can_be_overdrawn() -> None:
    limits, start = Limits(a_minute=60, a_day=500), now()
    levels = full(limits, start)
    assert (levels.minute, levels.day, wait(levels, limits)) == (60, 50, 0)
    overdrawn = spent(levels, limits, 52)
    assert overdrawn.day == -2
    assert wait(overdrawn, limits) == pytest.approx(3 * 86_400 / 500)
    later = refilled(overdrawn, limits, start + timedelta(hours=1))
    assert (later.minute, wait(later, limits)) == (60, 0)
    assert wait(full(Limits(), start), Limits()) == 0


async def test_deliveries_that_need_somebody_are_counted_for_an_alarm(house: House, thin: Thin, asked: Asked) -> None:
    thin.say("r1", answers())
    await asked.notify("r1")
    asked.fetch()
    await house.platform.post(f"/v1/hooks/{asked.id}/guessed", json={"id": "r1"})
    summary = (await house.get("/deliveries/summary"))["items"]
    assert {(each["state"], each["reason"], each["count"]) for each in summary} == {("quarantined", "wrong_signature", 1)}
    count_held(house.database, house.settings)
    held = DELIVERIES_HELD.labels("survey", "quarantined", "wrong_signature")
    assert held._value.get() == 1
    await house.client.post(f"{HOME}/deliveries/replay")
    house.work()
    (refused,) = (await house.get("/deliveries/summary"))["items"]
    assert refused["reason"] == "wrong_signature"  # it was verified again, and nobody vouched for it


steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.sampled_from(["r1", "r2"]), st.sampled_from(["acceptable", "unacceptable"])),
        st.tuples(st.just("notify"), st.sampled_from(["r1", "r2"]), st.integers(0, 2)),
        st.tuples(st.just("fetch"), st.just(""), st.just(0)),
        st.tuples(st.just("work"), st.just(""), st.just(0)),
    ),
    max_size=12,
)


async def test_whatever_the_order_of_notices_and_fetches_the_platforms_present_state_is_reached(
    house: House, thin: Thin, asked: Asked
) -> None:
    runs = itertools.count()

    async def play(happenings: list[tuple[str, str, Any]]) -> None:
        run = next(runs)
        for what, response, more in happenings:
            match what:
                case "say":
                    thin.say(f"{run}-{response}", answers(more, who=f"{run}-{response}"))
                case "notify":
                    await asked.notify(f"{run}-{response}", n=more)  # the same notice again is a redelivery
                case "fetch":
                    asked.fetch()
                case "work":
                    house.work()
        for response in ("r1", "r2"):
            await asked.notify(f"{run}-{response}", n="last")
        asked.fetch()
        said = [each["answers"]["link"] for id, each in thin.responses.items() if id.startswith(f"{run}-")]
        kept = {each["id"]: each["answers"]["link_records"] for each in await house.responses()}
        new = {id: answer for id, answer in kept.items() if id not in seen}
        seen.update(kept)
        assert sorted(new.values()) == sorted(said)

    seen: set[str] = set()
    loop = asyncio.get_running_loop()

    @settings(max_examples=25)
    @given(happenings=steps)
    def explore(happenings: list[tuple[str, str, Any]]) -> None:
        asyncio.run_coroutine_threadsafe(play(happenings), loop).result(timeout=60)

    await asyncio.to_thread(explore)
