"""What may be withheld of a table of groups by answer, as a choice for the programme that looks for the cheapest.

Each group has three things that may be withheld: its answers, its base, and the direction that is told where its answers are hidden.
Each costs as many people as it tells of. Not here: which counts are secret (answer_table), and whether a plan is safe in the end
(disclosure).
"""

from collections.abc import Mapping, Sequence

import numpy as np

from assent_analytics.domain.answer_table import AnswerTable, Direction, Plan, Secret
from assent_analytics.domain.withholding import Bools, Choice, Fact, Guarded, cheapest

ANSWERS, BASE, DIRECTION = range(3)
SWITCHES = 3


def cheapest_plan(table: AnswerTable, start: Plan, wished: Sequence[Direction | None], listed: Mapping[int, bool]) -> Plan | None:
    """The cheapest plan that withholds at least what `start` does; None where there is none or the search takes too long.

    `listed` says of some groups, by place, whether their base is shown elsewhere: then it is no choice any more.
    """
    groups = len(wished)
    people = float(table.counts.sum())
    forced = {_switch(at, ANSWERS) for at in range(groups) if start.hidden[at]}
    forced |= {_switch(at, BASE) for at in range(groups) if start.hidden[at] == 2}
    barred = {_switch(at, BASE) for at, is_shown in listed.items() if is_shown}
    barred |= {_switch(at, what) for at in range(groups) for what in range(SWITCHES) if table.bases[at] == 0}
    barred |= {_switch(at, DIRECTION) for at in range(groups) if wished[at] is None}
    whatever_is_shown = table.secrets(Plan((0,) * groups, (None,) * groups))
    thrown = cheapest(
        Choice(
            facts=[*_always(table), *(fact for at in range(groups) for fact in _facts(table, at, wished[at]))],
            guarded=[*map(_guard, whatever_is_shown), *(_if_hidden(table, at) for at in range(groups))],
            costs=[float(table.bases[at] + 1) for at in range(groups) for _ in range(SWITCHES)],
            people=people,
            forced=frozenset(forced),
            barred=frozenset(barred),
            implied=[(_switch(at, BASE), _switch(at, ANSWERS)) for at in range(groups)],
        )
    )
    return None if thrown is None else _plan(thrown, wished)


def _plan(thrown: Bools, wished: Sequence[Direction | None]) -> Plan:
    switches = thrown.reshape(-1, SWITCHES)
    return Plan(
        hidden=tuple(int(one[ANSWERS]) + int(one[BASE]) for one in switches),
        directions=tuple(lean if one[ANSWERS] and not one[DIRECTION] else None for one, lean in zip(switches, wished, strict=True)),
    )


def _switch(at: int, what: int) -> int:
    return at * SWITCHES + what


def _always(table: AnswerTable) -> list[Fact]:
    """The facts of the whole, which every plan tells."""
    nothing = Plan((2,) * len(table.bases), (None,) * len(table.bases))
    known = table.knowledge(nothing)
    return [*(Fact(row, value) for row, value in known.equal), *(Fact(row, value, exact=False) for row, value in known.at_most)]


def _facts(table: AnswerTable, at: int, lean: Direction | None) -> list[Fact]:
    """What may be told of one group. A direction adds nothing to answers that are shown, so it may stand beside them here."""
    facts = [
        Fact(*table.base_fact(at), switch=_switch(at, BASE)),
        Fact(*table.answers_fact(at), switch=_switch(at, ANSWERS)),
    ]
    if lean is not None:
        facts += [Fact(row, value, exact=False, switch=_switch(at, DIRECTION)) for row, value in table.direction_facts(at, lean)]
    return facts


def _guard(secret: Secret) -> Guarded:
    return Guarded(np.asarray(secret.row), secret.width)


def _if_hidden(table: AnswerTable, at: int) -> Guarded:
    return Guarded(table.answers_fact(at)[0], 1.0, switch=_switch(at, ANSWERS))
