"""Options that are no answer by convention: their code is one that surveys keep for it, such as -99, and their words agree.

Neither is enough alone: 9 may be the ninth option, and `unknown` an opinion. Only `not applicable` says itself what it is.
"""

import re

from assent_survey.instruments.missing_options import missing_kind
from assent_survey.instruments.plain_text import plain_line

_KEPT_FOR_IT = re.compile(r"-\d{1,4}|[789]|66|77|88|9\d|666|777|888|99\d|7777|8888|999\d", re.ASCII)
_NOT_APPLICABLE = re.compile(
    r"(this )?(is )?not applicable( to me)?|n ?/ ?a|n\.a\.|does(n['’]t| not) apply( to me)?|nicht zutreffend|non applicable|no aplica"
    r"|não se aplica|niet van toepassing|non applicabile|nie dotyczy",
    re.IGNORECASE,
)


def is_no_answer(code: str, label: str) -> bool:
    """Whether an option with this code and these words is no answer to its question."""
    words = plain_line(label)
    by_convention = _KEPT_FOR_IT.fullmatch(code.strip()) is not None and missing_kind(words, declared=True) is not None
    return by_convention or _NOT_APPLICABLE.fullmatch(words.rstrip(" .!")) is not None
