"""The sentences of the parents' page that are not the study's own, in plain English. A study may give them in its parents' languages.

A sentence may have places such as `{date}` that are filled in when it is shown; a translation must have the same ones.
"""

import string
from collections.abc import Iterator, Mapping
from typing import Literal, get_args

from assent_survey.domain.faults import Fault

WordName = Literal[
    "about_this_page",
    "about_the_study",
    "answered_with_consent",
    "answered_without_consent",
    "backups",
    "also_held",
    "cannot_undo",
    "contacts",
    "deleted_everywhere",
    "deleted_now",
    "dont_know",
    "earlier_answers",
    "figures_stay",
    "go_back",
    "help",
    "in_other_languages",
    "later_answers",
    "messages_held",
    "no_answer",
    "no_sheet",
    "nothing_held",
    "platform_copy",
    "received_on",
    "sheet_version",
    "test_address",
    "unfinished",
    "what_we_hold",
    "withdraw",
    "withdraw_any_time",
    "withdraw_sure",
    "withdrawn",
    "withdrawn_now",
    "yes_delete",
]

ENGLISH: dict[WordName, str] = {
    "about_this_page": "This page is only for whoever has its address. Anyone who has the address can open it, so keep it to yourself.",
    "about_the_study": "About the study",
    "answered_with_consent": "You agreed to take part.",
    "answered_without_consent": "You have not agreed to take part, so these answers are not used.",
    "backups": "Security copies of our systems are kept for a while. Your answers are in them until {date} at the latest. "
    "Nobody uses these copies for the study.",
    "also_held": "Also held, to calculate the results",
    "cannot_undo": "We cannot bring your answers back afterwards.",
    "contacts": "Whom to ask",
    "deleted_everywhere": "By {date} at the latest they are also gone from everything that was worked out from them, "
    "except figures that were published before.",
    "deleted_now": "Your answers are deleted from our records at once.",
    "dont_know": "Don't know",
    "earlier_answers": "Earlier states of these answers are kept too ({count}).",
    "figures_stay": "Figures that were published before stay as they are. They are about ten or more people together, "
    "never about you alone.",
    "go_back": "Go back without withdrawing",
    "help": "Help and support for parents",
    "in_other_languages": "This page in other languages",
    "later_answers": "If more of your answers reach us later, they are thrown away.",
    "messages_held": "We also keep, unchanged, the messages in which the survey sent us your answers ({count}).",
    "no_answer": "No answer",
    "no_sheet": "The research team has not put its information here yet.",
    "nothing_held": "No answers of yours have reached us. You can withdraw all the same: answers that reach us later are then thrown away.",
    "platform_copy": "The website or service in which you answered may hold a copy of its own. The research team can have it "
    "deleted there: ask them.",
    "received_on": "Received on {date}",
    "sheet_version": "Version {version}",
    "test_address": "This address is for trying out the survey. What is answered under it is not used.",
    "unfinished": "You have not finished the questions.",
    "what_we_hold": "What we hold about you",
    "withdraw": "Withdraw from the study",
    "withdraw_any_time": "You can withdraw at any time. You need not give a reason.",
    "withdraw_sure": "Do you want to withdraw?",
    "withdrawn": "You have withdrawn",
    "withdrawn_now": "Your answers have been deleted. You need not do anything else.",
    "yes_delete": "Yes, withdraw and delete my answers",
}

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "ks", "ps", "sd", "ug", "ur", "yi"})

assert set(ENGLISH) == set(get_args(WordName))


def word_faults(at: str, words: Mapping[WordName, str]) -> Iterator[Fault]:
    """Translated sentences whose places are not those of the English ones."""
    for name, sentence in words.items():
        wanted = _places(ENGLISH[name])
        try:
            found = _places(sentence)
        except ValueError:
            yield Fault(f"{at}/{name}", "braces hold the name of a place and nothing else")
            continue
        if found != wanted:
            places = ", ".join(f"{{{each}}}" for each in sorted(wanted)) or "no braces"
            yield Fault(f"{at}/{name}", f"it must have {places}")


def direction(language: str) -> Literal["ltr", "rtl"]:
    """Which way a language is written."""
    return "rtl" if language.lower().partition("-")[0] in _RIGHT_TO_LEFT else "ltr"


def _places(sentence: str) -> set[str]:
    """The places of a sentence. Raises ValueError for braces that are no plain place."""
    found = set()
    for _, place, form, conversion in string.Formatter().parse(sentence):
        if form or conversion:
            raise ValueError("a place is a name in braces and nothing else")
        if place is not None:
            found.add(place)
    return found
