"""What withdrawing does and does not do, in sentences: the dates are those of the receipt that a steward would get for it."""

from collections.abc import Mapping
from datetime import date, datetime

from assent_survey.api.parents_schemas import WithdrawalMeans
from assent_survey.api.shapes import receipt_out
from assent_survey.domain.page_words import ENGLISH, WordName
from assent_survey.settings import SurveySettings
from assent_survey.store.tables import Withdrawal

Sentence = tuple[WordName, dict[str, str]]
"""A sentence of the page, and what fills its places."""

DOES: tuple[WordName, ...] = ("deleted_now", "deleted_everywhere", "later_answers")
DOES_NOT: tuple[WordName, ...] = ("figures_stay", "backups", "platform_copy", "cannot_undo")
CONFIRMED: tuple[WordName, ...] = ("withdrawn_now", "deleted_everywhere", "backups", "figures_stay", "platform_copy")


def limits(at: datetime, settings: SurveySettings) -> tuple[date, date]:
    """By when a withdrawal at this moment has reached everything that it reaches, and until when copies out of reach are kept."""
    receipt = receipt_out(Withdrawal(id="", study="", at=at, removed={}), settings)
    return max(each.by for each in receipt.reaches).date(), max(each.by for each in receipt.beyond_reach).date()


def sentences(names: tuple[WordName, ...], at: datetime, settings: SurveySettings, language: str) -> list[Sentence]:
    """These sentences with their dates."""
    done, copies = limits(at, settings)
    places: Mapping[WordName, dict[str, str]] = {
        "deleted_everywhere": {"date": day_in_words(done, language)},
        "backups": {"date": day_in_words(copies, language)},
    }
    return [(name, places.get(name, {})) for name in names]


def in_english(told: list[Sentence]) -> list[str]:
    """Sentences as JSON carries them."""
    return [ENGLISH[name].format(**places) for name, places in told]


def withdrawal_means(at: datetime, settings: SurveySettings) -> WithdrawalMeans:
    """What a withdrawal at this moment would do."""
    done, copies = limits(at, settings)
    does, does_not = (in_english(sentences(names, at, settings, "en")) for names in (DOES, DOES_NOT))
    return WithdrawalMeans(done_by=done, copies_until=copies, does=does, does_not=does_not)


def day_in_words(day: date, language: str) -> str:
    """A day as people write it in English, and by its numbers in every other language."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}" if language.partition("-")[0] == "en" else day.isoformat()


_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
