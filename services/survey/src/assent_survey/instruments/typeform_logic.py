"""Typeform's jumps in words: `trust is no: go to why`, by the field that they leave from. Nothing is evaluated."""

from collections.abc import Mapping
from typing import Any

from assent_survey.instruments.json_shape import listed, within, words

_DEEPEST = 10


class Jumps:
    """The jumps of a form. `calculations` counts rules that do something else."""

    def __init__(self, logic: list[dict[str, Any]], labels: Mapping[str, str]) -> None:
        """`labels` are what people call fields and choices, by their references."""
        self._labels = labels
        self._leaving: dict[str, list[str]] = {}
        self.calculations = 0
        for rule in logic:
            for action in listed(rule, "actions"):
                target = within(action, "details", "to")
                if action.get("action") == "jump" and target:
                    said = f"{self._condition(action.get('condition'), 0)}: go to {self._label(target.get('value'))}"
                    self._leaving.setdefault(words(rule.get("ref")), []).append(said)
                else:
                    self.calculations += 1

    def leaving(self, *names: str) -> str | None:
        """Take the jumps that leave from a field, one a line; `names` are its reference and its id."""
        return next(("\n".join(self._leaving.pop(name)) for name in names if name in self._leaving), None)

    @property
    def left(self) -> int:
        """How many jumps nobody has taken."""
        return sum(map(len, self._leaving.values()))

    def _condition(self, condition: object, depth: int) -> str:
        if not isinstance(condition, dict) or depth > _DEEPEST:
            return "…"
        parts = listed(condition, "vars")
        if condition.get("op") == "always":
            return "always"
        if any("op" in each for each in parts):
            return "(" + f" {words(condition.get('op'))} ".join(self._condition(each, depth + 1) for each in parts) + ")"
        return f" {words(condition.get('op'))} ".join(self._label(each.get("value")) for each in parts)

    def _label(self, value: object) -> str:
        return self._labels.get(words(value)) or words(value)
