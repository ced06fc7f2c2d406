"""What a plan of vignettes keeps to, as far as its own words tell. What only its combinations tell is in candidates."""

from collections import Counter
from collections.abc import Iterable, Iterator
from string import Formatter

from pydantic import ValidationError

from assent_contracts.practice import Practice
from assent_survey.domain.faults import Fault
from assent_survey.domain.instrument import instrument_faults
from assent_survey.domain.vignettes.items import vignette_items
from assent_survey.domain.vignettes.plan import MOST_VIGNETTES, Factor, VignettePlan


def plan_faults(plan: VignettePlan) -> list[Fault]:
    """Every rule that the plan breaks; empty when a design can be looked for."""
    faults = [*_name_faults(plan), *_language_faults(plan), *_text_faults(plan), *_practice_faults(plan)]
    faults += [*_exclusion_faults(plan), *_interaction_faults(plan)]
    if plan.vignettes > MOST_VIGNETTES:
        faults.append(Fault("/decks", f"all decks together have at most {MOST_VIGNETTES} vignettes"))
    return faults or list(_rating_faults(plan))  # items are made of all the rest


def _name_faults(plan: VignettePlan) -> Iterator[Fault]:
    yield from _repeats((f"/factors/{n}/name", f.name) for n, f in enumerate(plan.factors))
    for number, factor in enumerate(plan.factors):
        yield from _repeats((f"/factors/{number}/levels/{n}/level", code) for n, code in enumerate(factor.codes))


def _language_faults(plan: VignettePlan) -> Iterator[Fault]:
    if plan.language not in plan.text:
        yield Fault("/language", "the text does not exist in it")
    said = [(f"/factors/{n}/label", factor.label) for n, factor in enumerate(plan.factors)]
    for number, factor in enumerate(plan.factors):
        said += [(f"/factors/{number}/levels/{n}/wording", level.wording) for n, level in enumerate(factor.levels)]
    for pointer, by_language in said:
        for language in plan.text.keys() - by_language.keys():
            yield Fault(pointer, f"it is not said in {language!r}, and the text is")
        for language in by_language.keys() - plan.text.keys():
            yield Fault(f"{pointer}/{language}", "the text does not exist in this language")


def _text_faults(plan: VignettePlan) -> Iterator[Fault]:
    names = {factor.name for factor in plan.factors}
    for language, text in plan.text.items():
        at = f"/text/{language}"
        try:
            parts = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
        except ValueError:
            yield Fault(at, "a brace is open or closed alone; write {{ and }} for braces in the text")
            continue
        used = {name for name, spec, conversion in parts if not spec and conversion is None}
        for name, _, _ in parts:
            if name not in names or name not in used:
                yield Fault(at, "only the names of factors stand in braces, such as {recipient}")
                break
        for name in sorted(names - used):
            yield Fault(at, f"the factor {name!r} is never said: put {{{name}}} where its wording belongs")


def _practice_faults(plan: VignettePlan) -> Iterator[Fault]:
    taken = {slot for slot, value in plan.practice.model_dump().items() if value is not None and not isinstance(value, tuple)}
    for number, factor in enumerate(plan.factors):
        at = f"/factors/{number}"
        if factor.slot is None:
            yield from (
                Fault(f"{at}/levels/{n}/terms", "say which slot they fill") for n, lv in enumerate(factor.levels) if lv.terms
            )
            continue
        if factor.slot in taken:
            yield Fault(f"{at}/slot", f"the slot {factor.slot!r} holds one term and is taken already")
        many = isinstance(Practice().model_dump()[factor.slot], tuple)
        if not many:
            taken.add(factor.slot)
        yield from _term_faults(at, factor, many=many)


def _term_faults(at: str, factor: Factor, *, many: bool) -> Iterator[Fault]:
    said: set[frozenset[str]] = set()
    for number, level in enumerate(factor.levels):
        pointer = f"{at}/levels/{number}/terms"
        if frozenset(level.terms) in said:
            yield Fault(pointer, "another level says the same of the practice; a factor of wording alone has no slot")
        said.add(frozenset(level.terms))
        if not many and len(level.terms) > 1:
            yield Fault(pointer, f"the slot {factor.slot!r} holds one term")
            continue
        try:
            Practice.model_validate({factor.slot: level.terms if many else next(iter(level.terms), None)})
        except ValidationError:
            yield Fault(pointer, f"the slot {factor.slot!r} does not know this term")


def _exclusion_faults(plan: VignettePlan) -> Iterator[Fault]:
    codes = {factor.name: factor.codes for factor in plan.factors}
    for number, excluded in enumerate(plan.excluded):
        for name, levels in excluded.items():
            at = f"/excluded/{number}/{name}"
            if name not in codes:
                yield Fault(at, f"there is no factor {name!r}")
                continue
            for place, level in enumerate(levels):
                if level not in codes[name]:
                    yield Fault(f"{at}/{place}", f"{name!r} has no level {level!r}")


def _interaction_faults(plan: VignettePlan) -> Iterator[Fault]:
    names = {factor.name for factor in plan.factors}
    seen: set[frozenset[str]] = set()
    for number, pair in enumerate(plan.interactions):
        at = f"/interactions/{number}"
        for place, name in enumerate(pair):
            if name not in names:
                yield Fault(f"{at}/{place}", f"there is no factor {name!r}")
        if pair[0] == pair[1]:
            yield Fault(at, "a factor does not interact with itself")
        elif frozenset(pair) in seen:
            yield Fault(at, "this interaction is there already")
        seen.add(frozenset(pair))


def _rating_faults(plan: VignettePlan) -> Iterator[Fault]:
    if plan.rating.kind not in ("number", "single"):
        yield Fault("/rating/kind", "a judgement is a number or one option of a scale")
    if plan.rating.role != "attitude":
        yield Fault("/rating/role", "a judgement is an attitude")
    if plan.rating.practice.stated():
        yield Fault("/rating/practice", "what is judged differs by vignette: the practice belongs to the factors")
    if plan.rating.name in {factor.name for factor in plan.factors}:
        yield Fault("/rating/name", "a factor has this name")
    elif len(plan.rating.name) > 40:
        yield Fault("/rating/name", "it has at most 40 letters, because a prefix and a number are put before it")
    else:
        judgements = [item for item in vignette_items(plan) if item.name.endswith(f"_{plan.rating.name}")]
        for fault in instrument_faults(judgements[:1]):
            yield Fault(fault.pointer.replace("/items/0", "/rating", 1), fault.message)


def _repeats(named: Iterable[tuple[str, str]]) -> Iterator[Fault]:
    seen: Counter[str] = Counter()
    for pointer, name in named:
        if seen[name]:
            yield Fault(pointer, f"{name!r} is there already")
        seen[name] += 1
