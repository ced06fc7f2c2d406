"""The options of one question, sorted: what can be answered, in order, and what is no answer, by why; with our codes and their names."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from assent_contracts.stances import MissingAnswer
from assent_survey.domain.draft import clipped, codes_of
from assent_survey.domain.instrument import MissingCodes, ScaleOption
from assent_survey.instruments.missing_options import missing_kind
from assent_survey.instruments.plain_text import plain_line

LONGEST_LABEL = 500
LONGEST_NAME = 1000
_NAMED = 3
_SHOWN = 60
UNEXPLAINED: MissingAnswer = "refused"
"""What a missing answer is where the format does not say why: the same as a question that was shown and left empty."""

Lose = Callable[[str, str | None], None]


@dataclass(frozen=True, slots=True)
class Option:
    """An option as the file has it. `names` are all that the platform may call it in an answer, also nothing, where an answer left empty
    stands for it; without them it is the code.

    `labels` are other languages'. `missing` is what the format itself declares: that choosing it is no answer.
    """

    code: str
    label: str
    names: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    missing: bool = False


class SortedOptions:
    """Options of which no two have the same code. `codes` is ours by each of theirs. Of a number only the missing ones are kept."""

    def __init__(self, options: Sequence[Option], lose: Lose, *, number: bool = False) -> None:
        self._lose = lose
        self._options = options
        self._ours = codes_of(each.code for each in self._options)
        self._missing: dict[MissingAnswer, str] = {}
        self._labels: dict[str, str] = {}
        self._kept: dict[str, Option] = {}
        self._unheard = 0
        self.codes: dict[str, str] = {}
        out = dict(self._no_answers())
        self._explained = {each.code for each in self._options if each.code in out and _why(each) is not None}
        for option in sorted(
            (each for each in self._options if each.code in out), key=lambda each: each.code not in self._explained
        ):
            self._take_out(option, out[option.code])
        substantive = [each for each in self._options if each.code not in out]
        if number and substantive:
            some = ", ".join(
                f"{self._ours[each.code]} ({clipped(plain_line(each.label), _SHOWN)})" for each in substantive[:_NAMED]
            )
            more = f" and {len(substantive) - _NAMED} more" if len(substantive) > _NAMED else ""
            lose(f"what single numbers stand for: {some}{more}", "the numbers themselves")
        for option in () if number else substantive:
            self._keep(option, self._ours[option.code])
        if self._unheard:
            lose(f"names that answers may have, but that are empty, too long or another option's: {self._unheard}", None)

    @property
    def scale(self) -> tuple[ScaleOption, ...]:
        """What can be answered, in order."""
        missing = set(self._missing.values())
        return tuple(ScaleOption(option=code, label=label) for code, label in self._labels.items() if code not in missing)

    @property
    def missing(self) -> MissingCodes:
        """The codes of what is no answer."""
        return MissingCodes(**{str(kind): code for kind, code in self._missing.items()})

    @property
    def languages(self) -> Iterator[str]:
        """Every other language that an option is worded in."""
        return (language for each in self._kept.values() for language in each.labels)

    def labels(self, language: str) -> dict[str, str]:
        """The labels in a language by our codes, where there are any."""
        said = {code: clipped(plain_line(each.labels.get(language, "")), LONGEST_LABEL) for code, each in self._kept.items()}
        return {code: label for code, label in said.items() if label}

    def ours(self, theirs: Iterable[str]) -> tuple[str, ...]:
        """Our codes of options of the file, those of the scale."""
        wanted = {self._ours.get(each) for each in theirs}
        return tuple(each.option for each in self.scale if each.option in wanted)

    def _no_answers(self) -> Iterator[tuple[str, MissingAnswer]]:
        """Which options are no answer, by code, and why.

        What only its words tell stays in the scale where fewer than two answers would remain: of `Given` and `Refused` both are.
        """
        told: dict[str, MissingAnswer] = {}
        remaining = 0
        for option in self._options:
            found = _why(option)
            if option.missing:
                yield option.code, found or UNEXPLAINED
            elif found is not None:
                told[option.code] = found
            else:
                remaining += 1
        if remaining >= 2:
            yield from told.items()

    def _take_out(self, option: Option, why: MissingAnswer) -> None:
        code = self._missing.setdefault(why, self._ours[option.code])
        unexplained = "" if option.code in self._explained else ", and why is not said"
        named = f"{self._ours[option.code]!r}, {clipped(plain_line(option.label) or option.code, _SHOWN)!r},"
        self._lose(f"the option {named} is no answer{unexplained}", f"the missing code {code!r}: {why.replace('_', ' ')}")
        self._keep(option, code)

    def _keep(self, option: Option, code: str) -> None:
        label = plain_line(option.label)
        if len(label) > LONGEST_LABEL:
            self._lose(f"a label of {len(label)} characters", f"its first {LONGEST_LABEL}")
        self._labels.setdefault(code, clipped(label or plain_line(option.code), LONGEST_LABEL) or code)
        self._kept.setdefault(code, option)
        for name in option.names or (option.code,):
            if (not name and not option.names) or len(name) > LONGEST_NAME or self.codes.setdefault(name, code) != code:
                self._unheard += 1


def _why(option: Option) -> MissingAnswer | None:
    """What the words of an option say that it stands for, if it is no answer."""
    return missing_kind(plain_line(option.label), declared=option.missing)
