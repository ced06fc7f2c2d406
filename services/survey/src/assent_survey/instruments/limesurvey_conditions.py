"""On what conditions a LimeSurvey question is asked: expressions, or in older surveys a table of comparisons."""

import re
from collections.abc import Iterable

from assent_survey.instruments.limesurvey_tables import Asked, Group, Row, Survey

_FIELD = re.compile(r"\+?\d+X\d+X(\d+)([A-Za-z]\w*)?", re.ASCII)


class Conditions:
    """**Usage**: `Conditions(survey).of(group, question)  # "(AGE.NAOK > 17) and (LINK == 'A1')"`, empty where it is always asked."""

    def __init__(self, survey: Survey) -> None:
        every = [each for group in survey.groups for each in group.questions]
        self._codes = {each.row.get("qid", ""): each.code for each in every}
        self._compared: dict[str, list[Row]] = {}
        for row in survey.others.get("conditions", ()):
            self._compared.setdefault(row.get("qid", ""), []).append(row)

    def of(self, group: Group, asked: Asked, *parts: Asked) -> str:
        """Those of the group, the question and its parts. Comparisons count where there is no expression, which later surveys have."""
        own = asked.relevance or self._of_comparisons(self._compared.get(asked.row.get("qid", ""), []))
        stated = (group.relevance, own, *(each.relevance for each in parts))
        return _joined((self._by_codes(each) for each in stated if each), "and")

    def _by_codes(self, condition: str) -> str:
        """With the codes of questions instead of where older surveys keep their answers: `LINK_SQ1` for `1X2X3SQ1`."""

        def code(field: re.Match[str]) -> str:
            named = self._codes.get(field[1])
            return field[0] if named is None else f"{named}_{field[2]}" if field[2] else named

        return _FIELD.sub(code, condition)

    @staticmethod
    def _of_comparisons(rows: list[Row]) -> str:
        """Comparisons with one question are alternatives, those with several hold together, and scenarios are alternatives again."""
        scenarios: dict[str, dict[str, list[str]]] = {}
        for row in rows:
            field = row.get("cfieldname", "")
            said = f"{field} {row.get('method', '').strip()} {row.get('value', '')}".strip()
            scenarios.setdefault(row.get("scenario", ""), {}).setdefault(row.get("cqid") or field, []).append(said)
        told = (_joined((_joined(each, "or") for each in scenario.values()), "and") for scenario in scenarios.values())
        return _joined(told, "or")


def _joined(conditions: Iterable[str], word: str) -> str:
    """Each once, in brackets where there are several."""
    several = list(dict.fromkeys(conditions))
    return several[0] if len(several) == 1 else f" {word} ".join(f"({each})" for each in several)
