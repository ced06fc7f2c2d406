"""What values a variable of a DDI codebook can have, and so what kind of item it is."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from assent_contracts.events.survey import ItemKind
from assent_survey.domain.draft import clipped
from assent_survey.instruments.conventional_codes import is_no_answer
from assent_survey.instruments.json_shape import number
from assent_survey.instruments.languages import Languages
from assent_survey.instruments.plain_text import plain_line
from assent_survey.instruments.sorted_options import Option
from assent_survey.instruments.xml_words import by_language, child, children, words_of

_WIDEST_SCALE = 20
_FEW_LABELS = 3
_MOST_INVALID = 1000
_LONGEST_WORDS = 300
_CODE_AND_WORDS = re.compile(r"(-?\d+)[\s=:.)-]+([^\W\d][^\d;]*[^\s\d;,-])")
_IN_WORDS = {"valrng": "which values are valid", "invalrng": "which values are invalid"}


class Categories:
    """`options` are the categories, those of what is missing among them; `low` and `high` the valid range."""

    def __init__(self, variable: Element, languages: Languages) -> None:
        self._variable = variable
        self._languages = languages
        self.losses: list[str] = []
        self._invalid, self._invalid_ranges = self._declared_invalid()
        self.low, self.high = self._valid_range()
        self._tell_of_words()
        self.options: list[Option] = self._in_order(list(self._categories()))
        named = {each.code for each in self.options}
        said = self._said_of_invalid()
        unnamed = [code for code in self._invalid if code not in named]
        self.options += [Option(code, said.get(code, code), _names(code), missing=True) for code in unnamed]
        self.dated = self._format("category") in ("date", "time", "datetime", "calendar") or self._domain == "datetime"
        self.kind = self._kind()
        if self.kind == "single":
            self._fill_scale()
        if self.kind == "number":
            self.options = [each for each in self.options if each.missing or not _is_its_code(each)]

    def _tell_of_words(self) -> None:
        """What the codebook says of its values in words only."""
        for kind, what in _IN_WORDS.items():
            if said := self._in_words(kind):
                self.losses.append(f"{what}, in words: {clipped(said, _LONGEST_WORDS)}")

    def _in_words(self, kind: str) -> str:
        keys = (key for each in children(self._variable, kind) for key in children(each, "key", "notes"))
        return plain_line("; ".join(filter(None, map(words_of, keys))))

    def _said_of_invalid(self) -> dict[str, str]:
        """What each invalid value stands for, where words say it as the standard's own example does: `98 DK 99 Inappropriate`."""
        return {_plain(code): label for code, label in _CODE_AND_WORDS.findall(self._in_words("invalrng"))}

    @property
    def _domain(self) -> str:
        question = child(self._variable, "qstn")
        return "" if question is None else question.get("responseDomainType", "").lower()

    def _format(self, what: str) -> str:
        found = child(self._variable, "varFormat")
        return "" if found is None else found.get(what, "").lower()

    def _kind(self) -> ItemKind:
        """A choice where the question is one, or categories are labelled and not only some of many numbers: `97 or more` of an age."""
        substantive = [each for each in self.options if not each.missing]
        labelled = [each for each in substantive if each.label != each.code and not _is_its_code(each)]
        character, numbers = self._format("type") == "character", self._all_numbers(substantive)
        if self.dated:
            return "text"
        if substantive and self._domain in ("category", "multiple"):
            return "single"
        if labelled and not (numbers and self._sparse(len(labelled), len(substantive))):
            return "single"
        if character or not numbers:
            return "single" if 0 < len(substantive) <= _WIDEST_SCALE else "text"
        measured = self._format("type") == "numeric" or self._domain == "numeric" or self._continuous
        counted = child(self._variable, "sumStat") is not None or self.low is not None or self.high is not None
        return "number" if measured or counted or substantive else "text"

    @property
    def _continuous(self) -> bool:
        return self._variable.get("intrvl", "").lower().startswith("contin")

    def _sparse(self, labelled: int, categories: int) -> bool:
        """Whether a few labels are put on some of many numbers. A continuous variable is a choice only if every value has a category."""
        span = _span(self.low, self.high) or _span(*(number(self._observed(end)) for end in ("min", "max")))
        if self._continuous:
            return span is None or span > categories
        single = categories == 1 and span is None and self._variable.get("intrvl") is None and self._format("type") == "numeric"
        return single or (span is not None and span > _WIDEST_SCALE and labelled <= _FEW_LABELS)

    def _observed(self, end: str) -> str:
        return next((words_of(each) for each in children(self._variable, "sumStat") if each.get("type") == end), "")

    def _fill_scale(self) -> None:
        """The steps of a short scale of which only the ends, or also the middle, are described."""
        span, substantive = _span(self.low, self.high), [each for each in self.options if not each.missing]
        if self.low is None or self.high is None or span is None or span > _WIDEST_SCALE:
            return
        described = {number(each.code) for each in substantive}
        ends = {self.low, self.high}
        if not ends <= described <= ends | {(self.low + self.high) / 2}:
            return
        known = {number(each.code) for each in self.options}
        steps = (str(int(self.low) + step) for step in range(span))
        added = [Option(step, step, _names(step)) for step in steps if number(step) not in known]
        missing = [each for each in self.options if each.missing]
        self.options = sorted([*substantive, *added], key=lambda each: number(each.code) or 0.0) + missing

    def _in_order(self, options: list[Option]) -> list[Option]:
        """The options as the file has them, or by their numbers where it has them in no order, as repositories write them."""
        codes = [value for each in options if not each.missing and (value := number(each.code)) is not None]
        if len(codes) < sum(not each.missing for each in options) or codes in (sorted(codes), sorted(codes, reverse=True)):
            return options
        self.losses.append("the order of its categories in the file, where they stand in none: they are in that of their values")
        return sorted(options, key=lambda each: (each.missing, number(each.code) or 0.0))

    @staticmethod
    def _all_numbers(options: list[Option]) -> bool:
        return all(number(each.code) is not None for each in options)

    def _categories(self) -> Iterator[Option]:
        for category in children(self._variable, "catgry"):
            code = words_of(child(category, "catValu"))
            labels = by_language(children(category, "labl"), self._languages.main) or by_language(
                children(category, "txt"), self._languages.main
            )
            label = self._languages.main_words(labels)
            if not code and not label:
                continue
            if not code:
                self.losses.append("a category without a value")
                continue
            declared = category.get("missing", "").lower() in ("y", "yes", "true", "1") or self._is_invalid(code)
            yield Option(
                code=_plain(code),
                label=label or _plain(code),
                names=_names(code),
                labels=self._languages.translations(labels),
                missing=declared or is_no_answer(_plain(code), label),
            )

    def _is_invalid(self, code: str) -> bool:
        value = number(code)
        return _plain(code) in self._invalid or (
            value is not None and any(low <= value <= high for low, high in self._invalid_ranges)
        )

    def _declared_invalid(self) -> tuple[dict[str, None], list[tuple[float, float]]]:
        """Single values that are declared invalid, and ranges of them."""
        values: dict[str, None] = {}
        ranges: list[tuple[float, float]] = []
        for invalid in children(self._variable, "invalrng"):
            values |= dict.fromkeys(map(_plain, _items(invalid)))
            for low, high in map(_ends, children(invalid, "range")):
                ranges.append((float("-inf") if low is None else low, float("inf") if high is None else high))
                values |= dict.fromkeys(_steps(low, high))
        if any(not _steps(low, high) for low, high in ranges):
            self.losses.append("a range of values that are declared invalid: only the categories in it are taken out")
        if len(values) > _MOST_INVALID:
            self.losses.append("invalid values past the first thousand")
        return dict.fromkeys(list(values)[:_MOST_INVALID]), ranges

    def _valid_range(self) -> tuple[float | None, float | None]:
        """The least and the greatest of all valid ranges, and of the single values beside them; unbounded where a range is."""
        declared = list(children(self._variable, "valrng"))
        single = [value for each in declared for item in _items(each) if (value := number(item)) is not None]
        ends = [_ends(each) for valid in declared for each in children(valid, "range")] + [(value, value) for value in single]
        lows, highs = [low for low, _ in ends], [high for _, high in ends]
        low = None if not lows or None in lows else min(each for each in lows if each is not None)
        high = None if not highs or None in highs else max(each for each in highs if each is not None)
        return low, high


def _items(declared: Element) -> Iterator[str]:
    """Single values that are declared valid or invalid."""
    yield from (value for item in children(declared, "item") if (value := item.get("VALUE") or item.get("value")))


def _ends(range_: Element) -> tuple[float | None, float | None]:
    """The least and the greatest value of a range; an end that it excludes too, so that no answer beside it is refused."""
    low, high = (number(range_.get(end) or range_.get(f"{end}Exclusive")) for end in ("min", "max"))
    return low, high


def _steps(low: float | None, high: float | None) -> list[str]:
    """The whole numbers of a short range."""
    span = _span(low, high)
    return [] if low is None or span is None or not 0 < span <= _WIDEST_SCALE else [str(int(low) + step) for step in range(span)]


def _is_its_code(option: Option) -> bool:
    """Whether a label only says the number again: `1` of `01`."""
    said = number(option.label)
    return said is not None and said == number(option.code)


def _span(low: float | None, high: float | None) -> int | None:
    """How many whole numbers there are between two, both included."""
    return None if low is None or high is None or not low.is_integer() or not high.is_integer() else int(high - low) + 1


def _plain(code: str) -> str:
    """`1` of `1.0`, as a value reads when it comes as a number; other codes as they are."""
    value = number(code)
    return f"{value:.15g}" if value is not None and "." in code else code


def _names(code: str) -> tuple[str, ...]:
    """The code as it is written, and as it reads when the data have it as a number."""
    value = number(code)
    return tuple(dict.fromkeys((code, _plain(code), code if value is None else f"{value:.15g}")))
