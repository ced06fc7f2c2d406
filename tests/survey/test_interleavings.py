"""Any interleaving of duplicates, reorderings, retries with changed bodies and worker runs ends in the ideal state, for every sender.

A kill between the commit and the answer is a repetition: the sender did not hear that it had been heard.
"""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import select
from tests.survey.house import Hook, House
from tests.survey.senders import SENDERS, Said

from assent_kit.outbox import OUTBOX
from assent_kit.tables import now
from assent_survey.domain.submission import Submission
from assent_survey.service.keys import Keys
from assent_survey.service.receive_delivery import meet, read_door, receive_deliveries
from assent_survey.store.tables import Delivery, Respondent, Response, ResponseVersion

ANSWERS = {"Fine": "acceptable", "If checked": "with_check", "No": "unacceptable"}

said = st.builds(
    Said,
    response=st.sampled_from(["r1", "r2"]),
    link_records=st.sampled_from(list(ANSWERS)),
    finished=st.booleans(),
    minute=st.integers(0, 3),
)
# A delivery is one (id, body); a retry may come with another body, so ids are few.
histories = st.lists(st.tuples(st.sampled_from(["msg_1", "msg_2", "msg_3"]), said), min_size=1, max_size=6)


@dataclass(frozen=True)
class Arrived:
    """A delivery that was no repetition, as its platform reads it."""

    said: Said
    finished: bool
    ordered_by: str


def ideal(arrived: list[Arrived]) -> dict[str, tuple[set[str], bool]]:
    """For each response: the answers that may stand, and whether it is complete.

    Where the sender gives a time, the newest stands whatever the order, and ties are settled by content; else the last to arrive that
    is not a repetition, except that a partial one never replaces a finished one.
    """
    found = {}
    for response in {each.said.response for each in arrived}:
        mine = [each for each in arrived if each.said.response == response]
        standing = [each for each in mine if each.finished] or mine
        if mine[0].ordered_by == "arrival":
            candidates = {ANSWERS[str(standing[-1].said.link_records)]}
        else:
            newest = max(each.said.minute for each in mine)
            candidates = {ANSWERS[str(each.said.link_records)] for each in mine if each.said.minute == newest}
        found[response] = (candidates, any(each.finished for each in mine))
    return found


class Platform:
    """Deliveries to one connection without the HTTP around them, on a database that is emptied between examples."""

    def __init__(self, house: House, hook: Hook) -> None:
        self.house, self.secret, self.sender = house, hook.secret, SENDERS[hook.platform]
        door = house.database.read_blocking(read_door, hook.id, Keys.of(house.settings), limit=10)
        assert door is not None
        self.door = door
        self.arrived: list[Arrived] = []
        self._seen: set[tuple[str, str]] = set()

    def send(self, delivery: str, content: Said) -> None:
        raw = self.sender.sealed(self.sender.body(content, delivery), self.secret)
        moment = now()
        headers = self.door.platform.sign(raw, self.secret, delivery=delivery, at=moment)
        arrival = meet(self.door, raw, headers, moment)
        assert arrival.problem is None
        self.house.database.write_bulk_blocking(receive_deliveries, [arrival.row])
        identity = (arrival.row["sender_id"], arrival.row["digest"])
        if identity not in self._seen:
            self._seen.add(identity)
            submission = self.door.platform.parse(arrival.row["body"], arrival.row["headers"])
            assert isinstance(submission, Submission)
            self.arrived.append(Arrived(content, submission.finished, submission.ordered_by))

    def state(self) -> dict[str, tuple[str, bool]]:
        """For each response, which is told by its answers' texts: what stands, and whether it is complete."""

        def read(session: Any) -> dict[str, tuple[str, bool]]:
            rows = session.exec(select(Response)).all()
            return {row.content["texts"]["own_words"]: (row.content["answers"]["link_records"], row.complete) for row in rows}

        return self.house.database.read_blocking(read)

    def check_history(self) -> None:
        """Versions count from 1 without a gap, each was said at most once, and the newest was said last."""

        def read(session: Any) -> None:
            for response in session.exec(select(Response)).all():
                numbers = session.exec(select(ResponseVersion.number).where(ResponseVersion.response == response.id)).all()
                assert sorted(numbers) == list(range(1, response.version))  # the newest is the response itself
                said = [row.version for row in session.execute(OUTBOX.select().where(OUTBOX.c.aggregateid == response.id))]
                assert said == sorted(set(said))
                assert said[-1] == response.version

        self.house.database.read_blocking(read)

    def empty(self) -> None:
        self.arrived, self._seen = [], set()

        def everything(session: Any) -> None:
            for table in (Delivery, Respondent, Response, ResponseVersion):
                session.execute(delete(table))
            session.execute(OUTBOX.delete())

        self.house.database.write_blocking(everything)


@pytest.mark.parametrize("name", sorted(SENDERS))
async def test_every_interleaving_ends_in_the_ideal_state(house: House, name: str) -> None:
    platform = Platform(house, await house.hook(name))

    @settings(max_examples=40 if name == "formbricks" else 12)
    @given(data=st.data(), history=histories)
    def explore(data: st.DataObject, history: list[tuple[str, Said]]) -> None:
        platform.empty()
        named = [(delivery, _with_its_name(content)) for delivery, content in history]
        repeats = data.draw(st.lists(st.sampled_from(named), max_size=4))
        for delivery, content in data.draw(st.permutations(named + repeats)):
            platform.send(delivery, content)
            if data.draw(st.booleans()):
                house.work()
        house.work()
        ends, wanted = platform.state(), ideal(platform.arrived)
        assert ends.keys() == wanted.keys()
        for response, (answer, complete) in ends.items():
            assert answer in wanted[response][0]
            assert complete == wanted[response][1]
        platform.check_history()
        settled = ends
        for delivery, content in named:
            platform.send(delivery, content)
        house.work()
        assert platform.state() == settled

    explore()


def _with_its_name(content: Said) -> Said:
    return Said(**{**content.__dict__, "words": content.response})
