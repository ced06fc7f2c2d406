"""Names that people can read, for questions and options that a platform knows only by an id that a machine made."""

import re
import unicodedata

LONGEST = 40
_UUID = r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}"
_ULID = r"(?=[A-Z]*[0-9])[0-9A-HJKMNP-TV-Z]{26}"
_CUID = r"(?=[a-z]*[0-9])[a-z0-9]{24,25}"
_SHORT = r"(?=[A-Za-z]*[0-9])(?=[a-z0-9]*[A-Z])(?=[A-Z0-9]*[a-z])[A-Za-z0-9]{10,24}"
_MADE_BY_A_MACHINE = re.compile(rf"{_UUID}|{_ULID}|{_CUID}|{_SHORT}|")


def spoken(id: str, words: str) -> str:
    """The id itself where somebody chose it, else the first of the words, such as `do_you_agree`; the id where words give no letters."""
    return id if not _MADE_BY_A_MACHINE.fullmatch(id) else slug(words) or id


def slug(words: str) -> str:
    """Words in lower case without accents, joined by underscores; whole ones as far as they fit."""
    plain = unicodedata.normalize("NFKD", words[:1000]).encode("ascii", errors="ignore").decode().lower()
    found = ""
    for word in re.findall(r"[a-z0-9]+", re.sub(r"['’]", "", plain)):
        longer = f"{found}_{word}" if found else word[:LONGEST]
        if len(longer) > LONGEST:
            break
        found = longer
    return found
