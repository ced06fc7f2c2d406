"""Withdrawal: after it nothing of a participant is left, and nothing comes back."""

from pathlib import Path

from sqlmodel import Session, delete
from tests.qual.study import GROUP_TALK, HOME, JANE, MODERATOR, SAMIRA, Qual

from assent_qual.store.tables import Outbox


async def withdraw(qual: Qual, participant: str) -> dict[str, object]:
    answered = await qual.consent(participant, {"take_part": True}, "withdrawn")
    assert answered.status_code == 200, answered.text
    receipt: dict[str, object] = answered.json()
    return receipt


async def test_after_a_withdrawal_no_table_holds_anything_of_theirs(qual: Qual) -> None:
    jane = await qual.participant("Ash-pseudonym", ethnicity="planted-group")
    samira = await qual.participant("Birch")
    session = await qual.session()
    await qual.upload(
        session,
        GROUP_TALK,
        headers={"Idempotency-Key": "up"},
        speakers={JANE: jane, SAMIRA: samira, MODERATOR: "researcher"},
    )
    code = await qual.code()
    hers = await qual.coding(session, code, (2, 0), (2, 7), memo="planted memo")
    both = await qual.coding(session, code, (3, 0), (4, 6))
    others = await qual.coding(session, code, (3, 0), (3, 4))
    await qual.client.patch(f"{HOME}/codes/{code}", json={"examples": [hers, others]}, headers={"If-Match": "*"})

    receipt = await withdraw(qual, jane)

    assert receipt["removed"] == {
        "turns_redacted": 2,
        "excerpts": 2,
        "transcript_files": 1,
        "consent_entries": 1,
        "attributes": 1,
    }
    turns = await qual.turns(session)
    assert [(turn["speaker"], turn["text"], turn["redacted"]) for turn in turns] == [
        ("researcher", "What would you say to a list of families?", False),
        (None, "", True),
        (samira, "They never ask. They flagged my sister.", False),
        (None, "", True),
    ]
    assert [one["id"] for one in (await qual.client.get(f"{HOME}/excerpts")).json()["items"]] == [others]
    assert (await qual.client.get(f"{HOME}/codes/{code}")).json()["examples"] == [others]
    assert (await qual.texts(hers, both, others))["withheld"] == {hers: "not_found", both: "not_found"}
    kept = qual.everything()
    for trace in ("asked first", "Nobody told", "Ash-pseudonym", "planted-group", "planted memo", "O'Dell", "O&#39;Dell"):
        assert trace not in kept
    assert qual.events("assent.qual.participants")[-1] == (jane, 3, None)
    assert qual.events("assent.qual.excerpts")[-2:] == [(hers, 2, None), (both, 2, None)]
    ((_, version, state),) = qual.events("assent.qual.sessions")
    assert (version, state and state["participants"]) == (3, [samira])


async def test_once_the_tombstones_are_sent_not_even_the_ids_are_left(qual: Qual) -> None:
    jane = await qual.participant()
    session = await qual.session()
    await qual.upload(session, GROUP_TALK, speakers={JANE: jane})
    excerpt = await qual.coding(session, await qual.code(), (2, 0), (2, 7))
    await qual.client.post(f"{HOME}/participants", json={"pseudonym": "x"}, headers={"Idempotency-Key": "k"})
    await withdraw(qual, jane)

    def relay(session: Session) -> None:
        session.execute(delete(Outbox))

    await qual.database.write(relay)
    kept = qual.everything()
    assert jane not in kept
    assert excerpt not in kept


async def test_nothing_comes_back(qual: Qual) -> None:
    jane = await qual.participant()
    session = await qual.session()
    await qual.upload(session, GROUP_TALK, speakers={JANE: jane})
    await withdraw(qual, jane)
    assert (await qual.client.get(f"{HOME}/participants/{jane}")).status_code == 404
    assert (await qual.consent(jane, {"take_part": True})).status_code == 404
    assert (await qual.consent(jane, {"take_part": True}, "withdrawn")).status_code == 404
    again = await qual.upload(session, GROUP_TALK)
    assert (again.status_code, again.json()["code"]) == (409, "transcript_redacted")
    bound = await qual.client.put(f"{HOME}/sessions/{session}/speakers", json={SAMIRA: jane})
    assert bound.json()["code"] == "participant_unknown"
    span = {"start": {"turn": 1, "offset": 0}, "end": {"turn": 3, "offset": 4}, "code": await qual.code()}
    coded = await qual.client.post(f"{HOME}/sessions/{session}/codings", json=span)
    assert (coded.status_code, coded.json()["code"]) == (422, "span_redacted")


async def test_the_receipt_names_what_it_cannot_reach_at_once(qual: Qual) -> None:
    receipt = await withdraw(qual, await qual.participant())
    beyond = str(receipt["beyond_immediate_reach"])
    assert "backups" in beyond
    assert ("write-ahead log" in beyond) == qual.url.startswith("postgresql")
    reaches = receipt["reaches"]
    assert isinstance(reaches, list)
    assert all(one["by"] for one in reaches)


async def test_the_bytes_leave_the_files(file_url: str, tmp_path: Path) -> None:
    qual = Qual(file_url)
    jane = await qual.participant("Ash-pseudonym")
    session = await qual.session()
    await qual.upload(session, GROUP_TALK, speakers={JANE: jane})
    await qual.coding(session, await qual.code(), (2, 0), (2, 7), memo="planted memo")
    await withdraw(qual, jane)
    bytes_left = b"".join(path.read_bytes() for path in tmp_path.glob("qual.db*"))
    for trace in ("asked first", "Nobody told", "Ash-pseudonym", "planted memo", "O'Dell", "O&#39;Dell"):
        assert trace.encode() not in bytes_left
    await qual.close()
