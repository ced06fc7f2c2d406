"""What is wrong with something that somebody sent, and where: a JSON pointer and a sentence each."""

from typing import NamedTuple


class Fault(NamedTuple):
    """One thing to mend. `pointer` leads to it inside the request's body."""

    pointer: str
    message: str
