"""Whether a stretch of talk may be handed out for a use: everybody who speaks in it must agree to that use.

The team's own words (a moderator's question) need nobody's consent. Talk that is not bound to a participant is nobody's yet, so nobody
can have agreed.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from assent_contracts.stances import ConsentUse
from assent_qual.domain.consent import Consent
from assent_qual.domain.spans import SpokenTurn

Reason = Literal["not_found", "speaker_unknown", "no_consent"]
"""Why talk is withheld: there is no such excerpt (or no more); somebody in it is not bound to a participant; somebody does not agree."""


def withheld(turns: Sequence[SpokenTurn], consents: Mapping[str, Consent], use: ConsentUse) -> Reason | None:
    """Why these turns may not be put to the use, or None when they may. `consents` are by participant."""
    if not turns or any(turn.voice not in ("participant", "researcher") for turn in turns):
        return "speaker_unknown"
    speaking = [turn.participant for turn in turns if turn.voice == "participant"]
    if all(who is not None and consents.get(who, Consent()).allows(use) for who in speaking):
        return None
    return "no_consent"
