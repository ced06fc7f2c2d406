"""Options that are no answer by convention: their code is one that surveys keep for it, such as -99, and their words agree.

Neither is enough alone: 9 may be the ninth option, and `unknown` an opinion. Only `not applicable` and `not in universe` say themselves
what they are.
"""

import re

from assent_survey.instruments.missing_options import missing_kind
from assent_survey.instruments.plain_text import plain_line

_KEPT_FOR_IT = re.compile(r"-\d{1,4}|[789]|6{2,9}|7{2,9}|8{2,9}|9{1,9}\d", re.ASCII)
_MISSING = re.compile(r"(system |user )?missing( (data|value|values|response))?", re.IGNORECASE)
_NOT_APPLICABLE = re.compile(
    r"(this )?(is )?not applicable( to me)?|n ?/ ?a|n\.a\.|does(n['’]t| not) apply( to me)?|nicht zutreffend|non applicable|no aplica"
    r"|não se aplica|niet van toepassing|non applicabile|nie dotyczy|niu( \(not in universe\))?|not in universe( \(niu\))?",
    re.IGNORECASE,
)


def is_no_answer(code: str, label: str) -> bool:
    """Whether an option with this code and these words is no answer to its question."""
    words = plain_line(label)
    if _NOT_APPLICABLE.fullmatch(words.rstrip(" .!")):
        return True
    said = missing_kind(words, declared=True) is not None or _MISSING.fullmatch(words) is not None
    return said and _KEPT_FOR_IT.fullmatch(code.strip()) is not None
