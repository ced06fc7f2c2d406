"""The clauses of the reading: each makes its tests and says of every one whether it held, and why, in words.

Texts carry thresholds and never estimates, because they are shown beside suppressed figures; for the same reason a group is named only
from a base of `name_base` on, unless it is to say that nothing is known of it. Not here: which clause decides (reading).
"""

from collections.abc import Sequence

from assent_analytics.domain.case import (
    Because,
    Case,
    Comparison,
    ItemEvidence,
    comparisons,
    in_words,
    is_milder,
    majority,
    significant,
    usable,
)
from assent_analytics.domain.disclosure import THRESHOLD
from assent_analytics.domain.figures import GroupFigures, ItemFigures, Key
from assent_analytics.domain.settings import EvidenceSettings
from assent_analytics.domain.targets import Heard

PRECONDITIONS = ("item", "effective_base")


def left_out(items: Sequence[ItemEvidence[Key]], settings: EvidenceSettings) -> tuple[Because[Key], ...]:
    """Why items of a level that could count do not."""
    reasons: list[Because[Key]] = []
    for item in items:
        if item.level == "proxy" or usable(item, settings):
            continue
        reason = f"older than {settings.maximum_age} months"
        if not item.closed:
            reason = "still open"
        elif item.age_months is None:
            reason = "without the dates of its fieldwork"
        text = f"{item.item} was left out: its collection is {reason}"
        reasons.append(Because("insufficient_evidence", "collection", held=False, text=text, items=(item.item,)))
    return tuple(reasons)


def withheld(case: Case[Key]) -> tuple[Because[Key], ...]:
    """Clause 1: all parents, or a target, or another declared group mostly find it unacceptable.

    Each is a family of comparisons of its own, so that declaring more groups does not blunt the tests of the targets.
    """
    settings = case.settings
    items = [*case.items, *case.milder]
    everyone: list[Comparison[Key]] = [
        Comparison(None, item, item.summary.opposition) for item in items if item.summary.base >= settings.name_base
    ]
    targets = [target.who for target in case.targets]
    families = {
        "target_refuses": comparisons(case.measured(targets, items), "opposition"),
        "all_parents_refuse": everyone,
        "other_group_refuses": comparisons(case.measured(case.others, items), "opposition"),
    }
    tests: list[Because[Key]] = []
    for test, family in families.items():
        found = significant(family, lambda figure: figure.above(settings.majority), settings.alpha)
        tests += [
            Because(
                "withheld_by_named_groups",
                test,
                held=True,
                text=f"{in_words(case, one.group)} – surely more than {settings.majority:.0%} find it unacceptable ({one.item.item}"
                f"{', a milder practice' if is_milder(one.item) else ''}; corrected over {len(family)} comparisons)",
                items=(one.item.item,),
                groups=() if one.group is None else (one.group,),
            )
            for one in found
        ]
        if not found:
            text = f"{_NOBODY[test]} shown to find it unacceptable by more than {settings.majority:.0%}"
            tests.append(Because("withheld_by_named_groups", test, held=False, text=text))
    return tuple(tests)


_NOBODY = {
    "target_refuses": "no target is",
    "all_parents_refuse": "all parents together are not",
    "other_group_refuses": "no other declared group is",
}


def contested(case: Case[Key]) -> tuple[Because[Key], ...]:
    """Clause 2: two preconditions, and five grounds of which one is enough."""
    settings, items = case.settings, case.large_enough()
    have_items, have_base = bool(case.items), bool(items)
    tests: list[Because[Key]] = [
        Because("contested", "item", have_items, "an exact or near item exists" if have_items else "no exact or near item exists"),
        Because("contested", "effective_base", have_base, f"some item has an effective base of {settings.minimum_effective_base}"
                if have_base else f"no item has an effective base of {settings.minimum_effective_base}"),
    ]  # fmt: skip
    for ground in (_divided, _targets_object, _targets_fall_behind, _condition_unmet, _sessions_reject):
        found = ground(case, items)
        tests += found or [Because("contested", ground.__name__.strip("_"), held=False, text=_NOT_SO[ground.__name__])]
    return tuple(tests)


_NOT_SO = {
    "_divided": "support and opposition are not both sizeable",
    "_targets_object": "no target is shown to have sizeable opposition",
    "_targets_fall_behind": "no target is shown to support it materially less than the rest",
    "_condition_unmet": "no majority rests on a condition that is unmet or unknown",
    "_sessions_reject": "no target mainly rejected it in enough sessions",
}


def _divided(case: Case[Key], items: Sequence[ItemEvidence[Key]]) -> list[Because[Key]]:
    sizeable, alpha = case.settings.sizeable, case.settings.alpha
    return [
        Because("contested", "divided", held=True, items=(item.item,),
                text=f"all parents – support and opposition are both surely above {sizeable:.0%} ({item.item})")
        for item in items
        if item.summary.support.above(sizeable) < alpha and item.summary.opposition.above(sizeable) < alpha
    ]  # fmt: skip


def _targets_object(case: Case[Key], items: Sequence[ItemEvidence[Key]]) -> list[Because[Key]]:
    sizeable = case.settings.sizeable
    family = comparisons(case.measured([target.who for target in case.targets], items), "opposition")
    return [
        Because("contested", "targets_object", held=True, items=(one.item.item,), groups=(one.group,),
                text=f"{in_words(case, one.group)} – opposition is surely above {sizeable:.0%} ({one.item.item}, corrected)")
        for one in significant(family, lambda figure: figure.above(sizeable), case.settings.alpha)
        if one.group is not None
    ]  # fmt: skip


def _targets_fall_behind(case: Case[Key], items: Sequence[ItemEvidence[Key]]) -> list[Because[Key]]:
    material = case.settings.material_gap
    family = comparisons(case.measured([target.who for target in case.targets], items), "gap")
    return [
        Because("contested", "targets_fall_behind", held=True, items=(one.item.item,), groups=(one.group,),
                text=f"{in_words(case, one.group)} – support is surely more than {100 * material:.0f} points below that of the rest "
                     f"({one.item.item}, corrected)")
        for one in significant(family, lambda figure: figure.below(-material), case.settings.alpha)
        if one.group is not None
    ]  # fmt: skip


def _condition_unmet(case: Case[Key], items: Sequence[ItemEvidence[Key]]) -> list[Because[Key]]:
    """A majority is supplied by a condition where support is surely a majority with it and not surely one without."""
    found: list[Because[Key]] = []
    for item in (item for item in items if item.condition_met in ("no", "unknown")):
        measured: list[tuple[Key | None, ItemFigures[Key] | GroupFigures]] = [(None, item.summary)]
        measured += [(group, figures) for group, _, figures in case.measured([target.who for target in case.targets], [item])]
        for group, figures in measured:
            if majority(figures.support, case.settings) and not majority(figures.unconditional, case.settings):
                state = "not met" if item.condition_met == "no" else "not known to be met"
                text = f"{in_words(case, group)} – the majority rests on a condition that is {state} by the proposal ({item.item})"
                groups = () if group is None else (group,)
                found.append(Because("contested", "condition_unmet", held=True, text=text, items=(item.item,), groups=groups))
    return found


def _sessions_reject(case: Case[Key], items: Sequence[ItemEvidence[Key]]) -> list[Because[Key]]:
    del items  # talk stands for itself
    enough = case.settings.blocking_sessions
    return [
        Because("contested", "sessions_reject", held=True, groups=(target.who,),
                text=f"{case.name(target.who)} – mainly rejected it in at least {enough} sessions")
        for target in case.targets
        if case.heard.get(target.who, Heard()).mainly_reject >= enough
    ]  # fmt: skip


def supported(case: Case[Key]) -> tuple[Because[Key], ...]:
    """Clause 3: every test must hold."""
    tests: list[Because[Key]] = [
        _need("item", bool(case.items), "an exact or near item exists",
              "no exact or near item, closed and recent enough, asks about it"),
        _need("targets", bool(case.targets), "targets are registered",
              "nobody has registered whom the proposal is likely to single out"),
    ]  # fmt: skip
    for item in case.items:
        tests += _of_item(item, case.settings)
    for target in case.targets:
        tests += _of_target(case, target.who)
    return (*tests, *_declared_groups(case))


def _of_item(item: ItemEvidence[Key], settings: EvidenceSettings) -> list[Because[Key]]:
    where, enough = (item.item,), settings.minimum_effective_base
    half, ceiling = settings.majority, settings.dont_know_ceiling
    return [
        _need("effective_base", item.summary.n_effective >= enough, f"the effective base is at least {enough} ({item.item})",
              f"the effective base is under {enough} ({item.item})", items=where),
        _need("probability_sample", item.sampling == "probability", f"a probability sample ({item.item})",
              f"not a probability sample, so it cannot speak for all parents ({item.item})", items=where),
        _need("dont_know", item.summary.dont_know.share <= ceiling, f"at most {ceiling:.0%} don't know ({item.item})",
              f"too many don't know: more than {ceiling:.0%} ({item.item})", items=where),
        _need("majority", majority(item.summary.support, settings), f"all parents – support is surely above {half:.0%} ({item.item})",
              f"all parents – support is not surely above {half:.0%} ({item.item})", items=where),
    ]  # fmt: skip


def _of_target(case: Case[Key], who: Key) -> list[Because[Key]]:
    settings, name, them = case.settings, case.name(who), (who,)
    few = [item.item for item in case.items if item.summary.groups[who].base < settings.name_base]
    sure = [item for item in case.items if majority(item.summary.groups[who].support, settings)]
    measured = bool(case.items) and not few
    tests = [
        _need("target_measured", measured, f"{name} – measured", f"{name} – not measured by at least {settings.name_base} people",
              items=tuple(few), groups=them),
        _need("target_heard", case.heard.get(who, Heard()).sessions > 0, f"{name} – heard in talk", f"{name} – heard in no session",
              groups=them),
    ]  # fmt: skip
    if measured:
        held = len(sure) == len(case.items)
        half = f"{settings.majority:.0%}"
        tests.append(_need("target_majority", held, f"{name} – support is surely above {half} for every item",
                           f"{name} – support is not surely above {half} for every item", groups=them))  # fmt: skip
    return tests


def _declared_groups(case: Case[Key]) -> list[Because[Key]]:
    """No declared group may surely fall short of a majority, and one with a base under the threshold is unknown, which blocks too."""
    settings = case.settings
    groups = [*(target.who for target in case.targets), *case.others]
    tests: list[Because[Key]] = []
    for item in case.items:
        figures = [(group, item.summary.groups[group]) for group in groups]
        for group in (group for group, found in figures if found.base < THRESHOLD):
            text = f"{case.name(group)} – unknown, because fewer than {THRESHOLD} people were asked ({item.item})"
            tests.append(
                Because("supported_with_conditions", "group_unknown", held=False, text=text, items=(item.item,), groups=(group,))
            )
        short = [
            group for group, found in figures
            if found.base >= THRESHOLD and found.support is not None and found.support.below(settings.majority) < settings.alpha
        ]  # fmt: skip
        for group in short:
            nameable = item.summary.groups[group].base >= settings.name_base
            who = case.name(group) if nameable else "a group too small to be named"
            text = f"{who} – support is surely below {settings.majority:.0%} ({item.item})"
            named = (group,) if nameable else ()
            tests.append(
                Because("supported_with_conditions", "group_short", held=False, text=text, items=(item.item,), groups=named)
            )
        if not short:
            text = f"no declared group surely falls below {settings.majority:.0%} ({item.item})"
            tests.append(Because("supported_with_conditions", "group_short", held=True, text=text, items=(item.item,)))
    return tests


def _need(
    test: str, held: bool, so: str, not_so: str, *, items: tuple[str, ...] = (), groups: tuple[Key, ...] = ()
) -> Because[Key]:
    return Because("supported_with_conditions", test, held, so if held else not_so, items, groups)
