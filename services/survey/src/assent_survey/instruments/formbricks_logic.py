"""Formbricks' rules of going on, in words: `if trust equals no and region is skipped: jump to reasons`. Nothing is evaluated."""

from typing import Any

from assent_survey.instruments.json_shape import listed, within, words

_DEEPEST = 10


def rules_of(place: dict[str, Any]) -> str | None:
    """The rules by which one leaves a block or a question, one a line; None where there are none."""
    rules = [_rule(each) for each in listed(place, "logic")]
    fallback = words(place.get("logicFallback"))
    return "\n".join([*rules, f"otherwise: jump to {fallback}"] if fallback else rules) or None


def _rule(rule: dict[str, Any]) -> str:
    """A rule of today, with conditions and actions, or of before 2024, with one condition and a destination."""
    if "actions" not in rule:
        return f"if {words(rule.get('condition'))} {_value(rule.get('value'))}: jump to {words(rule.get('destination'))}"
    actions = [_action(each) for each in listed(rule, "actions")]
    return f"if {_conditions(within(rule, 'conditions'), 0)}: {', '.join(actions) or 'nothing'}"


def _conditions(group: dict[str, Any], depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    said = [
        f"({_conditions(each, depth + 1)})" if "conditions" in each else _condition(each) for each in listed(group, "conditions")
    ]
    return f" {words(group.get('connector'))} ".join(said)


def _condition(condition: dict[str, Any]) -> str:
    left, right = (_value(within(condition, side).get("value")) for side in ("leftOperand", "rightOperand"))
    return " ".join(filter(None, (left, words(condition.get("operator")), right)))


def _action(action: dict[str, Any]) -> str:
    match action.get("objective"):
        case "jumpToQuestion" | "jumpToBlock":
            return f"jump to {words(action.get('target'))}"
        case "requireAnswer":
            return f"require {words(action.get('target'))}"
        case _:
            value = _value(within(action, "value").get("value"))
            return " ".join(filter(None, (words(action.get("operator")) or "calculate", words(action.get("variableId")), value)))


def _value(value: object) -> str:
    return ", ".join(words(each) for each in value) if isinstance(value, list) else words(value)
