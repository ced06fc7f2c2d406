"""The languages of a file: their BCP 47 tags out of whatever a format calls them, and which one is the main one.

Texts come as `{the file's name of a language: words}`. The empty name stands for words whose language the file does not say.
"""

import re
from collections.abc import Iterable, Mapping

from assent_survey.domain.draft import UnreadableInstrument

Texts = Mapping[str, str]

_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_IN_BRACKETS = re.compile(r"[\[(]\s*([A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*)\s*[\])]")
_PRIVATE = "qaa", "qab", "qac", "qad", "qae", "qaf", "qag", "qah", "qai", "qaj", "qak", "qal", "qam", "qan", "qao", "qap"
_CALLED = {
    "am": "amharic", "ar": "arabic|العربية", "bn": "bengali|bangla", "cs": "czech|čeština", "cy": "welsh|cymraeg", "da": "danish|dansk",
    "de": "german|deutsch", "el": "greek", "en": "english|eng|anglais|ingles|inglés", "es": "spanish|español|espanol|castellano",
    "et": "estonian", "fa": "farsi|persian|dari", "fi": "finnish|suomi", "fr": "french|français|francais|frances", "ga": "irish|gaeilge",
    "gd": "gaelic", "ha": "hausa", "hi": "hindi", "ht": "haitian creole|kreyol|creole", "hu": "hungarian", "id": "indonesian|bahasa",
    "it": "italian|italiano", "ja": "japanese", "km": "khmer", "ko": "korean", "ku": "kurdish", "lo": "lao", "lt": "lithuanian",
    "lv": "latvian", "my": "burmese|myanmar", "ne": "nepali", "nl": "dutch|nederlands", "no": "norwegian|norsk", "pa": "punjabi|panjabi",
    "pl": "polish|polski", "ps": "pashto", "pt": "portuguese|português|portugues", "ro": "romanian|română", "ru": "russian|русский",
    "rw": "kinyarwanda", "so": "somali", "sq": "albanian", "sr": "serbian", "sv": "swedish|svenska", "sw": "swahili|kiswahili",
    "ta": "tamil", "th": "thai", "ti": "tigrinya", "tl": "tagalog|filipino", "tr": "turkish|türkçe", "uk": "ukrainian|українська",
    "ur": "urdu", "uz": "uzbek", "vi": "vietnamese", "zh": "chinese|中文",
    "zh-Hans": "zh-s|simplified chinese|chinese (simplified)|简体中文",
    "zh-Hant": "zh-t|traditional chinese|chinese (traditional)|繁體中文",
}  # fmt: skip
_TAG_OF_NAME = {name: tag for tag, names in _CALLED.items() for name in names.split("|")}


def tag_of(theirs: str) -> str | None:
    """The tag of a language as a format calls it: `EN`, `pt_br`, `Français (fr)` or `French`; None where it cannot be told."""
    name = theirs.strip()
    in_brackets = _IN_BRACKETS.search(name)
    written = (in_brackets[1] if in_brackets else name).replace("_", "-")
    known = _TAG_OF_NAME.get(name.casefold())
    if known is not None:
        return known
    if not _TAG.fullmatch(written):
        return None
    language, *parts = written.split("-")
    return "-".join([language.lower(), *map(_part, parts)])


def _part(written: str) -> str:
    """A country in capitals, a script with one, all else in small letters."""
    return written.upper() if len(written) == 2 else written.title() if len(written) == 4 and written.isalpha() else written.lower()


class Languages:
    """`main` is the file's name of the language that wordings are taken from, `tag` its tag; both may be unknown.

    `wanted` chooses another than the file's own main one, `default`. Raises UnreadableInstrument where the file does not have it.
    """

    def __init__(self, theirs: Iterable[str], *, default: str = "", wanted: str | None = None) -> None:
        self._tags: dict[str, str] = {}
        self.unknown: dict[str, str] = {}
        for name in dict.fromkeys((default, *theirs)):
            if name:
                self._tags[name] = self._tag(name)
        self.main = default if wanted is None else self._named(wanted, default)
        self.tag = self._tags.get(self.main) or (tag_of(wanted) if wanted else None)

    def main_words(self, texts: Texts) -> str:
        """The words in the main language, or in whichever comes first where it has none."""
        return next((words for words in (texts.get(self.main), texts.get(""), *texts.values()) if words), "")

    def translations(self, texts: Texts) -> dict[str, str]:
        """The words in the other languages, by their tags."""
        others = {self._tags[name]: words for name, words in texts.items() if name != self.main and name in self._tags and words}
        others.pop(self.tag or "", None)
        return others

    def worded(self, *parts: Texts) -> tuple[str, dict[str, str]]:
        """The words of texts that are read one after the other, in the main language and in every other that one of them is in.

        What is not translated stays in the main language, so that no wording loses its half. Nothing is said twice.
        """
        main = [self.main_words(each) for each in parts]
        others = [self.translations(each) for each in parts]
        tags = dict.fromkeys(tag for each in others for tag in each)
        return _lines(main), {tag: _lines([said.get(tag) or own for said, own in zip(others, main, strict=True)]) for tag in tags}

    def _tag(self, name: str) -> str:
        """A tag that no other language of the file has; a private one for a language that has none."""
        found = tag_of(name)
        taken = set(self._tags.values())
        if found is not None and found not in taken:
            return found
        private = next((each for each in _PRIVATE if each not in taken), _PRIVATE[-1])
        self.unknown[name] = private
        return private

    def _named(self, wanted: str, default: str) -> str:
        sought = (tag_of(wanted) or wanted).lower()
        for agrees in (str.__eq__, str.startswith):
            for name, tag in self._tags.items():
                if name == wanted or agrees(tag.lower(), sought):
                    return name
        if not default:
            return ""
        raise UnreadableInstrument(f"the file is not in {wanted}; it is in {', '.join(sorted(self._tags.values()))}")


def _lines(words: Iterable[str]) -> str:
    return "\n".join(dict.fromkeys(each for each in words if each))
