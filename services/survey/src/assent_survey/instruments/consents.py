"""Which of a form's terms to accept are the consent to take part, without which no answer is used.

Not here: what an answer to them means (domain.coding, which asks for all of them).
"""

from collections.abc import Iterable


def consents(terms: Iterable[tuple[str, bool]]) -> frozenset[str]:
    """The names of those that ask for consent. `terms` are names, and whether each may be left unaccepted, in the form's order.

    What may be left unaccepted, such as being written to again, is no condition of taking part. Where a form has nothing else its
    first terms are: to leave an answer out is better than to use one without consent.
    """
    listed = list(terms)
    return frozenset([name for name, optional in listed if not optional] or [name for name, _ in listed[:1]])
